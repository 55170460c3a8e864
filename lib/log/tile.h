/*
 * tile - the tree on disk, as C2SP tlog-tiles lays it out (c2sp.org/tlog-tiles).
 *
 * tile/L/N holds the 256 hashes 256 * N and following of level L, one after another;
 * tile/L/N.p/W the first W of them while there are no more.  N in groups of three digits, all but
 * the last behind an "x".  A tile says nothing by itself: it is worth what its parent says of it,
 * and the tiles at the right edge what they fold to together.
 */
#ifndef LOG_TILE_H
#define LOG_TILE_H

#include <sys/types.h>

#include "base/file.h"
#include "log/tree.h"

struct tile_name {
	unsigned level; /* 0 to 63 */
	uint64_t index;
	unsigned width; /* 1 to 256; 256 is the full tile */
};

/* Append "tile/0/x001/x234/067" or "tile/0/x001/x234/067.p/8". */
void tile_path_put(struct buf *b, struct tile_name t);

/* Read all of path, in exactly the form tile_path_put gives.  Returns 0 or -1. */
int tile_path_get(struct slice path, struct tile_name *t);

/* How many hashes tile index of level has in a tree of size leaves: 0 (no such tile) to 256. */
unsigned tile_width(uint64_t size, unsigned level, uint64_t index);

/* What became of a tile. */
enum tile_state {
	TILE_ERROR = -1, /* could not be read: errno */
	TILE_GOOD,       /* there, and as its parent (or the head) says */
	TILE_MISSING, /* absent, short, or zeros in it: a crash may leave that, lines make it anew */
	TILE_WRONG,  /* there, and not what the authenticated parent or the head says */
	TILE_ORPHAN, /* there, but what would authenticate it is not: says nothing */
};

/*
 * tile_read(dir, t, hashes):
 * Read the first t.width hashes of a tile of the tree in directory dir, unauthenticated.  Where
 * the partial tile is absent or short, the full one or a wider one has them.  Returns TILE_GOOD,
 * TILE_MISSING, TILE_WRONG (longer than its name says) or TILE_ERROR.
 */
enum tile_state tile_read(int dir, struct tile_name t, struct hash *hashes);

/* The same of that one file. */
enum tile_state tile_read_file(int dir, struct tile_name t, struct hash *hashes);

/*
 * tile_write(dir, t, hashes, mode):
 * Make the file of t hold its t.width hashes, by temporary file and rename; directories are made
 * as needed.  Not synced: tiles can be had again from the lines.  Returns 0, or -1 with errno.
 *
 * tile_stage, tile_commit, tile_discard: the same in two steps, as file_stage and its like do.  s
 * after tile_stage failed, or zero with dir -1, may be discarded and not committed.
 *
 * tile_sync(dir, t): sync the file of t and its name.  Returns 0, or -1 with errno.
 *
 * tile_drop_partials(dir, level, index): remove the partial tiles of a tile that is full by now.
 */
struct tile_staged {
	int dir; /* the one that it is in, -1 for none */
	struct buf path;
	struct file_staged file;
};

int tile_write(int dir, struct tile_name t, const struct hash *hashes, mode_t mode);
int tile_stage(
    struct tile_staged *s, int dir, struct tile_name t, const struct hash *hashes, mode_t mode);
int tile_commit(struct tile_staged *s);
void tile_discard(struct tile_staged *s);
int tile_sync(int dir, struct tile_name t);
void tile_drop_partials(int dir, unsigned level, uint64_t index);

/* The same for any file of the tree, by its path, in which at least one directory stands. */
int tile_write_file(int dir, struct buf *path, struct slice data, mode_t mode);
void tile_drop_partial_files(int dir, struct buf *path);

/*
 * A tree's tiles, every one authenticated up to the head before it is given out.  The partial
 * tiles are read at once and count only if together they fold to root; any full one must fold to
 * the hash that its parent has for it.  Keeps one full tile a level: reading in order is cheap.
 */
struct tiles;

/* dir stays the caller's to close and must live as long.  size and root are a verified head's. */
struct tiles *tiles_open(int dir, uint64_t size, const struct hash *root);
void tiles_free(struct tiles *t); /* accepts NULL */

/*
 * tiles_get(t, level, index, hashes):
 * *hashes gets the tile_width(size, level, index) hashes of a tile of the tree, borrowed until
 * the next call; NULL unless the state is TILE_GOOD.  A tile outside the tree is TILE_MISSING.
 * A partial tile is TILE_WRONG if all partial tiles are there and do not fold to the root (no one
 * can say which of them it is), TILE_ORPHAN if it is there and another of them is not.
 */
enum tile_state tiles_get(
    struct tiles *t, unsigned level, uint64_t index, const struct hash **hashes);

/*
 * tiles_offer(t, level, index, hashes):
 * Offer what was computed anew (from lines or from tiles below) for a tile, tile_width hashes.
 * Returns true if it authenticates; it is then given out by tiles_get.  A partial tile is kept in
 * any case in place of the one read, so that several can be offered one after another, from level
 * 0 up: the last of them returns true if they fold to the root.
 */
bool tiles_offer(struct tiles *t, unsigned level, uint64_t index, const struct hash *hashes);

/* Do the partial tiles fold to the root?  True also for a tree that has none. */
bool tiles_edge_good(const struct tiles *t);

/* The partial tiles, good or not, borrowed. */
const struct frontier *tiles_edge(const struct tiles *t);

#endif
