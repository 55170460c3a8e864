#include "log/mend.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

enum { WAYS = 4 + 2 };

struct mend {
	struct tiles *tiles;
	int dir;
	uint64_t size;
	uint64_t failed[TILE_LEVELS]; /* the full tile that could not be mended last, + 1 */
	/* The right edge: as on disk, and as the tiles below have it. */
	enum tile_state disk[TILE_LEVELS];
	int error[TILE_LEVELS];
	struct hash stored[TILE_LEVELS][TILE_WIDTH], below[TILE_LEVELS][TILE_WIDTH];
	bool has_below[TILE_LEVELS];
	int blamed; /* level, -1 for none */
	bool lost;
	const struct mend_root *root;
	size_t roots;
	bool spooled;
	int spool;
};

/* The tile at the right edge of level; its width is 0 if there is none. */
static struct tile_name
edge_name(const struct mend *m, unsigned level)
{
	uint64_t all = m->size >> (8 * level);

	return (struct tile_name){ level, all / TILE_WIDTH, (unsigned)(all % TILE_WIDTH) };
}

/* Level 0's tile index among those that are not there; m->roots if it is none of them. */
static size_t
find_lines(const struct mend *m, uint64_t index)
{
	size_t low = 0, high = m->roots;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m->root[mid].index < index)
			low = mid + 1;
		else
			high = mid;
	}
	return low < m->roots && m->root[low].index == index ? low : m->roots;
}

/* What its lines fold to. */
static bool
fold_lines(const struct mend *m, uint64_t index, struct hash *root)
{
	size_t at = find_lines(m, index);

	if (at == m->roots)
		return false;
	*root = m->root[at].root;
	return true;
}

/* Its lines' leaves. */
static bool
spooled_lines(const struct mend *m, uint64_t index, struct hash hashes[TILE_WIDTH])
{
	size_t at = find_lines(m, index), len = TILE_WIDTH * sizeof *hashes;

	return m->spooled && at < m->roots &&
	    pread(m->spool, hashes, len, (off_t)(at * len)) == (ssize_t)len;
}

/* What a full tile folds to as it lies on disk, or else as those below it do.  False: no one knows. */
static bool
fold_stored(const struct mend *m, unsigned level, uint64_t index, struct hash *root)
{
	struct hash hashes[TILE_WIDTH];
	struct tile_name name = { level, index, TILE_WIDTH };

	if (tile_read(m->dir, name, hashes) != TILE_GOOD) {
		if (level == 0)
			return fold_lines(m, index, root);
		for (unsigned i = 0; i < TILE_WIDTH; i++)
			if (!fold_stored(m, level - 1, index * TILE_WIDTH + i, &hashes[i]))
				return false;
	}
	tree_fold(hashes, TILE_WIDTH, root);
	return true;
}

static bool
from_below(const struct mend *m, struct tile_name name, struct hash *hashes)
{
	if (name.level == 0)
		return name.width == TILE_WIDTH && spooled_lines(m, name.index, hashes);
	for (unsigned i = 0; i < name.width; i++)
		if (!fold_stored(m, name.level - 1, name.index * TILE_WIDTH + i, &hashes[i]))
			return false;
	return true;
}

/* What level of the edge may be made of. */
static size_t
edge_ways(const struct mend *m, unsigned level, const struct mend_edge *edge, size_t n,
    const struct hash *ways[WAYS])
{
	size_t count = 0;

	if (m->disk[level] == TILE_GOOD)
		ways[count++] = m->stored[level];
	if (m->has_below[level])
		ways[count++] = m->below[level];
	for (size_t i = 0; i < n && level == 0; i++)
		ways[count++] = edge[i].leaves;
	return count;
}

/* Try every choice of ways, the stored tiles first.  Returns true if one leads to the head. */
static bool
try_ways(struct mend *m, const struct mend_edge *edge, size_t n, size_t chosen[TILE_LEVELS])
{
	const struct hash *ways[TILE_LEVELS][WAYS];
	size_t count[TILE_LEVELS];
	unsigned level;
	bool good = false;

	for (level = 0; level < TILE_LEVELS; level++) {
		chosen[level] = 0;
		count[level] = edge_name(m, level).width == 0
		    ? 1
		    : edge_ways(m, level, edge, n, ways[level]);
		if (count[level] == 0)
			return false;
	}
	for (;;) {
		for (level = 0; level < TILE_LEVELS; level++) {
			struct tile_name name = edge_name(m, level);

			if (name.width > 0)
				good = tiles_offer(
				    m->tiles, level, name.index, ways[level][chosen[level]]);
		}
		if (good)
			break;
		for (level = 0; level < TILE_LEVELS && ++chosen[level] == count[level]; level++)
			chosen[level] = 0;
		if (level == TILE_LEVELS)
			return false;
	}
	for (level = 0; level < TILE_LEVELS; level++) {
		struct tile_name name = edge_name(m, level);

		if (name.width > 0 && m->disk[level] == TILE_GOOD &&
		    memcmp(ways[level][chosen[level]], m->stored[level],
			name.width * sizeof(struct hash)) != 0)
			m->disk[level] = TILE_WRONG;
	}
	return true;
}

/* Nothing leads to the head.  Which of the partial tiles is to blame? */
static void
blame_edge(struct mend *m)
{
	int missing = 0, wrong = 0, lowest = -1;

	for (int level = TILE_LEVELS - 1; level >= 0; level--) {
		size_t len = edge_name(m, (unsigned)level).width * sizeof(struct hash);

		if (len == 0)
			continue;
		lowest = level;
		if (m->disk[level] == TILE_MISSING) {
			missing++;
			m->blamed = level == 0 || m->has_below[level] ? level : -1;
		} else if (m->disk[level] == TILE_GOOD && m->has_below[level] &&
		    memcmp(m->stored[level], m->below[level], len) != 0) {
			m->disk[level] = TILE_WRONG;
			wrong++;
		}
	}
	if (missing == 0 && wrong == 0 && lowest >= 0 && m->disk[lowest] == TILE_GOOD)
		m->disk[lowest] = TILE_WRONG;
	if (missing != 1 || wrong > 0)
		m->blamed = -1;
}

