#include "stat/sketch.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { OCTAVE = SKETCH_OCTAVE };

/* The bin of v > 0. */
static int
bin_of(double v)
{
	int exponent;
	double m = frexp(v, &exponent); /* 0.5 <= m < 1, exact */

	return (exponent - 1) * OCTAVE + (int)((2 * m - 1) * OCTAVE);
}

/* The least value of a bin. */
static double
bin_start(int octave, int place)
{
	return ldexp(1 + (double)place / OCTAVE, octave);
}

/* The value whose relative distance to both ends of the bin is the same. */
static double
bin_value(int octave, int place)
{
	double a = bin_start(octave, place), b = bin_start(octave, place + 1);

	return a * (2 * (b / (a + b)));
}

/* Where the page of octave is or belongs. */
static size_t
page_place(const struct bins *b, int octave)
{
	size_t low = 0, high = b->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (b->page[middle]->octave < octave)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct sketch_page *
page_get(struct bins *b, int octave)
{
	size_t at = page_place(b, octave);

	if (at < b->n && b->page[at]->octave == octave)
		return b->page[at];
	if (b->n == b->cap) {
		b->cap = b->cap == 0 ? 4 : 2 * b->cap;
		b->page = xrealloc(b->page, b->cap, sizeof(struct sketch_page *));
	}
	memmove(b->page + at + 1, b->page + at, (b->n - at) * sizeof(struct sketch_page *));
	b->n++;
	b->page[at] = xzalloc(1, sizeof *b->page[at]);
	b->page[at]->octave = octave;
	return b->page[at];
}

void
bins_add(struct bins *b, int bin, uint64_t count)
{
	int octave = bin / OCTAVE - (bin % OCTAVE < 0);

	page_get(b, octave)->count[bin - octave * OCTAVE] += count;
}

static void
bins_merge(struct bins *into, const struct bins *from)
{
	for (size_t i = 0; i < from->n; i++) {
		struct sketch_page *page = page_get(into, from->page[i]->octave);

		for (int k = 0; k < OCTAVE; k++)
			page->count[k] += from->page[i]->count[k];
	}
}

static void
bins_free(struct bins *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->page[i]);
	free(b->page);
}

/* Take the bounds of other values into account, before n is changed. */
static void
bounds_add(struct sketch *s, double min, double max)
{
	if (s->n == 0 || min < s->min)
		s->min = min;
	if (s->n == 0 || max > s->max)
		s->max = max;
}

void
sketch_add(struct sketch *s, double v)
{
	bounds_add(s, v, v);
	s->n++;
	if (v == 0)
		s->zeros++;
	else
		bins_add(v > 0 ? &s->positive : &s->negative, bin_of(fabs(v)), 1);
}

void
sketch_merge(struct sketch *into, const struct sketch *from)
{
	if (from->n == 0)
		return;
	bounds_add(into, from->min, from->max);
	into->n += from->n;
	into->zeros += from->zeros;
	bins_merge(&into->positive, &from->positive);
	bins_merge(&into->negative, &from->negative);
}

/* Walks over the bins of a sketch that are not empty, smallest value first. */
struct walk {
	const struct sketch *s;
	enum { NEGATIVE, ZERO, POSITIVE, DONE } where;
	size_t at; /* bin of the sign, counted over its pages */
};

/* The next bin, empty or not.  Returns false if there is none. */
static bool
walk_next(struct walk *w, double *v, uint64_t *count)
{
	const struct bins *b = w->where == NEGATIVE ? &w->s->negative : &w->s->positive;
	size_t all = b->n * OCTAVE, bin;

	if (w->where == ZERO) {
		w->where = POSITIVE;
		*v = 0;
		*count = w->s->zeros;
		return true;
	}
	if (w->at == all) {
		w->at = 0;
		w->where = w->where == NEGATIVE ? ZERO : DONE;
		return w->where == ZERO ? walk_next(w, v, count) : false;
	}
	bin = w->where == NEGATIVE ? all - 1 - w->at : w->at;
	w->at++;
	*count = b->page[bin / OCTAVE]->count[bin % OCTAVE];
	*v = bin_value(b->page[bin / OCTAVE]->octave, (int)(bin % OCTAVE));
	if (w->where == NEGATIVE)
		*v = -*v;
	return true;
}

/* The k-th value as the bins have it. */
static double
rank_value(const struct sketch *s, uint64_t k)
{
	struct walk w = { .s = s };
	uint64_t count;
	double v;

	while (walk_next(&w, &v, &count)) {
		if (k < count)
			return v;
		k -= count;
	}
	return s->max;
}

double
sketch_at(const struct sketch *s, uint64_t k)
{
	double v;

	if (k == 0 || k >= s->n)
		return k == 0 ? s->min : s->max;
	v = k == s->n - 1 ? s->max : rank_value(s, k);
	return v < s->min ? s->min : v > s->max ? s->max : v;
}

size_t
sketch_bins(const struct sketch *s, double *v, uint64_t *before)
{
	struct walk w = { .s = s };
	uint64_t count;
	size_t n = 0;

	if (v == NULL)
		return (s->negative.n + s->positive.n) * OCTAVE + 1;
	before[0] = 0;
	while (walk_next(&w, &v[n], &count)) {
		if (count == 0)
			continue;
		before[n + 1] = before[n] + count;
		n++;
	}
	return n;
}

void
sketch_free(struct sketch *s)
{
	bins_free(&s->positive);
	bins_free(&s->negative);
	*s = (struct sketch){ 0 };
}
