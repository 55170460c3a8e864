#include "log/align.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "log/diff.h"
#include "log/gaps.h"

enum {
	SOLID = 8,            /* lines in a row that are no accident */
	SAMPLES = 1 << 19,    /* leaves in the index, at most */
	INDEX_BITS = 40,      /* of a slot: leaf number + 1; the rest is of the hash */
	INDEX_SLOTS = 1 << 20 /* twice SAMPLES */
};

struct align {
	const struct align_source *source;
	uint64_t sealed;
	uint64_t t, f;  /* the next leaf, and the line p[0] */
	struct hash *p; /* lines read ahead */
	size_t np;
	struct hash *q;         /* the leaves t and following, of that window */
	uint32_t *match;        /* of p in q */
	uint64_t *index;        /* of the leaves, made when first needed */
	unsigned sparse;        /* only hashes with that many low zero bits are in it */
	uint64_t offered;       /* the lost tile whose lines were offered already */
	const uint64_t *starts; /* where the segment that begins now may begin */
	size_t nstarts;
	uint64_t *torn; /* lines without LF */
	size_t ntorn;
	uint64_t spare; /* lines from here on may be unsealed, or ALIGN_NONE */
	struct gaps gaps;
};

struct align *
align_new(uint64_t sealed, const struct align_source *source)
{
	struct align *a = xzalloc(1, sizeof *a);

	a->source = source;
	a->sealed = sealed;
	a->offered = ALIGN_NONE;
	a->spare = ALIGN_NONE;
	return a;
}

void
align_free(struct align *a)
{
	if (a == NULL)
		return;
	gaps_free(&a->gaps);
	free(a->p);
	free(a->q);
	free(a->match);
	free(a->index);
	free(a->torn);
	free(a);
}

bool
align_coarse(const struct align *a)
{
	return a->gaps.coarse;
}

/* Leaf i; one that no one knows gets a value that is no line's hash. */
static bool
leaf(const struct align *a, uint64_t i, struct hash *h)
{
	if (a->source->leaf(a->source->arg, i, h))
		return true;
	memset(h, 0xff, sizeof *h);
	memcpy(h->b, &i, sizeof i);
	return false;
}

static bool
is_leaf(const struct align *a, uint64_t i, const struct hash *line)
{
	struct hash h;

	return i < a->sealed && leaf(a, i, &h) && hash_eq(&h, line);
}

/* The index: open addressing, seeded hash above, leaf number + 1 below. */
static uint64_t
index_key(const struct hash *h)
{
	return map_hash((struct slice){ (const char *)h->b, HASH_LEN });
}

static void
index_add(struct align *a, const struct hash *h, uint64_t i)
{
	uint64_t key = index_key(h), mark = key >> INDEX_BITS << INDEX_BITS;
	size_t at;

	if ((key & ((1u << a->sparse) - 1)) != 0)
		return;
	for (at = (key >> a->sparse) & (INDEX_SLOTS - 1); a->index[at] != 0;
	     at = (at + 1) & (INDEX_SLOTS - 1))
		if (a->index[at] >> INDEX_BITS << INDEX_BITS == mark)
			return; /* seen before, all but surely: the first will do */
	a->index[at] = mark | (i + 1);
}

static void
index_make(struct align *a)
{
	struct hash h;

	a->index = xzalloc(INDEX_SLOTS, sizeof *a->index);
	while (a->sealed >> a->sparse > SAMPLES)
		a->sparse++;
	for (uint64_t i = 0; i < a->sealed; i++)
		if (leaf(a, i, &h))
			index_add(a, &h, i);
}

/* The leaf that line is, in all likelihood, if the index knows it; else ALIGN_NONE. */
static uint64_t
index_find(const struct align *a, const struct hash *line)
{
	uint64_t key = index_key(line), mark = key >> INDEX_BITS << INDEX_BITS;

	if ((key & ((1u << a->sparse) - 1)) != 0)
		return ALIGN_NONE;
	for (size_t at = (key >> a->sparse) & (INDEX_SLOTS - 1); a->index[at] != 0;
	     at = (at + 1) & (INDEX_SLOTS - 1))
		if (a->index[at] >> INDEX_BITS << INDEX_BITS == mark)
			return (a->index[at] & ((UINT64_C(1) << INDEX_BITS) - 1)) - 1;
	return ALIGN_NONE;
}

