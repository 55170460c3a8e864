/* From leaves to a signed head. */
#include <unistd.h>

#include "base/file.h"
#include "base/instant.h"
#include "log/appender.h"
#include "log/hints.h"

static int
on_full(void *arg, unsigned level, uint64_t index, const struct hash *hashes)
{
	struct append *a = arg;

	if (tile_write(a->tree, (struct tile_name){ level, index, TILE_WIDTH }, hashes,
		a->o->mode) == -1)
		return append_fault_system(a, "tile");
	if (!a->any_full[level]) {
		a->any_full[level] = true;
		a->first_full[level] = index;
	}
	a->dirty |= 1u << (level + 1);
	return 0;
}

int
append_grow(struct append *a, const struct hash *leaves, const uint64_t *ends, size_t n)
{
	uint64_t before = a->edge.size;

	if (n == 0)
		return 0;
	if (frontier_add(&a->edge, leaves, n, on_full, a) == -1)
		return -1;
	a->dirty |= 1;
	for (uint64_t i = (before | (TILE_WIDTH - 1)) + 1; i <= before + n; i += TILE_WIDTH)
		hint_put(&a->hints, (struct hint){ i, ends[i - before - 1] });
	a->end = ends[n - 1];
	return 0;
}

static void
discard_edge(struct tile_staged edge[TILE_LEVELS])
{
	for (unsigned level = 0; level < TILE_LEVELS; level++)
		tile_discard(&edge[level]);
}

/*
 * The partial tiles that are not on disk as they are here, under temporary names.  Whether or not it
 * fails, and whatever was committed, discard_edge ends it.
 */
static int
stage_edge(struct append *a, struct tile_staged edge[TILE_LEVELS])
{
	for (unsigned level = 0; level < TILE_LEVELS; level++)
		edge[level] = (struct tile_staged){ .dir = -1 };
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct tile_name t = { level, (a->edge.size >> (8 * level)) / TILE_WIDTH,
			frontier_width(&a->edge, level) };

		if ((a->dirty & 1u << level) != 0 && t.width > 0 &&
		    tile_stage(&edge[level], a->tree, t, a->edge.tile[level], a->o->mode) == -1)
			return append_fault_system(a, "tile");
	}
	return 0;
}

static int
commit_edge(struct append *a, struct tile_staged edge[TILE_LEVELS])
{
	for (unsigned level = 0; level < TILE_LEVELS; level++)
		if (edge[level].dir != -1 && tile_commit(&edge[level]) == -1)
			return append_fault_system(a, "tile");
	a->dirty = 0;
	return 0;
}

int
append_write_edge(struct append *a)
{
	struct tile_staged edge[TILE_LEVELS];
	int status = stage_edge(a, edge) == -1 ? -1 : commit_edge(a, edge);

	discard_edge(edge);
	return status;
}

int
append_sync_log(struct append *a)
{
	if (a->unsynced && fdatasync(a->log) == -1)
		return append_fault_system(a, "");
	a->unsynced = false;
	return 0;
}

static int
sign_head(struct append *a)
{
	struct hash root;

	frontier_root(&a->edge, &root);
	a->time = instant_now().s;
	buf_reset(&a->head);
	return head_put(&a->head, a->o->key, a->o->next, a->edge.size, &root, a->time) == -1
	    ? append_fault(a, "sign", "checkpoint")
	    : 0;
}

/*
 * What can be made while the lines are on their way to the disk is: the signature, and the files.
 * Tiles get their names and the head its text when the lines are there: one before its lines would
 * be of lines that a crash may take.
 */
static int
write_head(struct append *a)
{
	struct tile_staged edge[TILE_LEVELS];
	struct file_staged head;
	int status = -1;

	if (sign_head(a) == -1)
		return -1;
	if (file_stage(&head, a->tree, "checkpoint", a->o->mode, true) == -1)
		return append_fault_system(a, "checkpoint");
	if (stage_edge(a, edge) == 0 && append_sync_log(a) == 0 && commit_edge(a, edge) == 0) {
		status = file_write(head.fd, buf_view(&a->head));
		if (status == -1 || file_commit(&head) == -1)
			status = append_fault_system(a, "checkpoint");
	}
	discard_edge(edge);
	file_discard(&head);
	return status;
}

int
append_write_hints(struct append *a)
{
	struct slice records = buf_view(&a->hints);
	int status = a->hints_anew ? hints_replace(a->tree, a->hints_first, records, a->o->mode)
				   : hints_add(a->tree, records, a->o->mode);

	a->hints_anew = false;
	buf_reset(&a->hints);
	return status;
}

/*
 * What the new head makes superfluous.  The lines of a tile can be in two segments, of which the
 * first may be gone: there the full tile must be durable before the partial ones go.
 */
static void
tidy(struct append *a)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		uint64_t index = a->first_full[level];

		if (!a->any_full[level])
			continue;
		a->any_full[level] = false;
		if (level == 0 && a->spanned == index + 1 &&
		    tile_sync(a->tree, (struct tile_name){ level, index, TILE_WIDTH }) == -1)
			continue;
		tile_drop_partials(a->tree, level, index);
	}
	(void)append_write_hints(a); /* what it lacks costs time, no more */
}

int
append_seal(struct append *a)
{
	if (write_head(a) == -1)
		return -1;
	/* The head is durable, and so are the lines: a list that lags is no reason to say otherwise. */
	(void)record_add(a->tree, a->o->mode, buf_view(&a->head), a->time, false, &a->recorded);
	tidy(a);
	return 0;
}
