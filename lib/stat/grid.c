#include "stat/grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "stat/sort.h"

enum {
	LARGE = 1 << 16,   /* values of both, from which on it is worth it */
	ROOM = 1 << 24,    /* integers at most; so rounding never is half a step */
	TIMES = UINT8_MAX, /* that a byte of the layout counts at most */
	LANES = 16,        /* bytes at a time */
	FLUSH = 4096,      /* additions of TIMES^2 that 32 bits hold, and more */
	BATCH = 1024,      /* integers that are looked through at a time */
	TURNS = 8,         /* by slope, before bisection */
	WALK = 4,          /* steps that are cheaper than to count anew */
	FEW = 64,          /* values that tell the scale */
	SLOTS = 1024,      /* of a new table */
};

/* An integer that comes more often than a byte counts. */
struct extra {
	size_t at;
	uint64_t more;
};

/* How often each integer comes in a sample; LANES more that do not. */
struct side {
	const struct sample *s;
	uint8_t *times;
	struct extra *extra; /* ascending */
	size_t extras, cap;
	bool good; /* all values are of that kind */
};

/* Differences in double that have the same integer, and how many are of each; n of them, in slots or in order. */
struct equal {
	double d;
	uint64_t times; /* 0: the slot is free */
};

/* A search for the k-th. */
struct seek {
	const struct grid *g;
	bool known; /* what follows is of the integer difference at */
	int64_t at;
	pairs below, equal; /* differences that are less, that are this one */
	struct equal *table;
	size_t slots, n;
	bool made; /* the table is of at, in order */
};

struct grid {
	struct side base, now;
	double ten;
	size_t room;
	struct seek found; /* where searches start; without a table */
};

static void
extra_add(struct side *s, size_t at)
{
	if (s->extras > 0 && s->extra[s->extras - 1].at == at) {
		s->extra[s->extras - 1].more++;
		return;
	}
	if (s->extras == s->cap) {
		s->cap = s->cap == 0 ? 64 : 2 * s->cap;
		s->extra = xrealloc(s->extra, s->cap, sizeof *s->extra);
	}
	s->extra[s->extras++] = (struct extra){ at, 1 };
}

static bool
layout(struct side *s, double ten, size_t room)
{
	s->times = xzalloc(room + LANES, 1);
	for (size_t i = 0; i < s->s->n; i++) {
		size_t at = (size_t)(s->s->v[i] * ten + 0.5);

		if (at >= room || (double)at / ten != s->s->v[i])
			return false;
		if (s->times[at] < TIMES)
			s->times[at]++;
		else
			extra_add(s, at);
	}
	return true;
}

static void
side_lay(void *arg, size_t i)
{
	struct grid *g = arg;
	struct side *s = i == 0 ? &g->base : &g->now;

	s->good = layout(s, g->ten, g->room);
}

/* The scale of a few values from all over both; the first ones may all be the same. */
static double
scale_of(const struct sample *base, const struct sample *now)
{
	double few[FEW];

	for (size_t i = 0; i < FEW; i++) {
		const struct sample *s = i % 2 == 0 ? base : now;

		few[i] = s->v[s->n * i / FEW];
	}
	return double_scale(few, FEW);
}

struct grid *
grid_new(const struct sample *base, const struct sample *now, unsigned jobs)
{
	double ten, most;
	struct grid *g;
	size_t n = base->n + now->n;

	if (base->before != NULL || now->before != NULL || base->n < LARGE || now->n < LARGE ||
	    n > UINT32_MAX || signbit(base->v[0]) || signbit(now->v[0]))
		return NULL;
	ten = scale_of(base, now);
	most = base->v[base->n - 1] > now->v[now->n - 1] ? base->v[base->n - 1]
							 : now->v[now->n - 1];
	if (ten == 0 || !(most * ten < ROOM - 1) || most * ten > 8 * (double)n)
		return NULL;
	g = xzalloc(1, sizeof *g);
	*g = (struct grid){ .base.s = base, .now.s = now, .ten = ten };
	g->room = (size_t)(most * ten + 0.5) + 1;
	parallel_each(jobs, 2, side_lay, g);
	if (g->base.good && g->now.good)
		return g;
	grid_free(g);
	return NULL;
}

/* How often the integer i comes. */
static uint64_t
times_of(const struct side *s, size_t i)
{
	size_t low = 0, high = s->extras;

	if (s->times[i] < TIMES)
		return s->times[i];
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->extra[mid].at < i)
			low = mid + 1;
		else
			high = mid;
	}
	return TIMES + (low < s->extras && s->extra[low].at == i ? s->extra[low].more : 0);
}

