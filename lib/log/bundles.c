#include "log/bundles.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/progress.h"
#include "log/bundle.h"

struct run {
	const struct bundles *b;
	struct verify_result *r;
	uint64_t size;
	struct frontier edge;
	struct buf text;
	/* The bundle read last: as many leaves as it has entries, the others zero. */
	struct hash leaf[TILE_WIDTH];
	unsigned entries;
	struct verify_finding put; /* a run of findings not reported yet; count 0: none */
	struct buf path;           /* its file */
	bool error;                /* a tile cannot be read */
};

static int
cannot(struct run *run, const char *reason)
{
	struct verify_result *r = run->r;

	if (r->state == VERIFY_CANNOT)
		return -1;
	r->state = VERIFY_CANNOT;
	r->error = reason == NULL ? errno : 0;
	if (reason != NULL)
		buf_str(&r->reason, reason);
	r->place = AT_TREE;
	buf_slice(&r->file, buf_view(&run->path));
	return -1;
}

static void
flush(struct run *run)
{
	if (run->put.count > 0) {
		run->r->findings++;
		run->r->kinds[run->put.kind]++;
		run->put.file = buf_cstr(&run->path);
		run->b->found(run->b->arg, &run->put);
	}
	run->put.count = 0;
}

static void
found(struct run *run, enum finding_kind kind, uint64_t entry, uint64_t count)
{
	if (run->put.count > 0 && run->put.kind == kind &&
	    run->put.entry + run->put.count == entry) {
		run->put.count += count;
		return;
	}
	flush(run);
	run->put = (struct verify_finding){
		.kind = kind,
		.place = AT_TREE,
		.entry = entry,
		.count = count,
		.copy = ALIGN_NONE,
	};
}

static void
name_bundle(struct run *run, uint64_t index)
{
	buf_reset(&run->path);
	bundle_path_put(&run->path, index, tile_width(run->size, 0, index));
}

/* Read a bundle and hash what it holds.  Returns 0, or -1: cannot. */
static int
read_bundle(struct run *run, uint64_t index)
{
	unsigned width = tile_width(run->size, 0, index);
	struct slice entry[TILE_WIDTH], rest;

	name_bundle(run, index);
	if (bundle_read(run->b->tree, index, width, &run->text) == -1)
		return cannot(run, NULL);
	rest = buf_view(&run->text);
	for (run->entries = 0; run->entries < width; run->entries++)
		if (bundle_next(&rest, &entry[run->entries]) != 1)
			break;
	if (run->entries == width && width == TILE_WIDTH && rest.len > 0)
		run->entries--; /* bytes too many: the last entry is not whole */
	memset(run->leaf, 0, sizeof run->leaf);
	tree_leaves(entry, run->entries, run->leaf);
	run->r->read += width;
	progress_add(run->text.len);
	return 0;
}

static int
compare_tile(struct run *run, struct tile_name name, const struct hash *hashes)
{
	struct hash stored[TILE_WIDTH];
	enum tile_state state = tile_read(run->b->tree, name, stored);
	size_t len = name.width * sizeof *hashes;

	if (state == TILE_GOOD && memcmp(stored, hashes, len) != 0)
		state = TILE_WRONG;
	if (state == TILE_GOOD)
		return 0;
	buf_reset(&run->path);
	tile_path_put(&run->path, name);
	if (state == TILE_ERROR) {
		run->error = true;
		return cannot(run, NULL);
	}
	if (state == TILE_MISSING) {
		run->r->missing++;
		return 0;
	}
	found(run, FOUND_TILE_DAMAGED, name.index << (8 * name.level) << 8,
	    (uint64_t)name.width << (8 * name.level));
	flush(run);
	return 0;
}

/* The log is intact: its tiles must be what its entries make them.  The entries are read once more. */
static int
on_full(void *arg, unsigned level, uint64_t index, const struct hash *hashes)
{
	return compare_tile(arg, (struct tile_name){ level, index, TILE_WIDTH }, hashes);
}

static int
fold(struct run *run, frontier_full *full)
{
	memset(&run->edge, 0, sizeof run->edge);
	for (uint64_t i = 0; i * TILE_WIDTH < run->size; i++)
		if (read_bundle(run, i) == -1 ||
		    frontier_add(
			&run->edge, run->leaf, tile_width(run->size, 0, i), full, run) == -1)
			return -1;
	return 0;
}

static void
compare_tiles(struct run *run)
{
	if (fold(run, on_full) == -1)
		return;
	for (unsigned level = 0; level < TILE_LEVELS && !run->error; level++) {
		struct tile_name name = { level, (run->size >> (8 * level)) / TILE_WIDTH,
			frontier_width(&run->edge, level) };

		if (name.width > 0)
			compare_tile(run, name, run->edge.tile[level]);
	}
}

/* Which entries are not what the tiles have?  Returns 0, or -1: cannot. */
static int
compare_entries(struct run *run, struct tiles *tiles)
{
	const struct hash *leaves;

	for (uint64_t i = 0; i * TILE_WIDTH < run->size; i++) {
		unsigned width = tile_width(run->size, 0, i);
		enum tile_state state;

		if (read_bundle(run, i) == -1)
			return -1;
		state = tiles_get(tiles, 0, i, &leaves);
		if (state != TILE_GOOD) {
			buf_reset(&run->path);
			tile_path_put(&run->path, (struct tile_name){ 0, i, width });
			if (state != TILE_WRONG)
				return cannot(run,
				    state == TILE_ERROR
					? NULL
					: "missing, and the entries do not lead to "
					  "the head");
			found(run, FOUND_TILE_DAMAGED, i * TILE_WIDTH, width);
		}
		for (unsigned k = 0; state == TILE_GOOD && k < width; k++)
			if (!hash_eq(&leaves[k], &run->leaf[k]))
				found(run, FOUND_MODIFIED, i * TILE_WIDTH + k, 1);
		flush(run);
	}
	return 0;
}

static void
find_damage(struct run *run)
{
	struct tiles *tiles = tiles_open(run->b->tree, run->size, &run->b->head->cp.root);

	run->r->read = 0;
	if (compare_entries(run, tiles) == 0 && run->r->findings == 0) {
		buf_reset(&run->path);
		cannot(run, "the entries do not lead to the head, and the tiles do");
	}
	tiles_free(tiles);
}

void
bundles_verify(const struct bundles *b, struct verify_result *r)
{
	struct run *run = xzalloc(1, sizeof *run);
	struct hash root;

	run->b = b;
	run->r = r;
	run->size = b->head->cp.size;
	if (fold(run, NULL) == 0) {
		frontier_root(&run->edge, &root);
		r->read = 0;
		if (hash_eq(&root, &b->head->cp.root))
			compare_tiles(run);
		else
			find_damage(run);
	}
	buf_free(&run->text);
	buf_free(&run->path);
	free(run);
}
