/*
 * verify - is a log what its signed head says, and if not, what was done to it?
 *
 * The head is read first, and then exactly its lines are checked: what follows them is not sealed
 * yet.  If the lines of all segments hash to the head's root, the log is intact, and its tiles are
 * compared with what they must be.  If not, the tiles are authenticated from the head down, and the
 * lines aligned with them (log/align.h) in a second reading.
 */
#ifndef LOG_VERIFY_H
#define LOG_VERIFY_H

#include "log/align.h"
#include "log/anchor.h"
#include "log/checkpoint.h"
#include "log/memo.h"
#include "log/segments.h"
#include "log/tile.h"

/* What a finding's file is. */
enum verify_place {
	AT_SEGMENT, /* the name of a segment, and there is a line */
	AT_TREE,    /* a file of the tree, "" for the tree itself */
	AT_FILE,    /* any other */
};

/* A finding, with its place. */
struct verify_finding {
	enum finding_kind kind;
	enum verify_place place;
	const char *file;
	uint64_t line;         /* from 1, 0 for none */
	uint64_t entry, count; /* as in struct finding; entry ALIGN_NONE and count 0 for none */
	uint64_t copy;
	bool lost;
	const char *words; /* static text that says more, or NULL */
	uint64_t bytes;    /* FOUND_TRAILING: how many */
	bool timed;        /* what is missing existed until time, seconds since 1970 */
	int64_t time;
	struct slice ours, theirs; /* signed notes that contradict each other; empty for none */
};

/* Entries from one to another, both included. */
struct verify_range {
	bool set;
	uint64_t from, to;
};

struct verify {
	const struct vkey *keys;
	size_t n, old; /* keys, and behind them those that count for older heads only */
	int tree;      /* directory, open for reading */
	struct segment *segment;
	size_t segments; /* at least 1; oldest first, the live log last */
	bool others;     /* beside the log lie rotated files that are no segments here */
	unsigned jobs;
	uint64_t min_index;        /* entries before are gone, and that is right */
	struct verify_range range; /* only these entries */
	const struct memo *state;  /* only what it does not cover, and what is due; or NULL */
	int64_t retention;         /* seconds that entries must be kept, -1: no matter */
	struct slice archive, log; /* object names, one a line; what the log's begin with */
	struct parcel *const
	    *beside; /* manifests that lie beside the log and are no segments */
	size_t besides;
	struct anchor *anchor;
	size_t anchors;
	const char *tsa_ca; /* file of certificates, or NULL */
	int64_t now;
	int64_t max_age; /* seconds, -1 for none */
	void *arg;
	void (*found)(void *arg, const struct verify_finding *f);
};

enum verify_state {
	VERIFY_DONE,   /* findings or none */
	VERIFY_CANNOT, /* could not be checked to the end: reason */
};

struct verify_result {
	enum verify_state state;
	struct buf reason; /* owned; empty if a file could not be read: error */
	enum verify_place place;
	struct buf file; /* what the reason is about */
	int error;

	bool head;         /* the following are known */
	struct buf origin; /* owned */
	uint64_t entries;
	struct hash root;
	uint32_t key;
	bool timed; /* a signed time of this head is known: the newest one */
	int64_t time;
	size_t anchors; /* that agree with the head */

	const char *full; /* why state was of no use and all was read; or NULL */

	uint64_t findings;
	uint64_t kinds[FOUND_KINDS]; /* the same by kind */
	uint64_t read;               /* entries whose lines were hashed */
	uint64_t lines;              /* of all segments, all that were read */
	uint64_t unsealed;           /* lines behind the last sealed one */
	const char *unsealed_file;   /* where they begin */
	uint64_t unsealed_line;
	uint64_t missing; /* tiles that are not there, and were made anew to check */
	uint64_t untold;  /* heads in "checkpoints" that missing tiles say nothing of */
	bool coarse;      /* more damage than can be told apart */
	bool gone;        /* entries before min_index were indeed missing */
};

/* Check.  verify_free in any case (a zeroed result is fine). */
void verify_run(const struct verify *v, struct verify_result *r);
void verify_free(struct verify_result *r);

#endif
