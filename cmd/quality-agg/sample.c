#include "sample.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

/* The nearest rank ceil(percent n / 100), from 0. */
static uint64_t
rank_of(uint64_t n, unsigned percent)
{
	return n / 100 * percent + (n % 100 * percent + 99) / 100 - 1;
}

/* How many different values v[0..n), sorted, has. */
static size_t
count_different(const double *v, size_t n)
{
	size_t different = n > 0;

	for (size_t i = 1; i < n; i++)
		different += v[i] != v[i - 1];
	return different;
}

/* Keep equal values once, if that makes it smaller. */
static void
fold(struct values *s)
{
	size_t n = s->sample.n, different = count_different(s->v, n), out = 0;

	if (different > n / 2)
		return;
	s->before = xmalloc((different + 1) * sizeof *s->before);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && s->v[i] == s->v[i - 1])
			continue;
		s->before[out] = i;
		s->v[out++] = s->v[i];
	}
	s->before[out] = n;
	s->sample.n = out;
	s->sample.before = s->before;
}

static void
exact_get(struct values *s, const struct result_group *g, enum column c)
{
	struct distinct d;
	uint64_t n;

	if (group_distinct(g, c, &d)) {
		s->v = d.v;
		s->before = d.before;
		s->sample = (struct sample){ d.v, d.before, d.n, d.before[d.n] };
		s->median = values_rank(s, 50);
		return;
	}
	s->v = group_values(g, c, &n);
	s->median = s->v[rank_of(n, 50)];
	s->sample = (struct sample){ .v = s->v, .n = (size_t)n, .total = n };
	fold(s);
}

static void
bins_get(struct values *s, const struct sketch *sketch)
{
	size_t most = sketch_bins(sketch, NULL, NULL);

	s->v = xmalloc((most + 1) * sizeof *s->v);
	s->before = xmalloc((most + 1) * sizeof *s->before);
	s->sample = (struct sample){
		.v = s->v,
		.before = s->before,
		.n = sketch_bins(sketch, s->v, s->before),
		.total = sketch->n,
	};
}

/* Bins of what is in a sketch, or of exact values, whose median stays exact. */
static void
sketch_get(
    struct values *s, const struct result *r, const struct result_group *g, enum column c)
{
	struct sketch sketch = { 0 };
	double *v;
	uint64_t n;

	if (result_exact(r, c)) {
		v = group_values(g, c, &n);
		s->median = v[rank_of(n, 50)];
		for (uint64_t i = 0; i < n; i++)
			sketch_add(&sketch, v[i]);
		free(v);
	} else {
		group_sketch(g, c, &sketch);
		s->median = sketch_at(&sketch, rank_of(sketch.n, 50));
	}
	bins_get(s, &sketch);
	sketch_free(&sketch);
}

void
values_get(struct values *s, const struct result *r, const struct result_group *g,
    enum column c, bool sketch)
{
	*s = (struct values){ .median = (double)NAN };
	if (g == NULL || group_counts(g, c).n == 0)
		return;
	if (sketch)
		sketch_get(s, r, g, c);
	else
		exact_get(s, g, c);
}

double
values_rank(const struct values *s, unsigned percent)
{
	uint64_t k = rank_of(s->sample.total, percent);
	size_t low = 0, high = s->sample.n;

	if (s->before == NULL)
		return s->v[k];
	while (high - low > 1) { /* before[low] <= k < before[high] */
		size_t mid = low + (high - low) / 2;

		if (s->before[mid] <= k)
			low = mid;
		else
			high = mid;
	}
	return s->v[low];
}

uint64_t
values_above(const struct values *s, double limit)
{
	size_t low = 0, high = s->sample.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->v[mid] <= limit)
			low = mid + 1;
		else
			high = mid;
	}
	return s->sample.total - (s->before == NULL ? low : s->before[low]);
}

void
values_free(struct values *s)
{
	free(s->v);
	free(s->before);
	*s = (struct values){ .v = NULL };
}
