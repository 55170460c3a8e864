/*
 * verify - is a log what its signed head says, and if not, what was done to it?
 *
 * The head is read first, and then exactly its lines are checked: what follows them is not sealed
 * yet.  If the lines hash to the head's root, the log is intact, and its tiles are compared with
 * what they must be.  If not, the tiles are authenticated from the head down, and the lines
 * aligned with them (log/align.h) in a second pass over the file.
 */
#ifndef LOG_VERIFY_H
#define LOG_VERIFY_H

#include "log/align.h"
#include "log/checkpoint.h"
#include "log/tile.h"

struct verify {
	const struct vkey *keys;
	size_t n, old; /* keys, and behind them those that count for older heads only */
	int tree, log; /* directory and regular file, open for reading; the log at its begin */
	unsigned jobs;
	void *arg;
	/*
	 * A finding: about a line of the log if file is NULL, else about that file of the tree, and
	 * then line is 0.  entry is ALIGN_NONE and count 0 where no entries are concerned.
	 */
	void (*found)(void *arg, const char *file, const struct finding *f);
};

enum verify_state {
	VERIFY_DONE,   /* findings or none */
	VERIFY_CANNOT, /* could not be checked to the end: reason */
};

struct verify_result {
	enum verify_state state;
	const char *reason; /* static text; NULL if file could not be read: error */
	const char *file;   /* of the tree, "" for the tree, NULL for the log */
	int error;
	struct buf path; /* owned: file may point into it */

	bool head;         /* the following are known */
	struct buf origin; /* owned */
	uint64_t entries;
	struct hash root;
	uint32_t key;
	bool timed;
	int64_t time; /* of the head, seconds since 1970 */

	uint64_t findings;
	uint64_t longer; /* with FOUND_ROLLBACK: entries of the longest head in "checkpoints" */
	bool longer_timed;
	int64_t longer_time;
	uint64_t lines;    /* of the log, all that were read */
	uint64_t unsealed; /* lines behind the last sealed one */
	uint64_t missing;  /* tiles that are not there, and were made anew to check */
	bool coarse;       /* more damage than can be told apart */
};

/* Check.  verify_free in any case (a zeroed result is fine). */
void verify_run(const struct verify *v, struct verify_result *r);
void verify_free(struct verify_result *r);

#endif
