/*
 * appender - what the parts of append share: load.c, recover.c, seal.c and append.c.
 */
#ifndef LOG_APPENDER_H
#define LOG_APPENDER_H

#include "log/append.h"
#include "log/checkpoint.h"
#include "log/tile.h"

/* The last head in "checkpoints", as far as this process knows. */
struct recorded {
	struct buf last; /* empty: none */
	int64_t time;
};

struct append {
	const struct append_options *o;
	int tree, lock, log; /* log: -1 until loaded */
	struct buf head;     /* the present head's text; empty until loaded */
	int64_t time;        /* its signed time */
	struct frontier edge;
	uint64_t end;   /* log offset behind the last line of edge */
	uint64_t start; /* log size while locked: where the next write goes */
	bool made;      /* the log was made by us just now */
	bool adopting;  /* the residue is the log to be adopted */
	unsigned dirty; /* levels whose partial tile is not on disk as it is here, a bit each */
	uint64_t first_full[TILE_LEVELS]; /* first tile completed since the last head */
	bool any_full[TILE_LEVELS];
	struct buf hints;  /* records due */
	bool hints_anew;   /* hints holds all of the file */
	struct buf prefix; /* bytes to write before the batch: the rest of a line, a line */
	struct hash prefix_leaf[2];
	uint64_t prefix_end[2]; /* behind each of its prefix_lines, from its first byte */
	size_t prefix_lines;
	struct recorded recorded;
	struct append_residue residue;
	struct log_fault fault;
};

/* Note why, and return -1.  fault_system takes errno. */
int append_fault(struct append *a, const char *rule, const char *file);
int append_fault_system(struct append *a, const char *file);

/* load.c: bring a up to what the disk says, or refuse. */
int append_load(struct append *a);

/*
 * recover.c: take in what stands in the log behind end; prefix gets what must be written first.
 * known: the log is as we left it, so there can be nothing.
 */
int append_recover(struct append *a, bool known);

/*
 * seal.c.  append_grow: n more leaves, ends[i] being the log offset behind leaf i.  append_seal:
 * tiles, head, checkpoints.
 */
int append_grow(struct append *a, const struct hash *leaves, const uint64_t *ends, size_t n);
int append_seal(struct append *a);

/*
 * record.c.  record_load(tree, head, key, r, fault): read the end of "checkpoints", drop a torn
 * head there (if writable), and refuse if it leads head.  record_add: append head to the file,
 * unless it stands there or, without always, one of the same second does.
 */
int record_load(int tree, const struct head *head, const struct vkey *key, struct recorded *r,
    struct log_fault *fault);
int record_add(
    int tree, mode_t mode, struct slice head, int64_t time, bool always, struct recorded *r);

/* Read the tree's file name.  Returns 0, or -1 with errno. */
int append_read_tree(int tree, const char *name, struct buf *text);

#endif
