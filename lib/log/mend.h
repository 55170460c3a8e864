/*
 * mend - a tree's tiles, with what is missing or wrong among them made anew from what is below.
 *
 * What is made anew counts only if it leads to the authenticated parent, or at the right edge to
 * the head (log/tile.h).  So a lost tile costs nothing as long as the tiles or lines below are good.
 */
#ifndef LOG_MEND_H
#define LOG_MEND_H

#include "log/tile.h"

struct mend;

/* What the edge may be made of: the last leaves of the log as its lines give them, in that many ways. */
struct mend_edge {
	const struct hash *leaves; /* size mod 256 of them */
};

/* A full tile of level 0 that is not there, and what its lines fold to where they should stand. */
struct mend_root {
	uint64_t index;
	struct hash root;
};

/* What tiles can be made of. */
struct mend_from {
	const struct mend_edge *edge;
	size_t edges;                 /* at most 4 */
	const struct mend_root *root; /* by index; borrowed */
	size_t roots;
	bool spooled; /* spool holds what each was folded from: 256 leaves for every root */
	int spool;    /* a file, borrowed */
};

/*
 * mend_open(dir, size, root, from):
 * The tiles of the tree in dir under a verified head.  If the partial tiles do not fold to root
 * as they are, each of the edges is tried for level 0, and for higher levels the tiles below.
 */
struct mend *mend_open(
    int dir, uint64_t size, const struct hash *root, const struct mend_from *from);
void mend_free(struct mend *m); /* accepts NULL */

/* Do the partial tiles lead to the head now?  If not, no tile is authenticated. */
bool mend_good(const struct mend *m);

/* The partial tiles, borrowed; worth something only if mend_good. */
const struct frontier *mend_edge(const struct mend *m);

/*
 * mend_blame(m, name):
 * With an edge that is not good: is there one partial tile alone that is not there, so that what
 * lies below it does not lead to the head?  True with its name.
 */
bool mend_blame(const struct mend *m, struct tile_name *name);

/* After mend_survey: is a tile missing whose parent is not authenticated either? */
bool mend_lost(const struct mend *m);

/* Level 0's tile index, authenticated, borrowed until the next call; NULL if no one knows it. */
const struct hash *mend_leaves(struct mend *m, uint64_t index);

/* A tile of any level, likewise; index is in the tree. */
const struct hash *mend_tile(struct mend *m, unsigned level, uint64_t index);

/* These are tile_width leaves for tile index of level 0.  Returns true if that is proved; then
 * mend_leaves knows them for a while. */
bool mend_offer(struct mend *m, uint64_t index, const struct hash *leaves);

/*
 * mend_survey(m, each, arg):
 * Read every tile of the tree, and call each for those that are not TILE_GOOD as they lie on
 * disk, higher levels first.  TILE_MISSING or TILE_WRONG: itself.  TILE_ORPHAN is not reported.
 * At an edge that is not good a tile is TILE_WRONG if the tiles below say otherwise; if they
 * contradict none, the lowest is it.  Returns 0; -1 with errno if a tile cannot be read: that one
 * was the last to be reported, as TILE_ERROR.  In a level of more than MEND_FAR full tiles, once
 * the edge or a tile above is beyond hope, only the one at the edge is looked at.
 */
enum { MEND_FAR = 1 << 20 };
int mend_survey(struct mend *m,
    void (*each)(void *arg, struct tile_name name, enum tile_state state), void *arg);

/*
 * mend_survey_range(m, from, to, each, arg): the same, of the tiles that leaves from to to are under,
 * and of the partial ones.
 */
int mend_survey_range(struct mend *m, uint64_t from, uint64_t to,
    void (*each)(void *arg, struct tile_name name, enum tile_state state), void *arg);

#endif
