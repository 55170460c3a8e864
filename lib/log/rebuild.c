#include "log/rebuild.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

/* One reading of all leaves. */
struct pass {
	struct rebuild *r;
	struct frontier edge;
	bool write;
	bool failed; /* a tile could not be written: errno */
};

static int
write_tile(struct pass *p, struct tile_name name, const struct hash *hashes)
{
	struct hash there[TILE_WIDTH];
	size_t len = name.width * sizeof *hashes;

	p->r->tiles++;
	if (tile_read(p->r->tree, name, there) == TILE_GOOD && memcmp(there, hashes, len) == 0)
		return 0;
	p->r->made++;
	if (tile_write(p->r->tree, name, hashes, p->r->mode) == 0)
		return 0;
	p->failed = true;
	return -1;
}

static int
on_full(void *arg, unsigned level, uint64_t index, const struct hash *hashes)
{
	struct pass *p = arg;

	return p->write ? write_tile(p, (struct tile_name){ level, index, TILE_WIDTH }, hashes)
			: 0;
}

/* The next lines, as many as the head has. */
static int
take(void *arg, const struct slice *line, size_t n)
{
	struct hash leaf[RECORDS_RUN];
	struct pass *p = arg;
	uint64_t left = p->r->size - p->edge.size;

	n = n < left ? n : (size_t)left;
	tree_leaves(line, n, leaf);
	if (frontier_add(&p->edge, leaf, n, on_full, p) == -1)
		return -1;
	return p->edge.size == p->r->size;
}

/* The entries before the first line, by their tiles. */
static int
take_tiles(struct pass *p, uint64_t first)
{
	struct hash leaf[TILE_WIDTH];

	while (p->edge.size < first) {
		uint64_t index = p->edge.size / TILE_WIDTH, left = first - p->edge.size;
		unsigned n = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;

		if (tile_read(p->r->tree, (struct tile_name){ 0, index, n }, leaf) != TILE_GOOD)
			return -1;
		if (frontier_add(&p->edge, leaf, n, on_full, p) == -1)
			return -1;
	}
	return 0;
}

/* Returns 1 if all leads to the root, 0 if not, -1 with r->why. */
static int
run(struct pass *p, uint64_t first)
{
	struct rebuild *r = p->r;
	struct hash root;

	memset(&p->edge, 0, sizeof p->edge);
	p->failed = false;
	if (take_tiles(p, first) == -1 && !p->failed)
		return 0;
	if (!p->failed && p->edge.size < r->size && records_each(r->records, take, p) == -1 &&
	    !p->failed) {
		r->why = "records";
		return -1;
	}
	if (p->failed) {
		r->why = NULL;
		return -1;
	}
	frontier_root(&p->edge, &root);
	return p->edge.size == r->size && hash_eq(&root, &r->root);
}

static int
write_edge(struct pass *p)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct tile_name name = { level, (p->edge.size >> (8 * level)) / TILE_WIDTH,
			frontier_width(&p->edge, level) };

		if (name.width > 0 && write_tile(p, name, p->edge.tile[level]) == -1) {
			p->r->why = NULL;
			return -1;
		}
	}
	return syncfs(p->r->tree);
}

/* Look for the entry with which the lines begin: from which do they lead to the root? */
static int
find_first(struct pass *p)
{
	uint64_t found[RECORDS_FIRST], lines;
	int status = 0;
	size_t n;

	if (records_count(p->r->records, &lines) == -1) {
		p->r->why = "records";
		return -1;
	}
	n = records_first(p->r->tree, p->r->size, lines, found);
	for (size_t i = 0; i < n && status == 0; i++) {
		p->r->first = found[i];
		status = run(p, found[i]);
	}
	return status;
}

int
rebuild_tiles(struct rebuild *r)
{
	struct pass *p = xzalloc(1, sizeof *p);
	int status;

	p->r = r;
	r->made = r->tiles = 0;
	r->why = NULL;
	status = find_first(p);
	if (status == 1) {
		p->write = true;
		status = run(p, r->first);
	}
	if (status == 0)
		r->why = "lines";
	else if (status == 1)
		status = write_edge(p) == 0 ? 1 : -1;
	free(p);
	return status == 1 ? 0 : -1;
}
