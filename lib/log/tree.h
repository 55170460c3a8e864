/*
 * tree - the RFC 6962 Merkle tree (section 2.1; RFC 9162 section 2.1), 256 leaves at a time.
 *
 * leaf = SHA-256(0x00 || line), node = SHA-256(0x01 || left || right), empty tree = SHA-256("").
 * The tree is kept as the right edges of its C2SP tiles: at level 0 the last size mod 256 leaves,
 * at level L the roots of the last full tiles of level L-1.  Adding needs nothing else, so a new
 * head is made of stored hashes, and a changed old line can never find its way into it.
 */
#ifndef LOG_TREE_H
#define LOG_TREE_H

#include "base/digest.h"

enum {
	TILE_WIDTH = 256, /* hashes in a full tile */
	TILE_LEVELS = 8,  /* enough for 2^64 - 1 leaves */
};

/* The leaf of one line, without its LF. */
void tree_leaf(struct slice line, struct hash *leaf);

/* The leaves of n lines. */
void tree_leaves(const struct slice *lines, size_t n, struct hash *leaves);

void tree_node(const struct hash *left, const struct hash *right, struct hash *node);

/* The root of no leaves. */
void tree_empty(struct hash *root);

/*
 * tree_fold(hashes, n, root):
 * The root over 1 <= n <= 256 neighbouring subtrees: all perfect and of one height, but the last,
 * which may be smaller.  A full tile folds to the hash that stands for it one level up.
 */
void tree_fold(const struct hash *hashes, size_t n, struct hash *root);

/* The right edge of a tree of size leaves: level L holds frontier_width(f, L) hashes. */
struct frontier {
	uint64_t size;
	struct hash tile[TILE_LEVELS][TILE_WIDTH];
};

/* frontier_width(f, level): hashes in the partial tile of level, 0 to 255. */
unsigned frontier_width(const struct frontier *f, unsigned level);

/* frontier_root(f, root): the root of the whole tree. */
void frontier_root(const struct frontier *f, struct hash *root);

/* Called for every tile that has become full: its level, its number in it, its 256 hashes. */
typedef int frontier_full(void *arg, unsigned level, uint64_t index, const struct hash *hashes);

/*
 * frontier_add(f, leaves, n, full, arg):
 * Add n leaves, and call full (NULL for none) for every tile completed, lower levels first.
 * Returns 0; -1 as soon as full returns anything but 0 (f is then of no more use).
 */
int frontier_add(
    struct frontier *f, const struct hash *leaves, size_t n, frontier_full *full, void *arg);

#endif
