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
	const char *log_group, *log_stream; /* of the requests; the stream is a pattern */
	int64_t batch_wait;                 /* seconds */
	bool octets;                        /* --framing octet */
	bool check_reply;
	const char *requests; /* of --check-reply */
	const struct format *from, *to;
	struct guard guard;
	struct copy copy;                  /* what is different in what is written */
	const char *key_file[FIELD_COUNT]; /* where its keys are; NULL for none */
	bool copies;                       /* anything at all? */
	const char *follow;                /* the FILE of --follow, or NULL */
	bool follow_end, follow_from;
	struct entry defaults;
	char **files; /* operands, ends in NULL; none is stdin */
};

enum {
	FIXED_OPTIONS = 40, /* at most; the end mark is one */
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

/* --check-reply: which entries of the requests do the replies reject? */
enum tool_status check_reply(const struct config *c);

/*
 * follow_lines(c, on_idle, each, arg):
 * Call each for lines of the file of --follow as they come, the first being number line of its
 * file, until it returns false or a signal ends it; on_idle before each wait.  Returns 0; -1 after
 * a message.
 */
struct chunk;
int follow_lines(const struct config *c, void (*on_idle)(void *arg),
    bool (*each)(void *arg, struct chunk *chunk, uint64_t line), void *arg);

/* What to tell a person about a rule, lower case, no full stop. */
const char *rule_text(const char *rule);

enum { REJECT_RULES = 64 }; /* more than there are */

/*
 * Where refusals are told: a message each, and a line each in the file of --rejects.
 */
struct rejects {
	struct out *out; /* NULL: no such file */
	uint64_t count;
	struct rule_count {
		const char *rule;
		uint64_t count;
	} rules[REJECT_RULES]; /* in the order in which they first came; rule NULL: the end */
};

/* rejects_summary(r, b): append "RULE COUNT, ..." for all rules that refused something. */
void rejects_summary(const struct rejects *r, struct buf *b);

/* The place of a refused event: file is NULL when there is none (-n). */
struct origin {
	const char *file;
	uint64_t line, bytes;
};

/* What is known of a record that waits for its request. */
struct record {
	uint64_t line, bytes; /* line from 0, in the chunk */
	int64_t ms;           /* its time, since 1970 */
	size_t end;           /* of it and its LF in the chunk's output */
};

/*
 * Records on their way to the service: requests are written to out, and what got too old while it
 * waited is told to rejects.
 */
struct delivery;

struct delivery *delivery_open(
    const struct config *c, struct out *out, struct rejects *rejects);

/*
 * delivery_add(d, file, line, records, count, text):
 * Take over those of the records that lie in text; line is how many lines stand before the chunk.
 */
void delivery_add(struct delivery *d, const char *file, uint64_t line,
    const struct record *records, size_t count, struct slice text);

/* Write what has waited long enough. */
void delivery_due(struct delivery *d);

/* Wait for input on fd (-1: do not).  Returns true if before that a request has become due. */
bool delivery_sleep(struct delivery *d, int fd);

/* Write all; *written gets how many entries were.  Returns 0; -1 if not all could be, after messages. */
int delivery_close(struct delivery *d, uint64_t *written);

void rejects_put(struct rejects *r, const struct refusal *why, const struct origin *at);

/* Open --rejects for r->out.  It is emptied, and must be no other file of ours.  Returns 0; -1 after a message. */
int rejects_open(struct out *o, const struct config *c);

#endif
