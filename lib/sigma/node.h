/*
 * node - a YAML document as a tree that knows where everything stands.
 *
 * libyaml's events are made into nodes in an arena.  Plain scalars resolve as in YAML 1.1, where
 * 010 is 8, "yes" is true and 1e3 is text (yaml.org/type, as PyYAML reads it).
 */
#ifndef SIGMA_NODE_H
#define SIGMA_NODE_H

#include "base/buf.h"
#include "sigma/finding.h"

enum {
	NODE_FILE_MAX = 16 << 20, /* bytes */
	NODE_DEPTH = 64,          /* lists and maps that may be open at once */
	NODE_ALIASES = 100,       /* in a file */
	NODE_COUNT = 150000,      /* in a file, what an alias stands for counted again */
	NODE_DIGITS = 4096,       /* of a number */
};

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

enum node_type { TYPE_TEXT, TYPE_NULL, TYPE_BOOL, TYPE_INT, TYPE_FLOAT, TYPE_DATE };

struct node {
	enum node_kind kind;
	bool plain; /* a scalar without quotes, which may be more than text */
	bool open;  /* a container still being read: an alias to it would be a ring */
	int8_t
	    shift; /* columns from at to the first character of text; -1: text is not as written */
	struct place at;
	uint32_t size;       /* nodes in all, itself included */
	uint32_t count;      /* elements or members */
	struct slice text;   /* of a scalar: valid UTF-8 */
	struct slice source; /* of a scalar: the file from where it begins on */
	struct node_pair *first, *last;
};

struct node_pair {
	struct node *key; /* NULL in a list; in a map a scalar */
	struct node *value;
	struct node_pair *next;
};

/* The value of the member called key, or NULL. node_key gives the key's own node. */
struct node *node_get(const struct node *map, const char *key);
struct node *node_get_slice(const struct node *map, struct slice key);
struct node *node_key(const struct node *map, const char *key);

/* What a scalar is by the YAML 1.1 rules; quoted scalars are text. */
enum node_type node_type(const struct node *scalar);

/* The value of a TYPE_BOOL. */
bool node_bool(const struct node *scalar);

/*
 * node_number(scalar, out):
 * Append the value of a TYPE_INT in decimal with all its digits, or of a TYPE_FLOAT as the shortest
 * decimal text of that double.  Returns 0; -1 if it has too many digits or is no finite number.
 */
int node_number(const struct node *scalar, struct buf *out);

/*
 * The place of byte offset of a scalar's text, as far as the text can be found in the file, which
 * must still be there; else that of the scalar.
 */
struct place node_place(const struct node *scalar, size_t offset);

/* A file being read, document by document. */
struct documents;

/*
 * documents_open(arena, findings, text):
 * Read text, a whole file of at most NODE_FILE_MAX bytes, which must outlive the reading.
 */
struct documents *documents_open(struct arena *a, struct findings *f, struct slice text);

struct document {
	struct node *root; /* NULL for an empty document */
	bool cut;          /* reading ended within: an error has been reported */
	struct place end;  /* if cut: where */
};

/*
 * documents_next(r, doc):
 * Returns 1 for a document, 0 when there are no more.  What is wrong has been added to the findings:
 *   yaml-syntax yaml-utf8 yaml-nul yaml-control yaml-limit    end the file
 *   yaml-duplicate yaml-alias yaml-tag yaml-key               do not
 */
int documents_next(struct documents *r, struct document *doc);

/* How many nodes it has made, those that aliases stand for included. */
uint32_t documents_nodes(const struct documents *r);

/* Accepts NULL. */
void documents_free(struct documents *r);

#endif
