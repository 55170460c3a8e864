/* Where in the log the head's last line ends. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "log/appender.h"
#include "log/extent.h"
#include "log/hints.h"
#include "log/mend.h"
#include "log/place.h"

enum {
	TRIES = 64 /* places compared in full where equal lines repeat */
};

#define NOWHERE UINT64_MAX

/* What reading lines gathers: the last leaves in a ring, and tile starts. */
struct gather {
	uint64_t index;       /* of the next line */
	struct frontier *all; /* NULL, or what the lines so far add up to */
	struct hash last[TILE_WIDTH];
	uint64_t end;
	struct buf hints;
	uint64_t fold;   /* keep what full tiles from this one on fold to */
	struct buf root; /* struct mend_root, one after another */
};

static void
note_full(struct gather *g, uint64_t end)
{
	struct mend_root root = { g->index / TILE_WIDTH - 1, { { 0 } } };

	hint_put(&g->hints, (struct hint){ g->index, end });
	if (root.index < g->fold)
		return;
	tree_fold(g->last, TILE_WIDTH, &root.root);
	buf_add(&g->root, &root, sizeof root);
}

static int
gather(void *arg, const struct extent_run *run)
{
	struct gather *g = arg;

	for (size_t i = 0; i < run->n; i++) {
		g->last[g->index++ % TILE_WIDTH] = run->leaf[i];
		if (g->index % TILE_WIDTH == 0)
			note_full(g, run->end[i]);
	}
	g->end = run->end[run->n - 1];
	return g->all == NULL ? 0 : frontier_add(g->all, run->leaf, run->n, NULL, NULL);
}

/* Read the lines from hint to the head's last.  Returns 1, 0 if there are fewer, or -1. */
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

/* The head's last tile of level 0, and how many hashes of it there are. */
static uint64_t
last_tile(const struct head *head, unsigned *width)
{
	*width = (unsigned)((head->cp.size - 1) % TILE_WIDTH) + 1;
	return (head->cp.size - 1) / TILE_WIDTH;
}

static bool
edge_good(struct append *a, const struct head *head)
{
	struct tiles *tiles = tiles_open(a->tree, head->cp.size, &head->cp.root);
	bool good = tiles_edge_good(tiles);

	tiles_free(tiles);
	return good;
}

static void
take_edge(struct append *a, const struct head *head, const struct frontier *edge)
{
	a->edge = *edge;
	a->dirty = edge_good(a, head) ? 0 : ~0u;
}

/* roots: what full tiles fold to by their lines. */
static bool
goes_with(struct append *a, const struct head *head, const struct hash *tail, unsigned k,
    const struct buf *roots)
{
	struct hash leaves[TILE_WIDTH];
	struct mend_edge edge = { leaves };
	struct mend_from from = { .edge = &edge,
		.root = (const struct mend_root *)(const void *)roots->p,
		.roots = roots->len / sizeof(struct mend_root) };
	unsigned width;
	uint64_t index = last_tile(head, &width);
	struct tile_name before = { 0, index, width - k };
	const struct hash *known;
	struct mend *m;
	bool good;

	memcpy(leaves + width - k, tail, k * sizeof *tail);
	if (width < TILE_WIDTH &&
	    (k == width || tile_read(a->tree, before, leaves) == TILE_GOOD))
		from.edges = 1;
	m = mend_open(a->tree, head->cp.size, &head->cp.root, &from);
	known = mend_good(m) ? mend_leaves(m, index) : NULL;
	if (known == NULL && mend_good(m) && k == width && mend_offer(m, index, leaves))
		known = leaves;
	good = known != NULL && memcmp(known + width - k, tail, k * sizeof *tail) == 0;
	if (good)
		take_edge(a, head, mend_edge(m));
	mend_free(m);
	return good;
}

bool
locate_tail(struct append *a, const struct head *head, const struct hash *tail, unsigned k)
{
	struct buf none = { 0 };

	return goes_with(a, head, tail, k, &none);
}

bool
locate_last(struct append *a, const struct head *head)
{
	struct mend_from none = { .edges = 0 };
	struct mend *m = mend_open(a->tree, head->cp.size, &head->cp.root, &none);
	bool good = mend_good(m);

	if (good)
		take_edge(a, head, mend_edge(m));
	mend_free(m);
	return good;
}

/* The last k leaves that g gathered, in order. */
static void
unroll(const struct gather *g, unsigned k, struct hash *tail)
{
	for (unsigned i = 0; i < k; i++)
		tail[i] = g->last[(g->index - k + i) % TILE_WIDTH];
}

