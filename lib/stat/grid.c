#include "stat/grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stat/sort.h"

enum {
	LARGE = 1 << 16,   /* values of both, from which on it is worth it */
	ROOM = 1 << 23,    /* integers at most; so rounding never is half a step */
	TIMES = UINT8_MAX, /* that one comes at most */
	LANES = 16,        /* bytes at a time */
	FLUSH = 4096,      /* additions of TIMES^2 that 32 bits hold, and more */
	TURNS = 8,         /* by slope, before bisection */
	WALK = 4,          /* steps that are cheaper than to count anew */
	SLOTS = 1024,      /* of a new table */
};

/* Differences in double that have the same integer, and how many are of each; n of them, in slots or in order. */
struct equal {
	double d;
	uint64_t times; /* 0: the slot is free */
};

struct grid {
	const struct sample *base, *now;
	double ten;
	size_t room;
	uint8_t *b, *v; /* how often an integer comes; LANES more that do not */
	bool known;     /* what follows is of the integer difference at */
	int64_t at;
	pairs below, equal; /* differences that are less, that are this one */
	struct equal *table;
	size_t slots, n;
	bool made; /* the table is of at, in order */
};

static bool
layout(const struct sample *s, double ten, size_t room, uint8_t *times)
{
	for (size_t i = 0; i < s->n; i++) {
		size_t at = (size_t)(s->v[i] * ten + 0.5);

		if (at >= room || (double)at / ten != s->v[i] || times[at] == TIMES)
			return false;
		times[at]++;
	}
	return true;
}

struct grid *
grid_new(const struct sample *base, const struct sample *now)
{
	double ten, most;
	struct grid *g;
	size_t n = base->n + now->n;

	if (base->before != NULL || now->before != NULL || base->n < LARGE || now->n < LARGE ||
	    signbit(base->v[0]) || signbit(now->v[0]))
		return NULL;
	ten = double_scale(now->v, now->n);
	most = base->v[base->n - 1] > now->v[now->n - 1] ? base->v[base->n - 1]
							 : now->v[now->n - 1];
	if (ten == 0 || !(most * ten < ROOM - 1) || most * ten > 8 * (double)n)
		return NULL;
	g = xzalloc(1, sizeof *g);
	*g = (struct grid){ .base = base, .now = now, .ten = ten };
	g->room = (size_t)(most * ten + 0.5) + 1;
	g->b = xzalloc(g->room + LANES, 1);
	g->v = xzalloc(g->room + LANES, 1);
	if (layout(base, ten, g->room, g->b) && layout(now, ten, g->room, g->v))
		return g;
	grid_free(g);
	return NULL;
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
overlap(const struct grid *g, int64_t at, const uint8_t **b, const uint8_t **v)
{
	size_t off = (size_t)(at < 0 ? -at : at);

	*b = g->b + (at < 0 ? off : 0);
	*v = g->v + (at < 0 ? 0 : off);
	return off < g->room ? g->room - off : 0;
}

/* Behind the last integer there are only zeros in one of both. */
static pairs
equal_count(const struct grid *g, int64_t at)
{
	const uint8_t *b, *v;
	size_t n = overlap(g, at, &b, &v);

	return products(b, v, n);
}

static void
go(struct grid *g, int64_t at)
{
	int64_t steps = at - g->at;

	if (!g->known || steps > WALK || steps < -WALK) {
		g->equal = equal_count(g, at);
		g->below = pairs_upto(g->base, g->now, ((double)at + 0.5) / g->ten) - g->equal;
	}
	for (; g->known && steps > 0 && steps <= WALK; steps--) {
		g->below += g->equal;
		g->equal = equal_count(g, at - steps + 1);
	}
	for (; g->known && steps < 0 && steps >= -WALK; steps++) {
		g->equal = equal_count(g, at - steps - 1);
		g->below -= g->equal;
	}
	g->made = g->made && g->at == at;
	g->at = at;
	g->known = true;
}

/* Go to the integer difference of the k-th: between low and high. */
static void
find(struct grid *g, pairs k)
{
	int64_t low = -(int64_t)g->room, high = (int64_t)g->room, to;

	for (int turn = 0; g->below >= k || g->below + g->equal < k; turn++) {
		bool up = g->below < k;
		pairs far = up ? k - g->below - g->equal : g->below - k + 1, by;

		if (up)
			low = g->at + 1;
		else
			high = g->at - 1;
		by = g->equal > 0 ? (far + g->equal - 1) / g->equal : 0;
		to = low + (high - low) / 2;
		if (turn < TURNS && by > 0 && by <= (pairs)(high - low))
			to = up ? g->at + (int64_t)by : g->at - (int64_t)by;
		go(g, to < low ? low : to > high ? high : to);
	}
}

static void table_add(struct grid *g, double d, uint64_t times);

static void
table_grow(struct grid *g)
{
	struct equal *old = g->table;
	size_t slots = g->slots;

	g->slots = slots == 0 ? SLOTS : 2 * slots;
	g->table = xzalloc(g->slots, sizeof *g->table);
	g->n = 0;
	for (size_t i = 0; i < slots; i++)
		if (old[i].times != 0)
			table_add(g, old[i].d, old[i].times);
	free(old);
}

static void
table_add(struct grid *g, double d, uint64_t times)
{
	uint64_t bits;
	size_t i;

	if (2 * g->n >= g->slots)
		table_grow(g);
	memcpy(&bits, &d, sizeof bits);
	i = (size_t)(bits * 0x9e3779b97f4a7c15 >> 32) & (g->slots - 1);
	while (g->table[i].times != 0 && g->table[i].d != d)
		i = (i + 1) & (g->slots - 1);
	g->n += g->table[i].times == 0;
	g->table[i].d = d;
	g->table[i].times += times;
}

static int
order(const void *a, const void *b)
{
	double x = ((const struct equal *)a)->d, y = ((const struct equal *)b)->d;

	return (x > y) - (x < y);
}

/* All differences of the integer that was gone to, in order. */
static void
table_make(struct grid *g)
{
	const uint8_t *b, *v;
	size_t n = overlap(g, g->at, &b, &v), out = 0;
	size_t base = (size_t)(b - g->b), now = (size_t)(v - g->v);

	free(g->table);
	g->table = NULL;
	g->slots = 0;
	table_grow(g);
	for (size_t i = 0; i < n; i++)
		if ((b[i] != 0) & (v[i] != 0))
			table_add(g, (double)(now + i) / g->ten - (double)(base + i) / g->ten,
			    (uint64_t)b[i] * v[i]);
	for (size_t i = 0; i < g->slots; i++)
		if (g->table[i].times != 0)
			g->table[out++] = g->table[i];
	qsort(g->table, out, sizeof *g->table, order);
	g->made = true;
}

double
grid_nth(struct grid *g, pairs k)
{
	pairs before;
	size_t i = 0;

	if (!g->known) {
		double b = g->base->v[g->base->n / 2], v = g->now->v[g->now->n / 2];

		go(g, (int64_t)(v * g->ten + 0.5) - (int64_t)(b * g->ten + 0.5));
	}
	find(g, k);
	if (!g->made)
		table_make(g);
	for (before = g->below; before + g->table[i].times < k; i++)
		before += g->table[i].times;
	return g->table[i].d;
}

void
grid_free(struct grid *g)
{
	if (g == NULL)
		return;
	free(g->b);
	free(g->v);
	free(g->table);
	free(g);
}
