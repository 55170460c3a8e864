/*
 * Different values, counted: as sorting has them, or not at all.
 */
#include "stat/distinct.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "check.h"
#include "stat/sort.h"

enum { N = 5000, PARTS = 3 };

static uint64_t
random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void
parts_make(struct quantile part[PARTS], const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		quantile_add(&part[i * i % PARTS], v[i]);
}

static bool
find(struct distinct *d, const double *v, size_t n)
{
	struct quantile part[PARTS] = { { 0 } };
	const struct quantile *q[PARTS];
	bool found;

	parts_make(part, v, n);
	for (int i = 0; i < PARTS; i++)
		q[i] = &part[i];
	found = distinct_find(d, q, PARTS);
	for (int i = 0; i < PARTS; i++)
		quantile_free(&part[i]);
	return found;
}

static void
check_same(const struct distinct *d, double *v, size_t n)
{
	size_t at = 0;

	double_sort(v, n);
	for (size_t i = 0; i < d->n; i++) {
		CHECK(d->before[i] == at);
		for (; at < d->before[i + 1] && at < n; at++)
			CHECK(v[at] == d->v[i]);
		CHECK(i == 0 || d->v[i - 1] < d->v[i]);
	}
	CHECK(d->before[d->n] == n);
}

int
main(void)
{
	static const double tens[] = { 1, 10, 1e4, 1e6 };
	double *v = xmalloc(N * sizeof *v);
	uint64_t seed = 1;
	struct distinct d;

	for (size_t k = 0; k < sizeof tens / sizeof tens[0]; k++) {
		for (size_t i = 0; i < N; i++)
			v[i] = (double)(random_next(&seed) % 300) / tens[k];
		CHECK(find(&d, v, N));
		check_same(&d, v, N);
		free(d.v);
		free(d.before);
	}
	/* Some that are too large, below 0 or not of few decimals, some of them twice. */
	for (size_t i = 0; i < N; i++)
		v[i] = i % 9 > 0 ? (double)(random_next(&seed) % 300) / 10
		    : i % 4 == 0 ? 1e15
		    : i % 4 == 1 ? -(double)(i % 5) - 1
				 : (double)(i % 700) / 3;
	CHECK(find(&d, v, N));
	check_same(&d, v, N);
	free(d.v);
	free(d.before);
	/* Too few, too different, -0, too many that are not of few decimals. */
	CHECK(!find(&d, v, 100));
	for (size_t i = 0; i < N; i++)
		v[i] = (double)i;
	CHECK(!find(&d, v, N));
	for (size_t i = 0; i < N; i++)
		v[i] = (double)(i % 100);
	v[N - 1] = -0.0;
	CHECK(!find(&d, v, N));
	for (size_t i = 0; i < N; i++)
		v[i] = (double)(i % 100) / (i % 3 == 0 ? 3 : 1);
	CHECK(!find(&d, v, N));
	free(v);
	return check_done();
}