/* Lines from entry first on lead to the head's last: are they the tree's? */
static bool
fits(struct append *a, const struct head *head, const struct gather *g, uint64_t first)
{
	struct hash tail[TILE_WIDTH] = { 0 };
	unsigned width, k;
	uint64_t index = last_tile(head, &width);

	k = head->cp.size - first < width ? (unsigned)(head->cp.size - first) : width;
	unroll(g, k, tail);
	if (!goes_with(a, head, tail, k, &g->root))
		return false;
	a->spanned = k < width ? index + 1 : 0;
	return true;
}

static void
settle(struct append *a, const struct gather *g)
{
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
quickly(struct append *a, const struct head *head)
{
	struct gather g = { .fold = NOWHERE };
	struct hint from;
	int fd = place_open(a->tree, "hints", O_RDONLY, 0, NULL), status;

	if (fd == -1)
		return 0;
	status = hints_find(fd, head->cp.size - 1, &from);
	place_close(fd);
	if (status == 1)
		status = from.offset <= a->start ? read_to_head(a, from, head->cp.size, &g) : 0;
	if (status == 1 &&
	    (!fits(a, head, &g, from.index) ||
		stands_again(a, g.end, &g.last[(head->cp.size - 1) % TILE_WIDTH])))
		status = 0;
	if (status == 1)
		settle(a, &g);
	buf_free(&g.hints);
	return status;
}

/*
 * The file is the log from its first line on: do they lead to the head, or the last of them to the
 * tree?  Returns 1 or 0, with *short set if there are too few; -1.
 */
static int
from_first(struct append *a, const struct head *head, bool *too_few)
{
	struct frontier all = { 0 };
	struct gather g = { .all = &all, .fold = NOWHERE };
	struct hash root;
	int status;

	hint_put(&g.hints, (struct hint){ 0, 0 });
	status = read_to_head(a, (struct hint){ 0, 0 }, head->cp.size, &g);
	*too_few = status == 0;
	if (status == 1) {
		frontier_root(&all, &root);
		if (hash_eq(&root, &head->cp.root))
			take_edge(a, head, &all);
		else if (!fits(a, head, &g, 0))
			status = 0;
		a->spanned = 0;
	}
	if (status == 1)
		settle(a, &g);
	buf_free(&g.hints);
	return status;
}

/*
 * The file begins with entry first.  The same.  The lines that come before in its tile are in
 * another file, but from when the segment was begun there is a partial tile of just them.
 */
static int
from_entry(struct append *a, const struct head *head, uint64_t first, bool *too_few)
{
	struct gather g = { .fold = first / TILE_WIDTH };
	struct tile_name before = { 0, g.fold, first % TILE_WIDTH };
	int status;

	if (before.width > 0 && tile_read(a->tree, before, g.last) != TILE_GOOD)
		g.fold++;
	hint_put(&g.hints, (struct hint){ first, 0 });
	status = read_to_head(a, (struct hint){ first, 0 }, head->cp.size, &g);
	*too_few = status == 0;
	if (status == 1 && !fits(a, head, &g, first))
		status = 0;
	if (status == 1)
		settle(a, &g);
	buf_free(&g.hints);
	buf_free(&g.root);
	return status;
}

/* The sealed leaves, to be compared with lines. */
struct leaves {
	struct mend *m;
	uint64_t size, at; /* at: the tile in leaf, or NOWHERE */
	struct hash leaf[TILE_WIDTH];
	uint64_t index; /* of the next line compared */
};

static bool
is_leaf(struct leaves *l, uint64_t index, const struct hash *leaf)
{
	uint64_t tile = index / TILE_WIDTH;

	if (index >= l->size)
		return false;
	if (l->at != tile) {
		const struct hash *known = mend_leaves(l->m, tile);

		if (known == NULL)
			return false;
		memcpy(l->leaf, known, tile_width(l->size, 0, tile) * sizeof *known);
		l->at = tile;
	}
	return hash_eq(&l->leaf[index % TILE_WIDTH], leaf);
}

static int
compare(void *arg, const struct extent_run *run)
{
	struct leaves *l = arg;

	for (size_t i = 0; i < run->n; i++)
		if (!is_leaf(l, l->index++, &run->leaf[i]))
			return -1;
	return 0;
}

/* How many lines there are, and the first leaves. */
struct count {
	uint64_t n;
	struct extent_run first;
};

static int
count(void *arg, const struct extent_run *run)
{
	struct count *c = arg;

	if (c->n == 0)
		c->first = *run;
	c->n += run->n;
	return 0;
}

/* Could entry first be the file's first line, by as many as c has of them? */
static bool
may_begin(struct leaves *l, const struct count *c, uint64_t first)
{
	for (size_t i = 0; i < c->first.n && first + i < l->size; i++)
		if (!is_leaf(l, first + i, &c->first.leaf[i]))
			return false;
	return true;
}

/* Which entry the file's first line is, from the tiles: NOWHERE if no one knows.  Returns 0 or -1. */
static int
find_first(struct append *a, const struct head *head, uint64_t *first)
{
	struct mend_from none = { .edges = 0 };
	struct leaves *l = xzalloc(1, sizeof *l);
	struct count *c = xzalloc(1, sizeof *c);
	uint64_t size = head->cp.size;
	int status = 0, tries = 0;

	l->m = mend_open(a->tree, size, &head->cp.root, &none);
	l->size = size;
	l->at = *first = NOWHERE;
	if (extent_read(a->log, 0, a->start, UINT64_MAX, count, c) == -1)
		status = append_fault_system(a, "");
	for (uint64_t i = c->n < size ? size - c->n : 0;
	     status == 0 && *first == NOWHERE && c->n > 0 && i < size && tries < TRIES; i++) {
		if (!may_begin(l, c, i))
			continue;
		tries++;
		l->index = i;
		if (extent_read(a->log, 0, a->start, size - i, compare, l) != -1)
			*first = i;
	}
	mend_free(l->m);
	free(l);
	free(c);
	return status;
}

/* What hints says of the file that ends with the head. */
struct said {
	bool known;     /* all of it goes together */
	bool brief;     /* but it ends before the head's last tile: a segment may be missing */
	uint64_t first; /* its first entry, as far as it does */
	bool later;     /* a segment begins behind the head */
};

static struct said
ask_hints(struct append *a, const struct head *head)
{
	struct said said = { .known = false };
	uint64_t last = (head->cp.size - 1) / TILE_WIDTH * TILE_WIDTH;
	struct hint hint;
	int fd = place_open(a->tree, "hints", O_RDONLY, 0, NULL);

	said.known =
	    fd != -1 && hints_segment(fd, head->cp.size, &said.first, &said.later) == 1;
	said.brief = said.known && head->cp.size > 0 &&
	    (hints_find(fd, head->cp.size - 1, &hint) != 1 || hint.index < last);
	place_close(fd);
	return said;
}

static int
take_one(void *arg, const struct extent_run *run)
{
	*(struct hash *)arg = run->leaf[0];
	return 0;
}

/* Is the file's first line what entry first is, as far as is known? */
static bool
begins_with(struct append *a, const struct head *head, uint64_t first)
{
	struct mend_from none = { .edges = 0 };
	struct leaves *l = xzalloc(1, sizeof *l);
	struct hash leaf;
	bool same;

	l->m = mend_open(a->tree, head->cp.size, &head->cp.root, &none);
	l->size = head->cp.size;
	l->at = NOWHERE;
	same = extent_read(a->log, 0, a->start, 1, take_one, &leaf) != 1 ||
	    mend_leaves(l->m, first / TILE_WIDTH) == NULL || is_leaf(l, first, &leaf);
	mend_free(l->m);
	free(l);
	return same;
}

/* The long way: read all lines from the first. */
static int
slowly(struct append *a, const struct head *head, struct locate *l)
{
	struct said said = ask_hints(a, head);
	uint64_t first = said.first;
	bool too_few = false;
	int status = 0;

	l->elsewhere =
	    !said.known || said.later || first == head->cp.size || !begins_with(a, head, first);
	if (!said.known || first == 0)
		status = from_first(a, head, &too_few);
	if (status == 0 && first > 0 && first < head->cp.size)
		status = from_entry(a, head, first, &too_few);
	if (status == 0 && (!said.known || said.brief) && find_first(a, head, &first) == -1)
		return -1;
	if (status == 0 && (!said.known || said.brief) && first != NOWHERE)
		status = from_entry(a, head, first, &too_few);
	if (status == 0)
		l->why = too_few         ? "truncated"
		    : edge_good(a, head) ? "modified"
					 : "tile-damaged";
	a->hints_anew = true;
	a->hints_first = first == NOWHERE ? 0 : first;
	return status;
}

int
locate_end(struct append *a, const struct head *head, struct locate *l)
{
	int status;

	*l = (struct locate){ NULL, false };
	a->end = 0;
	a->spanned = 0;
	status = quickly(a, head);
	return status == 0 ? slowly(a, head, l) : status;
}

int
locate_first(struct append *a, uint64_t *first)
{
	struct head head = { 0 };
	struct said said;
	int status;

	a->start = a->end;
	*first = a->edge.size;
	if (a->end == 0)
		return 0;
	if (head_get(buf_view(&a->head), &head, NULL) == -1)
		return append_fault(a, "head-damaged", "checkpoint");
	said = ask_hints(a, &head);
	*first = said.first;
	status =
	    said.known && begins_with(a, &head, said.first) ? 0 : find_first(a, &head, first);
	if (status == 0 && *first == NOWHERE)
		status = append_fault(a, "modified", "");
	head_free(&head);
	return status;
}