/* The first n lines read ahead have found their place. */
static void
drop(struct align *a, size_t n)
{
	a->f += n;
	a->np -= n;
	memmove(a->p, a->p + n, a->np * sizeof *a->p);
}

/* How many lines from p[at] on are the leaves i and following. */
static size_t
run(const struct align *a, size_t at, uint64_t i)
{
	size_t n = 0;

	while (at + n < a->np && is_leaf(a, i + n, &a->p[at + n]))
		n++;
	return n;
}

/* Lines that are simply the next leaves. */
static void
follow(struct align *a)
{
	size_t n = run(a, 0, a->t);

	if (n == 0)
		return;
	a->gaps.open = false;
	a->t += n;
	drop(a, n);
}

/* n leaves, and then m lines, have no partner. */
static void
skip(struct align *a, uint64_t n, size_t m)
{
	gaps_leaves(&a->gaps, a->t, a->f, n);
	a->t += n;
	gaps_lines(&a->gaps, a->t, a->f, a->p, m);
	drop(a, m);
}

/*
 * If a lost tile begins here, and the lines read ahead are it, then its leaves are known again.
 * Returns true if so.
 */
static bool
offer(struct align *a)
{
	const struct align_source *s = a->source;
	struct hash h;

	if (s->offer == NULL || a->t >= a->sealed || a->t % 256 != 0 || a->offered == a->t ||
	    s->leaf(s->arg, a->t, &h) || a->np < s->width(s->arg, a->t))
		return false;
	a->offered = a->t;
	return s->offer(s->arg, a->t, a->p);
}

/*
 * Where in match to stop believing the window: behind its last run of SOLID lines, or, if there is
 * none and yet many lines have partners, behind the last of these.
 */
static size_t
believe(const struct align *a)
{
	size_t end = 0, last = 0, matches = 0, len = 0;

	for (size_t j = 0; j < a->np; j++) {
		if (a->match[j] == DIFF_NONE) {
			len = 0;
			continue;
		}
		len = len > 0 && a->match[j] == a->match[j - 1] + 1 ? len + 1 : 1;
		matches++;
		last = j + 1;
		if (len >= SOLID)
			end = j + 1;
	}
	return end == 0 && matches >= a->np / 8 ? last : end;
}

/* Put the first n lines, up to the last with a partner, where match has them.  False: there is none. */
static bool
place(struct align *a, size_t n)
{
	uint64_t base = a->t;
	size_t done = 0;

	for (size_t j = 0; j < n; j++) {
		if (a->match[j] == DIFF_NONE)
			continue;
		gaps_leaves(&a->gaps, a->t, a->f + done, base + a->match[j] - a->t);
		gaps_lines(&a->gaps, base + a->match[j], a->f + done, a->p + done, j - done);
		a->gaps.open = false;
		a->t = base + a->match[j] + 1;
		done = j + 1;
	}
	drop(a, done);
	return done > 0;
}

/* Align the window; all: these are the last lines and leaves.  False if nothing can be relied on. */
static bool
look_near(struct align *a, bool all)
{
	size_t nq = a->sealed - a->t < ALIGN_WINDOW ? (size_t)(a->sealed - a->t) : ALIGN_WINDOW;
	size_t lost = nq; /* the first leaf not known, in q */

	for (size_t i = 0; i < nq; i++)
		if (!leaf(a, a->t + i, &a->q[i]) && lost == nq)
			lost = i;
	diff(a->q, nq, a->p, a->np, a->match);
	for (size_t j = 0; j < a->np && lost > 0 && lost < nq; j++)
		if (a->match[j] == lost - 1)
			return place(a, j + 1); /* what follows may be the lost tile's lines */
	return place(a, all ? a->np : believe(a));
}

/*
 * Find a solid run of lines somewhere ahead: two neighbours in the index that are as far apart there
 * as here point at it.  Returns false if there is none.
 */
