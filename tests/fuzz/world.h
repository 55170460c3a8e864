/*
 * world - a log of ours in two segments, for harnesses: made once, bent, verified, put right again.
 *
 * LOG-1 has entries 0 to WORLD_OLD - 1, LOG the rest of WORLD_SIZE; LOG.tree has the tree.  The key
 * and the lines are always the same.  It lies in memory, and is removed when the process ends.
 */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include "base/buf.h"
#include "base/digest.h"
#include "base/tool.h"
#include "log/append.h"

enum { WORLD_OLD = 300, WORLD_SIZE = 700 };

struct world {
	char dir[32], log[48], old[48], tree[48], state[48], pub[48];
	struct skey key;
	struct hash root;
};

/* The world; made by the first call. */
const struct world *world_get(void);

/* Make path (of the world) hold text.  Faults are off meanwhile. */
void world_put(const char *path, struct slice text);

/* Every file as it was at first; others go. */
void world_restore(void);

/* What audit-verify is asked. */
struct world_ask {
	bool old, live; /* which segments are given */
	bool range;     /* only entries from to to */
	uint64_t from, to;
	const char *state; /* --state, or NULL */
	struct buf text;   /* what it prints, owned */
	bool full;         /* it had a state and read all */
};

/* audit-verify, with faults. */
enum tool_status world_verify(struct world_ask *ask);

/* What it said, but for how much it read, as an answer (see fault.h). */
uint64_t world_answer(const struct world_ask *ask, enum tool_status status);

/* Append lines, or with none sign the head anew, with faults.  Returns 0 or -1. */
int world_append(struct slice lines);

#endif
