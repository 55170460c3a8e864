/*
 * append - lines made durable and put under a signed head.
 *
 * On disk: LOG, plain lines; beside it TREE with checkpoint, checkpoints, tile/, lock and hints.
 * One batch at a time, under flock on TREE/lock from before the head is read until the new one is
 * durable: the old head must verify and the log end as it says; what was written past it is taken
 * in and said so in a line of its own; then one write, fdatasync, tiles, the head by temporary
 * file, fsync, rename and fsync of the directory.  Any number of processes may append at once.
 * A log that was renamed goes on in a new file, if its last segment is found beside it.
 * A line is never changed, and no byte under a head is ever written to.
 */
#ifndef LOG_APPEND_H
#define LOG_APPEND_H

#include <sys/types.h>

#include "base/buf.h"
#include "log/key.h"

/* Why a log cannot be appended to.  rule NULL: nothing wrong. */
struct log_fault {
	const char *rule; /* "system": errno is in error; else as in append_fault_text */
	const char *file; /* what it is about: "" the log itself, else a file of the tree */
	int error;
};

/* What to tell a person about a rule, lower case, without a full stop. */
const char *log_fault_text(const char *rule);

struct append_options {
	const char *log, *tree;
	const struct skey *key;
	const struct skey *next; /* signs the heads as well, after key; NULL for none */
	mode_t mode;             /* of new files */
	bool adopt;              /* a log without a head is taken in as it is */
	bool new_segment; /* an absent or empty log goes on, wherever its last segment is */
};

struct append;

/*
 * append_open(o, fault):
 * Make ready to append: the tree's directory is made if it is not there, nothing else.  o and what
 * it points at must live as long.  Returns NULL with *fault.
 */
struct append *append_open(const struct append_options *o, struct log_fault *fault);

/*
 * append_commit(a, lines, fault):
 * Append lines, each with its LF (65,535 bytes at most before it), and sign the head over them; if
 * there are none, sign the present head again.  When this returns 0 they are durable; -1 with
 * *fault: they may or may not be, and a must only be freed.
 */
int append_commit(struct append *a, struct slice lines, struct log_fault *fault);

/* What the last commit took in of what others had left behind the sealed end; 0, 0 for nothing. */
struct append_residue {
	uint64_t lines, torn;
};
struct append_residue append_residue(const struct append *a);

/* A log at rest, all of it under its head and durable. */
struct append_state {
	int fd;                  /* the log, open for reading */
	struct slice head;       /* the whole note */
	uint64_t first, entries; /* the entry its first line is; how many there are in all */
	uint64_t bytes;          /* of the log */
};

/*
 * append_between(a, between, arg, fault):
 * As append_commit without lines, then between(arg, state), then, with all looked at anew, as
 * append_commit without lines once more: all under one lock.  So the line that a manifest made by
 * between asks for is sealed before anyone else appends; the log is renamed if between did not do
 * it.  between returns 0; anything else ends it (fault->rule is NULL then).  Returns 0 or -1.
 */
int append_between(struct append *a,
    int (*between)(void *arg, const struct append_state *state), void *arg,
    struct log_fault *fault);

/* See to it that the last head signed here stands in "checkpoints".  Returns 0 or -1. */
int append_finish(struct append *a, struct log_fault *fault);

void append_free(struct append *a); /* accepts NULL */

/*
 * log_checkpoint(tree, head, fault):
 * Append the log's head to head, after seeing to it that it stands in "checkpoints"; its signature
 * is not looked at.  Returns 0, or -1 with *fault.
 */
int log_checkpoint(const char *tree, struct buf *head, struct log_fault *fault);

#endif