static bool
look_far(struct align *a)
{
	uint64_t i = ALIGN_NONE, last = ALIGN_NONE;
	size_t last_j = 0;

	if (a->index == NULL)
		index_make(a);
	for (size_t j = 0; j < a->np; j++) {
		if ((i = index_find(a, &a->p[j])) == ALIGN_NONE)
			continue;
		if (last != ALIGN_NONE && last >= a->t && i - last == j - last_j &&
		    run(a, last_j, last) >= SOLID)
			break;
		last = i;
		last_j = j;
		i = ALIGN_NONE;
	}
	if (last == ALIGN_NONE || i == ALIGN_NONE)
		return false;
	for (; last_j > 0 && last > a->t && is_leaf(a, last - 1, &a->p[last_j - 1]); last_j--)
		last--;
	skip(a, last - a->t, last_j);
	return true;
}

/* No lines follow, and these were not found: but they may be the end of the log. */
static void
look_back(struct align *a)
{
	size_t n = 0;

	while (n < a->np && n < a->sealed - a->t &&
	    is_leaf(a, a->sealed - 1 - n, &a->p[a->np - 1 - n]))
		n++;
	if (n > 0)
		skip(a, a->sealed - n - a->t, a->np - n);
	else
		skip(a, 0, a->np);
}

/* Place what can be placed of the lines read ahead; if last, all. */
static void
settle(struct align *a, bool last)
{
	for (;;) {
		bool all;

		follow(a);
		if (a->np == 0)
			return;
		if (a->t == a->sealed) {
			skip(a, 0, a->np);
			return;
		}
		if (offer(a))
			continue;
		if (a->np < ALIGN_WINDOW && !last)
			return;
		all = last && a->sealed - a->t <= ALIGN_WINDOW;
		if (look_near(a, all) || (!all && look_far(a)))
			continue;
		if (last)
			look_back(a);
		else
			skip(a, 0, a->np - SOLID);
	}
}

void
align_begin(struct align *a, const uint64_t *starts, size_t n)
{
	a->starts = starts;
	a->nstarts = n;
}

/* The first line of a segment: go to where it may begin. */
static void
jump(struct align *a, const struct hash *line)
{
	size_t n = a->nstarts;

	a->nstarts = 0;
	if (a->np > 0 || is_leaf(a, a->t, line))
		return;
	for (size_t i = 0; i < n; i++)
		if (a->starts[i] > a->t && is_leaf(a, a->starts[i], line)) {
			skip(a, a->starts[i] - a->t, 0);
			return;
		}
}

void
align_add(struct align *a, const struct hash *lines, size_t n)
{
	if (a->p == NULL) {
		a->p = xmalloc(ALIGN_WINDOW * sizeof *a->p);
		a->q = xmalloc(ALIGN_WINDOW * sizeof *a->q);
		a->match = xmalloc(ALIGN_WINDOW * sizeof *a->match);
	}
	if (n > 0 && a->nstarts > 0)
		jump(a, &lines[0]);
	for (size_t i = 0; i < n; i++) {
		if (a->np == 0 && is_leaf(a, a->t, &lines[i])) {
			a->gaps.open = false;
			a->t++;
			a->f++;
			continue;
		}
		a->p[a->np++] = lines[i];
		if (a->np == ALIGN_WINDOW || a->t == a->sealed || a->np == 256)
			settle(a, false);
	}
}

void
align_torn(struct align *a)
{
	a->torn = xrealloc(a->torn, a->ntorn + 1, sizeof *a->torn);
	a->torn[a->ntorn++] = a->f + a->np - 1;
}

void
align_spare(struct align *a, uint64_t line)
{
	a->spare = line;
}

/* Take the lines that are unsealed out of the last gap.  Returns how many. */
static uint64_t
take_spare(struct align *a)
{
	struct gap *last = a->gaps.n == 0 ? NULL : &a->gaps.gap[a->gaps.n - 1];
	uint64_t lines = 0;

	if (last != NULL && last->f == a->spare && last->tn > 0 &&
	    last->t + last->tn == a->sealed) {
		lines = last->fn;
		last->fn = 0;
	}
	return lines;
}

uint64_t
align_end(struct align *a, void (*found)(void *arg, const struct finding *), void *arg)
{
	struct gaps *g = &a->gaps;
	struct gaps_end end = { .sealed = a->sealed };
	uint64_t spare;

	settle(a, true);
	end.torn = a->torn;
	end.n = a->ntorn;
	gaps_leaves(g, a->t, a->f, a->sealed - a->t);
	a->t = a->sealed;
	spare = take_spare(a);
	return spare + gaps_name(g, &end, a->source, found, arg);
}