struct mend *
mend_open(int dir, uint64_t size, const struct hash *root, const struct mend_from *from)
{
	struct mend *m = xzalloc(1, sizeof *m);
	size_t chosen[TILE_LEVELS];

	m->dir = dir;
	m->size = size;
	m->blamed = -1;
	m->root = from->root;
	m->roots = from->roots;
	m->spooled = from->spooled;
	m->spool = from->spool;
	m->tiles = tiles_open(dir, size, root);
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct tile_name name = edge_name(m, level);

		if (name.width == 0)
			continue;
		m->disk[level] = tile_read(dir, name, m->stored[level]);
		m->error[level] = errno;
		if (!tiles_edge_good(m->tiles))
			m->has_below[level] = from_below(m, name, m->below[level]);
	}
	if (!tiles_edge_good(m->tiles) && !try_ways(m, from->edge, from->edges, chosen))
		blame_edge(m);
	return m;
}

bool
mend_blame(const struct mend *m, struct tile_name *name)
{
	if (m->blamed >= 0)
		*name = edge_name(m, (unsigned)m->blamed);
	return m->blamed >= 0;
}

bool
mend_lost(const struct mend *m)
{
	return m->lost;
}

void
mend_free(struct mend *m)
{
	if (m == NULL)
		return;
	tiles_free(m->tiles);
	free(m);
}

bool
mend_good(const struct mend *m)
{
	return tiles_edge_good(m->tiles);
}

const struct frontier *
mend_edge(const struct mend *m)
{
	return tiles_edge(m->tiles);
}

/*
 * A tile, mended if need be: *hashes gets it, or NULL.  Returns what lies on disk.  Parents come
 * first, so this goes up at most TILE_LEVELS deep.
 */
static enum tile_state
get(struct mend *m, unsigned level, uint64_t index, const struct hash **hashes)
{
	struct hash candidate[TILE_WIDTH];
	enum tile_state state = tiles_get(m->tiles, level, index, hashes);
	const struct hash *parent;

	if (state == TILE_GOOD || state == TILE_ERROR ||
	    tile_width(m->size, level, index) < TILE_WIDTH || m->failed[level] == index + 1)
		return state;
	get(m, level + 1, index / TILE_WIDTH, &parent);
	if (parent == NULL) {
		m->lost |= state == TILE_MISSING;
		return state;
	}
	state = tiles_get(m->tiles, level, index, hashes);
	if (state == TILE_GOOD || state == TILE_ERROR)
		return state;
	if (from_below(m, (struct tile_name){ level, index, TILE_WIDTH }, candidate) &&
	    tiles_offer(m->tiles, level, index, candidate))
		tiles_get(m->tiles, level, index, hashes);
	else
		m->failed[level] = index + 1;
	return state;
}

const struct hash *
mend_leaves(struct mend *m, uint64_t index)
{
	const struct hash *hashes;

	get(m, 0, index, &hashes);
	return hashes;
}

const struct hash *
mend_tile(struct mend *m, unsigned level, uint64_t index)
{
	const struct hash *hashes;

	get(m, level, index, &hashes);
	return hashes;
}

bool
mend_offer(struct mend *m, uint64_t index, const struct hash *leaves)
{
	const struct hash *parent;

	if (tile_width(m->size, 0, index) == TILE_WIDTH)
		get(m, 1, index / TILE_WIDTH, &parent);
	return tiles_offer(m->tiles, 0, index, leaves);
}

typedef void each_tile(void *arg, struct tile_name name, enum tile_state state);

/* Report tile index of level if it is not as it should be.  Returns 0, or -1 with errno. */
static int
survey_tile(struct mend *m, unsigned level, uint64_t index, each_tile *each, void *arg)
{
	struct tile_name edge = edge_name(m, level);
	struct tile_name name = { level, index, index == edge.index ? edge.width : TILE_WIDTH };
	const struct hash *hashes;
	enum tile_state state;
	int error;

	if (name.width == 0)
		return 0;
	errno = m->error[level];
	state = index == edge.index ? m->disk[level] : get(m, level, index, &hashes);
	if (state == TILE_GOOD || state == TILE_ORPHAN)
		return 0;
	error = errno;
	each(arg, name, state);
	errno = error;
	return state == TILE_ERROR ? -1 : 0;
}

int
mend_survey(struct mend *m, each_tile *each, void *arg)
{
	for (unsigned level = TILE_LEVELS; level-- > 0;) {
		uint64_t full = edge_name(m, level).index;

		for (uint64_t index = 0; index <= full; index++) {
			if (full > MEND_FAR && (m->lost || !mend_good(m)))
				index = full;
			if (survey_tile(m, level, index, each, arg) == -1)
				return -1;
		}
	}
	return 0;
}

int
mend_survey_range(struct mend *m, uint64_t from, uint64_t to, each_tile *each, void *arg)
{
	for (unsigned level = TILE_LEVELS; level-- > 0;) {
		unsigned shift = 8 * level;
		uint64_t edge = edge_name(m, level).index;
		uint64_t last = to >> shift >> 8;

		for (uint64_t index = from >> shift >> 8; index <= last && index < edge;
		     index++)
			if (survey_tile(m, level, index, each, arg) == -1)
				return -1;
		if (survey_tile(m, level, edge, each, arg) == -1)
			return -1;
	}
	return 0;
}
