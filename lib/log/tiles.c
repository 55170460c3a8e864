#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "log/tile.h"

struct tiles {
	int dir;
	struct hash root;
	struct frontier edge; /* the partial tiles, as read or offered */
	enum tile_state edge_state[TILE_LEVELS];
	int edge_errno[TILE_LEVELS];
	bool edge_good; /* all that there are fold to root */
	struct {
		bool valid;
		uint64_t index;
		struct hash hashes[TILE_WIDTH];
	} full[TILE_LEVELS]; /* the last authenticated one */
};

/* Do the partial tiles, if all are there, fold to the root? */
static bool
check_edge(struct tiles *t)
{
	struct hash root;

	for (unsigned level = 0; level < TILE_LEVELS; level++)
		if (t->edge_state[level] != TILE_GOOD)
			return t->edge_good = false;
	frontier_root(&t->edge, &root);
	return t->edge_good = hash_eq(&root, &t->root);
}

struct tiles *
tiles_open(int dir, uint64_t size, const struct hash *root)
{
	struct tiles *t = xzalloc(1, sizeof *t);

	t->dir = dir;
	t->root = *root;
	t->edge.size = size;
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct tile_name name = { level, (size >> (8 * level)) / TILE_WIDTH,
			frontier_width(&t->edge, level) };

		if (name.width > 0) {
			t->edge_state[level] = tile_read(dir, name, t->edge.tile[level]);
			t->edge_errno[level] = errno;
		}
	}
	check_edge(t);
	return t;
}

void
tiles_free(struct tiles *t)
{
	free(t);
}

bool
tiles_edge_good(const struct tiles *t)
{
	return t->edge_good;
}

const struct frontier *
tiles_edge(const struct tiles *t)
{
	return &t->edge;
}

static enum tile_state
get_edge(struct tiles *t, unsigned level, const struct hash **hashes)
{
	if (t->edge_good) {
		*hashes = t->edge.tile[level];
		return TILE_GOOD;
	}
	errno = t->edge_errno[level];
	if (t->edge_state[level] != TILE_GOOD)
		return t->edge_state[level];
	for (unsigned other = 0; other < TILE_LEVELS; other++)
		if (t->edge_state[other] != TILE_GOOD)
			return TILE_ORPHAN;
	return TILE_WRONG;
}

/* What the parent of full tile index of level says that it folds to; NULL if it says nothing. */
static const struct hash *
expected(struct tiles *t, unsigned level, uint64_t index)
{
	const struct hash *parent;

	if (tiles_get(t, level + 1, index / TILE_WIDTH, &parent) != TILE_GOOD)
		return NULL;
	return &parent[index % TILE_WIDTH];
}

/* Does candidate fold to want?  Then it is the level's tile from now on. */
static bool
take_full(struct tiles *t, unsigned level, uint64_t index, const struct hash *candidate,
    const struct hash *want)
{
	struct hash root;

	tree_fold(candidate, TILE_WIDTH, &root);
	if (!hash_eq(&root, want))
		return false;
	memcpy(t->full[level].hashes, candidate, sizeof t->full[level].hashes);
	t->full[level].index = index;
	t->full[level].valid = true;
	return true;
}

/* The parents come first, so this goes up at most TILE_LEVELS deep. */
enum tile_state
tiles_get(struct tiles *t, unsigned level, uint64_t index, const struct hash **hashes)
{
	unsigned width = tile_width(t->edge.size, level, index);
	struct hash candidate[TILE_WIDTH];
	enum tile_state state;
	const struct hash *want;

	*hashes = NULL;
	if (width == 0)
		return TILE_MISSING;
	if (width < TILE_WIDTH)
		return get_edge(t, level, hashes);
	if (!t->full[level].valid || t->full[level].index != index) {
		want = expected(t, level, index);
		state = tile_read(t->dir, (struct tile_name){ level, index, width }, candidate);
		if (state != TILE_GOOD)
			return state;
		if (want == NULL)
			return TILE_ORPHAN;
		if (!take_full(t, level, index, candidate, want))
			return TILE_WRONG;
	}
	*hashes = t->full[level].hashes;
	return TILE_GOOD;
}

bool
tiles_offer(struct tiles *t, unsigned level, uint64_t index, const struct hash *hashes)
{
	unsigned width = tile_width(t->edge.size, level, index);
	const struct hash *want;

	if (width == 0)
		return false;
	if (width < TILE_WIDTH) {
		if (!t->edge_good) {
			memcpy(t->edge.tile[level], hashes, width * sizeof *hashes);
			t->edge_state[level] = TILE_GOOD;
			return check_edge(t);
		}
		return memcmp(t->edge.tile[level], hashes, width * sizeof *hashes) == 0;
	}
	want = expected(t, level, index);
	return want != NULL && take_full(t, level, index, hashes, want);
}
