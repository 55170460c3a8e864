/* What the disk says: the head, the log's end, and whether they fit together. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lines.h"
#include "log/appender.h"
#include "log/extent.h"
#include "log/hints.h"
#include "log/place.h"

int
append_read_tree(int tree, const char *name, struct buf *text)
{
	int fd = place_open(tree, name, O_RDONLY, 0, NULL), status;

	if (fd == -1)
		return -1;
	buf_reset(text);
	status = file_read(fd, NOTE_MAX, text);
	place_close(fd);
	return status;
}

/* Open the log by its path, so that a rename is noticed.  Returns 0, or -1. */
static int
open_log(struct append *a, bool make)
{
	int dir, flags = O_RDWR | O_APPEND | (make ? O_CREAT : 0);
	const char *base;
	struct stat st;

	place_close(a->log);
	a->log = -1;
	dir = place_parent(a->o->log, &base);
	if (dir == -1)
		return append_fault_system(a, "");
	a->log = place_open(dir, base, flags, a->o->mode, &a->made);
	if (a->log != -1 && a->made && place_sync(dir) == -1) {
		place_close(dir);
		return append_fault_system(a, "");
	}
	place_close(dir);
	if (a->log == -1 && errno == ENOENT)
		return append_fault(a, "log-missing", "");
	if (a->log == -1 && (errno == ELOOP || errno == ENXIO))
		return append_fault(a, "not-regular", "");
	if (a->log == -1 || fstat(a->log, &st) == -1)
		return append_fault_system(a, "");
	if (!S_ISREG(st.st_mode))
		return append_fault(a, "not-regular", "");
	a->start = (uint64_t)st.st_size;
	return 0;
}

/* The head must be the log's own: its last type 1 line under the origin by our key. */
static int
check_head(struct append *a, struct head *head)
{
	const struct vkey *key = &a->o->key->vkey;
	const struct note_line *last = NULL;
	struct diag d = { NULL, 0 };

	if (head_get(buf_view(&a->head), head, &d) == -1)
		return append_fault(a, d.rule, "checkpoint");
	head_check(head, key, 1);
	for (size_t i = 0; i < head->note.n; i++)
		if (slice_eq(head->note.line[i].name, head->cp.origin) &&
		    head->note.line[i].blob.len == KEY_SIG)
			last = &head->note.line[i];
	if (head->state == HEAD_BAD)
		return append_fault(a, "head-damaged", "checkpoint");
	if (head->state != HEAD_GOOD || last == NULL || last->id != key->id)
		return append_fault(a, "key-other", "checkpoint");
	a->time = head->timed ? head->time : 0;
	return 0;
}

/* What reading the log gathers: leaves, of which only the last tile's are kept, and tile starts. */
struct gather {
	uint64_t index;       /* of the next line */
	struct frontier *all; /* NULL, or what the lines so far add up to */
	struct hash last[TILE_WIDTH];
	uint64_t end;
	struct buf hints;
};

static int
gather(void *arg, const struct extent_run *run)
{
	struct gather *g = arg;

	for (size_t i = 0; i < run->n; i++) {
		g->last[g->index++ % TILE_WIDTH] = run->leaf[i];
		if (g->index % TILE_WIDTH == 0)
			hint_put(&g->hints, (struct hint){ g->index, run->end[i] });
	}
	g->end = run->end[run->n - 1];
	return g->all == NULL ? 0 : frontier_add(g->all, run->leaf, run->n, NULL, NULL);
}

/* Read the lines from hint to the head's last.  Returns 1, 0 if the log has fewer, or -1. */
static int
read_to_head(struct append *a, struct hint from, uint64_t size, struct gather *g)
{
	uint64_t count = size - from.index;
	int64_t n;

	g->index = from.index;
	g->end = from.offset;
	n = extent_read(a->log, from.offset, a->start, count, gather, g);
	if (n == -1)
		return append_fault_system(a, "");
	return (uint64_t)n == count;
}

/* Take over what was found: the edge, the end, the tile starts that hints lacks. */
static void
settle(struct append *a, const struct frontier *edge, struct gather *g)
{
	a->edge = *edge;
	a->end = g->end;
	buf_slice(&a->hints, buf_view(&g->hints));
}

static int
differs(void *arg, const struct extent_run *run)
{
	for (size_t i = 0; i < run->n; i++)
		if (hash_eq(&run->leaf[i], arg))
			return -1;
	return 0;
}

/* Does the last sealed line stand behind end once more?  Then that may be the end as well. */
static bool
stands_again(struct append *a, uint64_t end, struct hash *last)
{
	return a->start > end &&
	    extent_read(a->log, end, a->start, UINT64_MAX, differs, last) == -1;
}

/*
 * The quick way: begin where hints says.  The last tile's lines must be what the tiles, and they
 * what the head says; among lines that repeat, only counting from the first tells which are meant.
 * Returns 1, 0 if that does not come out, or -1.
 */