typedef uint8_t bytes __attribute__((vector_size(LANES)));
typedef uint16_t halves __attribute__((vector_size(2 * LANES)));
typedef uint32_t words __attribute__((vector_size(4 * LANES)));

/* The sum of products. */
static uint64_t
products(const uint8_t *a, const uint8_t *b, size_t n)
{
	uint64_t all = 0;

	for (size_t i = 0; i < n;) {
		words sum = { 0 };

		for (int k = 0; k < FLUSH && i < n; k++, i += LANES) {
			bytes x, y;

			memcpy(&x, a + i, sizeof x);
			memcpy(&y, b + i, sizeof y);
			sum += __builtin_convertvector(__builtin_convertvector(x, halves) *
				__builtin_convertvector(y, halves),
			    words);
		}
		for (int k = 0; k < LANES; k++)
			all += sum[k];
	}
	return all;
}

/* Where integers of both begin that differ by at, and how many there are. */
static size_t
overlap(const struct grid *g, int64_t at, size_t *base, size_t *now)
{
	size_t off = (size_t)(at < 0 ? -at : at);

	*base = at < 0 ? off : 0;
	*now = at < 0 ? 0 : off;
	return off < g->room ? g->room - off : 0;
}

/* The products that bytes do not tell: of s, whose integers from start on meet those of other from to on. */
static pairs
extras_count(const struct side *s, size_t start, const struct side *other, size_t to, size_t n,
    bool whole)
{
	pairs all = 0;

	for (size_t i = 0; i < s->extras; i++) {
		size_t at = s->extra[i].at - start;

		if (s->extra[i].at < start || at >= n)
			continue;
		all += (pairs)s->extra[i].more *
		    (whole ? times_of(other, to + at) : other->times[to + at]);
	}
	return all;
}

static pairs
equal_count(const struct grid *g, int64_t at)
{
	size_t base, now, n = overlap(g, at, &base, &now);

	if (n == 0)
		return 0;
	/* Behind the last integer there are only zeros in one of both. */
	return products(g->base.times + base, g->now.times + now, n) +
	    extras_count(&g->base, base, &g->now, now, n, true) +
	    extras_count(&g->now, now, &g->base, base, n, false);
}

static void
go(struct seek *s, int64_t at)
{
	const struct grid *g = s->g;
	int64_t steps = at - s->at;

	if (!s->known || steps > WALK || steps < -WALK) {
		s->equal = equal_count(g, at);
		s->below =
		    pairs_upto(g->base.s, g->now.s, ((double)at + 0.5) / g->ten) - s->equal;
	}
	for (; s->known && steps > 0 && steps <= WALK; steps--) {
		s->below += s->equal;
		s->equal = equal_count(g, at - steps + 1);
	}
	for (; s->known && steps < 0 && steps >= -WALK; steps++) {
		s->equal = equal_count(g, at - steps - 1);
		s->below -= s->equal;
	}
	s->made = s->made && s->at == at;
	s->at = at;
	s->known = true;
}

/* Go to the integer difference of the k-th: between low and high. */
static void
find(struct seek *s, pairs k)
{
	int64_t low = -(int64_t)s->g->room, high = (int64_t)s->g->room, to;

	for (int turn = 0; s->below >= k || s->below + s->equal < k; turn++) {
		bool up = s->below < k;
		pairs far = up ? k - s->below - s->equal : s->below - k + 1, by;

		if (up)
			low = s->at + 1;
		else
			high = s->at - 1;
		by = s->equal > 0 ? (far + s->equal - 1) / s->equal : 0;
		to = low + (high - low) / 2;
		if (turn < TURNS && by > 0 && by <= (pairs)(high - low))
			to = up ? s->at + (int64_t)by : s->at - (int64_t)by;
		go(s, to < low ? low : to > high ? high : to);
	}
}

static void table_add(struct seek *s, double d, uint64_t times);

static void
table_grow(struct seek *s)
{
	struct equal *old = s->table;
	size_t slots = s->slots;

	s->slots = slots == 0 ? SLOTS : 2 * slots;
	s->table = xzalloc(s->slots, sizeof *s->table);
	s->n = 0;
	for (size_t i = 0; i < slots; i++)
		if (old[i].times != 0)
			table_add(s, old[i].d, old[i].times);
	free(old);
}

