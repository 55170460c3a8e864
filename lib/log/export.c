#include "log/export.h"

#include <stdlib.h>

#include "base/mem.h"
#include "log/bundle.h"

struct run {
	struct export *e;
	uint64_t next; /* the entry that the next line is */
	uint64_t end;  /* no entry from here on is wanted */
	struct buf bundle;
};

static int
fail(struct export *e, const char *why)
{
	e->why = why;
	return -1;
}

/* The next bundle is complete. */
static int
write_bundle(struct run *r, uint64_t index, unsigned width)
{
	struct buf path = { 0 };
	int dir = r->e->sealed->dir, status;

	bundle_path_put(&path, index, width);
	status = tile_write_file(dir, &path, buf_view(&r->bundle), r->e->mode);
	if (status == -1)
		r->e->why = NULL;
	else if (width == TILE_WIDTH)
		tile_drop_partial_files(dir, &path);
	buf_free(&path);
	buf_reset(&r->bundle);
	return status;
}

static int
put_entry(struct run *r, uint64_t index, struct slice line)
{
	struct export *e = r->e;
	unsigned width = (unsigned)(index % TILE_WIDTH) + 1;

	if (e->entry != NULL)
		return e->entry(e->arg, index, line) == 0 ? 0 : fail(e, "stopped");
	bundle_put(&r->bundle, line);
	if (width < TILE_WIDTH && index + 1 < e->sealed->tree.size)
		return 0;
	return write_bundle(r, index / TILE_WIDTH, width);
}

/* Is the line the entry that the tree has there? */
static int
check(struct run *r, uint64_t index, const struct hash *leaf)
{
	struct proof_tree *t = &r->e->sealed->tree;
	const struct hash *leaves;

	r->e->state = tiles_get(t->tiles, 0, index / TILE_WIDTH, &leaves);
	if (r->e->state != TILE_GOOD) {
		t->bad = (struct tile_name){ 0, index / TILE_WIDTH,
			tile_width(t->size, 0, index / TILE_WIDTH) };
		return fail(r->e, "tile");
	}
	return hash_eq(leaf, &leaves[index % TILE_WIDTH]) ? 0 : fail(r->e, "lines");
}

static int
take(void *arg, const struct slice *line, size_t n)
{
	struct hash leaf[RECORDS_RUN];
	struct run *r = arg;

	if (r->next + n <= r->e->first) { /* nothing of it is wanted */
		r->next += n;
		return 0;
	}
	tree_leaves(line, n, leaf);
	for (size_t i = 0; i < n && r->next < r->end; i++, r->next++) {
		if (r->next < r->e->first)
			continue;
		r->e->at = r->next;
		if (check(r, r->next, &leaf[i]) == -1 || put_entry(r, r->next, line[i]) == -1)
			return -1;
	}
	return r->next >= r->end;
}

/* The lines begin with entry first. */
static int
run_from(struct run *r, uint64_t first)
{
	struct export *e = r->e;

	r->next = first;
	r->end = e->last + 1;
	e->at = e->first;
	e->why = "none";
	buf_reset(&r->bundle);
	if (first > e->first)
		return fail(e, "missing");
	if (records_each(e->records, take, r) == -1)
		return fail(e, "records");
	if (r->next >= r->end)
		return 0;
	if (strcmp(e->why != NULL ? e->why : "", "none") != 0)
		return -1;
	e->at = r->next;
	return fail(e, "missing");
}

int
export_lines(struct export *e)
{
	uint64_t found[RECORDS_FIRST], lines, size = e->sealed->tree.size;
	struct run r = { .e = e };
	int status = -1;
	size_t n;

	if (e->entry == NULL) {
		e->first = 0;
		e->last = size - 1; /* of none: none is wanted, see below */
	}
	if (size == 0)
		return 0;
	if (records_count(e->records, &lines) == -1)
		return fail(e, "records");
	n = records_first(e->sealed->dir, size, lines, found);
	for (size_t i = 0; i < n && status == -1; i++) {
		status = run_from(&r, found[i]);
		/* A wrong guess shows at the first line that is wanted. */
		if (e->at > e->first || e->why == NULL ||
		    (strcmp(e->why, "lines") != 0 && strcmp(e->why, "missing") != 0))
			break;
	}
	buf_free(&r.bundle);
	return status;
}