static int
find_end_quickly(struct append *a, const struct head *head, struct tiles *tiles)
{
	uint64_t first = (head->cp.size - 1) / TILE_WIDTH * TILE_WIDTH;
	struct gather g = { .all = NULL };
	struct hint from;
	int fd = place_open(a->tree, "hints", O_RDONLY, 0, NULL), status;
	bool edge_good = tiles_edge_good(tiles);

	if (fd == -1)
		return 0;
	status = hints_find(fd, first, &from);
	place_close(fd);
	if (status == 1)
		status = from.offset <= a->start ? read_to_head(a, from, head->cp.size, &g) : 0;
	if (status == 1 &&
	    (!tiles_offer(tiles, 0, first / TILE_WIDTH, g.last) ||
		stands_again(a, g.end, &g.last[(head->cp.size - 1) % TILE_WIDTH])))
		status = 0;
	if (status == 1) {
		settle(a, tiles_edge(tiles), &g);
		a->dirty = edge_good ? 0 : ~0u;
	}
	buf_free(&g.hints);
	return status;
}

/* The whole log was read: does it lead to the head, or at least its last tile to the tree? */
static int
judge(struct append *a, const struct head *head, struct tiles *tiles, struct gather *g)
{
	uint64_t last = (head->cp.size - 1) / TILE_WIDTH;
	struct hash root;
	bool edge_good;

	frontier_root(g->all, &root);
	if (hash_eq(&root, &head->cp.root)) {
		a->dirty = ~0u;
		settle(a, g->all, g);
		return 0;
	}
	edge_good = tiles_edge_good(tiles);
	if (tiles_offer(tiles, 0, last, g->last)) {
		a->dirty = edge_good ? 0 : ~0u;
		settle(a, tiles_edge(tiles), g);
		return 0;
	}
	return append_fault(a, edge_good ? "modified" : "tile-damaged", "");
}

/* The long way: read all lines from the first. */
static int
find_end_slowly(struct append *a, const struct head *head)
{
	struct tiles *tiles = tiles_open(a->tree, head->cp.size, &head->cp.root);
	struct frontier all = { 0 };
	struct gather g = { .all = &all };
	int status;

	hint_put(&g.hints, (struct hint){ 0, 0 });
	status = read_to_head(a, (struct hint){ 0, 0 }, head->cp.size, &g);
	if (status == 0)
		status = append_fault(a, "truncated", "");
	else if (status == 1)
		status = judge(a, head, tiles, &g);
	a->hints_anew = true;
	tiles_free(tiles);
	buf_free(&g.hints);
	return status;
}

static int
find_end(struct append *a, const struct head *head)
{
	struct tiles *tiles;
	struct hash root;
	int status;

	memset(&a->edge, 0, sizeof a->edge);
	a->end = 0;
	if (head->cp.size == 0) {
		frontier_root(&a->edge, &root);
		return hash_eq(&root, &head->cp.root)
		    ? 0
		    : append_fault(a, "head-damaged", "checkpoint");
	}
	if (a->start == 0)
		return append_fault(a, "log-missing", "");
	tiles = tiles_open(a->tree, head->cp.size, &head->cp.root);
	status = find_end_quickly(a, head, tiles);
	tiles_free(tiles);
	return status == 0 ? find_end_slowly(a, head) : status == 1 ? 0 : -1;
}

/* A line that is too long would be under the head for ever. */
static int
check_length(void *arg, const struct extent_run *run)
{
	uint64_t *end = arg;

	for (size_t i = 0; i < run->n; i++) {
		if (run->end[i] - *end > (uint64_t)LINES_MAX + 1)
			return -1;
		*end = run->end[i];
	}
	return 0;
}

/* There is no head: a new log, or one to adopt.  It gets its head of size 0. */
static int
start_log(struct append *a)
{
	struct recorded none = { 0 };
	struct head empty = { 0 };
	uint64_t end = 0;
	int status;

	status = record_load(a->tree, &empty, NULL, &none, &a->fault);
	if (none.last.len > 0)
		status = append_fault(a, "rollback", "checkpoints");
	buf_free(&none.last);
	if (status == -1 || open_log(a, true) == -1)
		return -1;
	if (a->start > 0 && !a->o->adopt)
		return append_fault(a, "no-head", "");
	errno = 0;
	if (a->start > 0 &&
	    extent_read(a->log, 0, a->start, UINT64_MAX, check_length, &end) == -1)
		return errno != 0 ? append_fault_system(a, "")
				  : append_fault(a, "line-length", "");
	a->adopting = a->start > 0;
	memset(&a->edge, 0, sizeof a->edge);
	a->end = 0;
	hint_put(&a->hints, (struct hint){ 0, 0 });
	a->hints_anew = true;
	return append_seal(a);
}

/* Lines that no head can follow are not written at all: each further try would add to them. */
static int
check_tree(struct append *a)
{
	if (faccessat(a->tree, ".", W_OK | X_OK, AT_EACCESS) == -1)
		return append_fault_system(a, ".");
	return 0;
}

int
append_load(struct append *a)
{
	struct head head = { 0 };
	int status = -1;

	buf_reset(&a->hints);
	a->hints_anew = false;
	a->dirty = 0;
	buf_reset(&a->recorded.last);
	a->recorded.time = -1;
	if (append_read_tree(a->tree, "checkpoint", &a->head) == -1)
		return errno == ENOENT ? start_log(a) : append_fault_system(a, "checkpoint");
	if (check_head(a, &head) == 0 &&
	    record_load(a->tree, &head, &a->o->key->vkey, &a->recorded, &a->fault) == 0 &&
	    open_log(a, false) == 0 && check_tree(a) == 0 && find_end(a, &head) == 0)
		status = 0;
	head_free(&head);
	if (status == 0)
		(void)record_add(
		    a->tree, a->o->mode, buf_view(&a->head), a->time, false, &a->recorded);
	return status;
}
