#include "log/tree.h"

void
tree_leaf(struct slice line, struct hash *leaf)
{
	sha256_many(0, &line, 1, leaf);
}

void
tree_leaves(const struct slice *lines, size_t n, struct hash *leaves)
{
	sha256_many(0, lines, n, leaves);
}

void
tree_node(const struct hash *left, const struct hash *right, struct hash *node)
{
	struct hash pair[2] = { *left, *right };
	struct slice message = { (const char *)pair, sizeof pair };

	sha256_many(1, &message, 1, node);
}

void
tree_empty(struct hash *root)
{
	sha256((struct slice){ "", 0 }, root);
}

/* Halve a row of n hashes: pairs become their node, an odd last one moves up as it is. */
static size_t
halve(const struct hash *row, size_t n, struct hash *up)
{
	struct slice pair[TILE_WIDTH / 2];
	size_t pairs = n / 2;

	for (size_t i = 0; i < pairs; i++)
		pair[i] = (struct slice){ (const char *)(row + 2 * i), 2 * sizeof *row };
	sha256_many(1, pair, pairs, up);
	if (n % 2 == 1)
		up[pairs] = row[n - 1];
	return pairs + n % 2;
}

/*
 * Moving an odd last one up makes the tree of RFC 6962: its left part is the largest power of two
 * smaller than n, and so holds only whole pairs at every height below.
 */
void
tree_fold(const struct hash *hashes, size_t n, struct hash *root)
{
	struct hash row[2][TILE_WIDTH / 2];
	const struct hash *from = hashes;

	for (int to = 0; n > 1; to = !to) {
		n = halve(from, n, row[to]);
		from = row[to];
	}
	*root = from[0];
}

unsigned
frontier_width(const struct frontier *f, unsigned level)
{
	return f->size >> (8 * level) & (TILE_WIDTH - 1);
}

void
frontier_root(const struct frontier *f, struct hash *root)
{
	struct hash row[TILE_WIDTH], rest;
	bool any = false;

	/* What is left over below a level stands there as its last, smaller subtree. */
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		size_t n = frontier_width(f, level);

		memcpy(row, f->tile[level], n * sizeof *row);
		if (any)
			row[n++] = rest;
		if (n > 0) {
			tree_fold(row, n, &rest);
			any = true;
		}
	}
	if (any)
		*root = rest;
	else
		tree_empty(root);
}

/* Level 0's tile index is full: give it out, put its hash one level up, and so on. */
static int
carry(struct frontier *f, uint64_t index, frontier_full *full, void *arg)
{
	for (unsigned level = 0; level + 1 < TILE_LEVELS; level++) {
		struct hash *up = f->tile[level + 1];

		if (full != NULL && full(arg, level, index, f->tile[level]) != 0)
			return -1;
		tree_fold(f->tile[level], TILE_WIDTH, &up[index % TILE_WIDTH]);
		if (index % TILE_WIDTH != TILE_WIDTH - 1)
			break;
		index /= TILE_WIDTH;
	}
	return 0;
}

int
frontier_add(
    struct frontier *f, const struct hash *leaves, size_t n, frontier_full *full, void *arg)
{
	while (n > 0) {
		unsigned width = frontier_width(f, 0);
		size_t some = TILE_WIDTH - width < n ? TILE_WIDTH - width : n;

		memcpy(f->tile[0] + width, leaves, some * sizeof *leaves);
		f->size += some;
		leaves += some;
		n -= some;
		if (width + some == TILE_WIDTH &&
		    carry(f, f->size / TILE_WIDTH - 1, full, arg) == -1)
			return -1;
	}
	return 0;
}
