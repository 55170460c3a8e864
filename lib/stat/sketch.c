#include "stat/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { OCTAVE = 50, SLACK = OCTAVE };

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
bin_start(int bin)
{
	int octave = bin / OCTAVE - (bin % OCTAVE < 0);

	return ldexp(1 + (double)(bin - octave * OCTAVE) / OCTAVE, octave);
}

/* The value whose relative distance to both ends of the bin is the same. */
static double
bin_value(int bin)
{
	double a = bin_start(bin), b = bin_start(bin + 1);

	return a * (2 * (b / (a + b)));
}

/* Make room for the bins first to last. */
static void
bins_cover(struct bins *b, int first, int last)
{
	size_t shift, n;
	uint64_t *count;

	if (b->n > 0 && first >= b->first && last < b->first + (int)b->n)
		return;
	first -= SLACK;
	last += SLACK;
	if (b->n > 0 && b->first < first)
		first = b->first;
	if (b->n > 0 && b->first + (int)b->n - 1 > last)
		last = b->first + (int)b->n - 1;
	n = (size_t)(last - first + 1);
	shift = b->n > 0 ? (size_t)(b->first - first) : 0;
	count = xzalloc(n, sizeof *count);
	if (b->n > 0)
		memcpy(count + shift, b->count, b->n * sizeof *count);
	free(b->count);
	*b = (struct bins){ count, first, n };
}

static void
bins_add(struct bins *b, int bin)
{
	bins_cover(b, bin, bin);
	b->count[bin - b->first]++;
}

static void
bins_merge(struct bins *into, const struct bins *from)
{
	if (from->n == 0)
		return;
	bins_cover(into, from->first, from->first + (int)from->n - 1);
	for (size_t i = 0; i < from->n; i++)
		into->count[(size_t)(from->first - into->first) + i] += from->count[i];
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
		bins_add(v > 0 ? &s->positive : &s->negative, bin_of(fabs(v)));
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

/* The k-th value as the bins have it, smallest first: negatives of falling magnitude, zeros, positives. */
static double
rank_value(const struct sketch *s, uint64_t k)
{
	for (size_t i = s->negative.n; i-- > 0; k -= s->negative.count[i])
		if (k < s->negative.count[i])
			return -bin_value(s->negative.first + (int)i);
	if (k < s->zeros)
		return 0;
	k -= s->zeros;
	for (size_t i = 0; i < s->positive.n; k -= s->positive.count[i++])
		if (k < s->positive.count[i])
			return bin_value(s->positive.first + (int)i);
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

/* Where sketch_bins puts its bins. */
struct listing {
	double *v;
	uint64_t *before;
	size_t n;
};

static void
list_bin(struct listing *l, double v, uint64_t count)
{
	if (count == 0)
		return;
	l->v[l->n] = v;
	l->before[l->n + 1] = l->before[l->n] + count;
	l->n++;
}

size_t
sketch_bins(const struct sketch *s, double *v, uint64_t *before)
{
	struct listing l = { v, before, 0 };

	if (v == NULL)
		return s->negative.n + s->positive.n + 1;
	before[0] = 0;
	for (size_t i = s->negative.n; i-- > 0;)
		list_bin(&l, -bin_value(s->negative.first + (int)i), s->negative.count[i]);
	list_bin(&l, 0, s->zeros);
	for (size_t i = 0; i < s->positive.n; i++)
		list_bin(&l, bin_value(s->positive.first + (int)i), s->positive.count[i]);
	return l.n;
}

void
sketch_free(struct sketch *s)
{
	free(s->positive.count);
	free(s->negative.count);
	*s = (struct sketch){ 0 };
}