static void
table_add(struct seek *s, double d, uint64_t times)
{
	uint64_t bits;
	size_t i;

	if (2 * s->n >= s->slots)
		table_grow(s);
	memcpy(&bits, &d, sizeof bits);
	i = (size_t)(bits * 0x9e3779b97f4a7c15 >> 32) & (s->slots - 1);
	while (s->table[i].times != 0 && s->table[i].d != d)
		i = (i + 1) & (s->slots - 1);
	s->n += s->table[i].times == 0;
	s->table[i].d = d;
	s->table[i].times += times;
}

static int
order(const void *a, const void *b)
{
	double x = ((const struct equal *)a)->d, y = ((const struct equal *)b)->d;

	return (x > y) - (x < y);
}

/* Of n integers, BATCH at most, those that come in both, found without a branch. */
static size_t
both(const uint8_t *b, const uint8_t *v, size_t n, uint16_t found[BATCH])
{
	size_t out = 0;

	for (size_t i = 0; i < n; i++) {
		found[out] = (uint16_t)i;
		out += (b[i] != 0) & (v[i] != 0);
	}
	return out;
}

static void
batch_add(struct seek *s, size_t base, size_t now, size_t n)
{
	const struct grid *g = s->g;
	uint16_t found[BATCH];
	size_t count = both(g->base.times + base, g->now.times + now, n, found);

	for (size_t k = 0; k < count; k++) {
		size_t i = base + found[k], j = now + found[k];

		table_add(s, (double)j / g->ten - (double)i / g->ten,
		    times_of(&g->base, i) * times_of(&g->now, j));
	}
}

/* All differences of the integer that was gone to, in order. */
static void
table_make(struct seek *s)
{
	size_t base, now, n = overlap(s->g, s->at, &base, &now), out = 0;

	free(s->table);
	s->table = NULL;
	s->slots = 0;
	table_grow(s);
	for (size_t i = 0; i < n; i += BATCH)
		batch_add(s, base + i, now + i, n - i < BATCH ? n - i : BATCH);
	for (size_t i = 0; i < s->slots; i++)
		if (s->table[i].times != 0)
			s->table[out++] = s->table[i];
	qsort(s->table, out, sizeof *s->table, order);
	s->made = true;
}

static double
seek_nth(struct seek *s, pairs k)
{
	pairs before;
	size_t i = 0;

	find(s, k);
	if (!s->made)
		table_make(s);
	for (before = s->below; before + s->table[i].times < k; i++)
		before += s->table[i].times;
	return s->table[i].d;
}

/* From where s is. */
static double
seek_both(struct seek *s, pairs k, double *next)
{
	double v = seek_nth(s, k);

	if (next != NULL)
		*next = seek_nth(s, k + 1);
	free(s->table);
	s->table = NULL;
	s->slots = s->n = 0;
	s->made = false;
	return v;
}

double
grid_first(struct grid *g, pairs k, double *next)
{
	const struct sample *base = g->base.s, *now = g->now.s;

	g->found = (struct seek){ .g = g };
	go(&g->found,
	    (int64_t)(now->v[now->n / 2] * g->ten + 0.5) -
		(int64_t)(base->v[base->n / 2] * g->ten + 0.5));
	return seek_both(&g->found, k, next);
}

double
grid_nth(const struct grid *g, pairs k, double *next)
{
	struct seek s = g->found;

	return seek_both(&s, k, next);
}

struct ranks
grid_ranks(const struct grid *g)
{
	struct ranks r = { 0, 0 };
	uint64_t passed = 0;

	for (size_t i = 0; i < g->room; i += BATCH) {
		uint64_t twice = 0, tied = 0;

		for (size_t k = i; k < i + BATCH && k < g->room; k++) {
			uint64_t b = g->base.times[k], v = g->now.times[k], t = b + v;

			if (b == TIMES || v == TIMES) {
				b = times_of(&g->base, k);
				v = times_of(&g->now, k);
				ranks_add(&r, passed, b, v);
			} else {
				twice += v * (2 * passed + b);
				tied += t * t * t - t;
			}
			passed += b;
		}
		r.twice += twice;
		r.tied += tied;
	}
	return r;
}

void
grid_free(struct grid *g)
{
	if (g == NULL)
		return;
	free(g->base.times);
	free(g->base.extra);
	free(g->now.times);
	free(g->now.extra);
	free(g);
}
