/*
 * latest - the head of a tree, judged, and what the list of heads has to say to it.
 *
 * "checkpoint" is renamed into place before its head is added to "checkpoints": the list may lag
 * and never leads.  So a longer head in the list, which a "checkpoint" read after it does not
 * reach, shows that "checkpoint" was put back.
 */
#ifndef LOG_LATEST_H
#define LOG_LATEST_H

#include "log/checkpoint.h"

struct latest {
	struct buf message; /* of the head */
	struct head head;   /* state HEAD_GOOD, or another that says why it is worth nothing */
	struct diag diag;   /* rule set: "checkpoint" holds no signed head */
	const char *file;   /* what could not be read, with errno; else NULL */

	/* In the list, heads by the same origin that are as long as this one or longer: */
	uint64_t longer; /* entries of the longest one, if longer than this; else 0 */
	bool timed;      /* its signed time */
	int64_t time;
	bool fork; /* one is as long and has another root */
	struct buf fork_note;
	bool damaged; /* a known key's signature of one fails */
};

/*
 * latest_read(tree, keys, n, old, l):
 * Read directory tree's head, signed by one of n keys; a head in the list may be signed by one of
 * the old keys behind them as well.  Returns 0; -1 with l->file and errno, or with l->diag.
 * latest_free in any case (a zeroed one is fine); keys must live as long.
 */
int latest_read(int tree, const struct vkey *keys, size_t n, size_t old, struct latest *l);
void latest_free(struct latest *l);

/* latest_still(tree, l): is the head, read once more, the same to the byte? */
bool latest_still(int tree, const struct latest *l);

#endif
