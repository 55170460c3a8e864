/* audit-emit: what its files share. */
#ifndef AUDIT_EMIT_H
#define AUDIT_EMIT_H

#include "base/tool.h"
#include "event/emitter.h"

/* What the command line asks for. */
struct config {
	bool alone;  /* -n: one entry of the options, no input */
	bool strict; /* stop at the first refusal */
	bool progress;
	bool fills; /* an option of a member was given */
	unsigned jobs;
	size_t max_line; /* 0: as usual */
	const char *output, *rejects, *map, *map_file;
	const struct format *from, *to;
	struct guard guard;
	struct entry defaults;
	char **files; /* operands, ends in NULL; none is stdin */
};

enum {
	FIXED_OPTIONS = 20, /* at most; the end mark is one */
	OPTIONS = FIXED_OPTIONS + FIELD_COUNT,
};

/* Fill table with the rows of all options: the fixed ones, and one a member of the schema. */
void options_table(struct tool_option table[OPTIONS]);

/* Append what --help says below the options. */
void options_notes(struct buf *b);

/* Read the command line into c.  A usage error ends the process. */
void options_get(int argc, char **argv, const struct tool_option *table, struct config *c);

void options_free(struct config *c);

/*
 * vocab_load(g, f, path):
 * Add the values that path lists, one a line, to those f may have.  A failure ends the process.
 */
void vocab_load(struct guard *g, enum field f, const char *path);

/* The work: make one entry, or one of each event in the files. */
enum tool_status emit(const struct config *c);

/* What to tell a person about a rule, lower case, no full stop. */
const char *rule_text(const char *rule);

/*
 * Where refusals are told: a message each, and a line each in the file of --rejects.
 */
struct rejects {
	struct out *out; /* NULL: no such file */
	uint64_t count;
};

/* The place of a refused event: file is NULL when there is none (-n). */
struct origin {
	const char *file;
	uint64_t line, bytes;
};

void rejects_put(struct rejects *r, const struct refusal *why, const struct origin *at);

/* Open --rejects for r->out.  It is emptied, and must be no other file of ours.  Returns 0; -1 after a message. */
int rejects_open(struct out *o, const struct config *c);

#endif
