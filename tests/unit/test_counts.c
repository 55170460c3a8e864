/*
 * What is counted is what was given, by one scale or two; and a quantile that counts is one that does not.
 */
#include "stat/counts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check.h"
#include "stat/quantile.h"
#include "stat/sort.h"

enum { N = 200000, PARTS = 3, SHAPES = 7 };

static uint64_t
random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void
counts_are(void)
{
	const double v[] = { 1, 0.5, 3, 0.5, 2.25, -0.0, -1, 70000, 7 };
	const double whole[] = { 1, 3, 3, 900 }, fine[] = { 0.001, 1, 0.5 };
	struct counts a = { 0 }, b = { 0 };

	CHECK(counts_take(&a, v, 2, 100) == 2 && a.ten == 10 && a.n == 2);
	CHECK(counts_take(&a, v + 2, 3, 100) == 2 && a.times[5] == 2); /* 2.25 is not of it */
	CHECK(counts_take(&a, v + 5, 4, 100) == 0);
	CHECK(counts_take(&a, v + 6, 3, 100) == 0);
	CHECK(counts_take(&a, v + 7, 2, COUNTS_ROOM) == 0);
	CHECK(counts_take(&a, v + 8, 1, 100) == 1 && a.n == 5 && a.times[70] == 1);
	counts_free(&a);

	CHECK(counts_take(&a, whole, 4, COUNTS_ROOM) == 4 && a.ten == 1);
	CHECK(counts_take(&b, fine, 3, COUNTS_ROOM) == 3 && b.ten == 1000);
	CHECK(!counts_add(&a, &b, COUNTS_ROOM) && a.n == 4); /* 900 is out of its reach */
	CHECK(!counts_add(&b, &a, COUNTS_ROOM) && b.n == 3);
	counts_free(&a);
	CHECK(counts_take(&a, whole, 3, COUNTS_ROOM) == 3);
	CHECK(counts_add(&a, &b, COUNTS_ROOM) && a.ten == 1000 && a.n == 6);
	CHECK(a.times[3000] == 2 && a.times[1000] == 2 && a.times[500] == 1 && a.times[1] == 1);
	CHECK(counts_value(&a, 1) == 0.001);
	counts_free(&a);
	counts_free(&b);
}

/* Of one kind; of another from some time on; with outliers; by two scales; of none. */
static double
value(int shape, size_t i, uint64_t *seed)
{
	double u = (double)(random_next(seed) >> 11) * 0x1p-53;

	switch (shape) {
	case 0: return floor(5000 * u);
	case 1: return floor(10000 * u) / 10000;
	case 2: return i < N / 2 ? floor(300 * u) : u;
	case 3: return u < 0.1 ? 1e9 * u : floor(900 * u);
	case 4: return i % PARTS == 0 ? floor(60 * u) : floor(600 * u) / 1000;
	case 5: return u < 0.01 ? -0.0 : floor(100 * u) - 2;
	default: return u;
	}
}

static void
quantile_is(const struct quantile *q, const double *sorted, size_t n)
{
	const uint64_t k[] = { 0, n / 10, n / 2, n - n / 20, n - 1 };
	double v[5], *all = xmalloc(n * sizeof *all);

	CHECK(q->n == n);
	quantile_select(q, k, 5, v);
	for (int i = 0; i < 5; i++)
		CHECK(v[i] == sorted[k[i]]);
	CHECK(quantile_copy(q, all) == all + n);
	double_sort(all, n);
	CHECK(memcmp(all, sorted, n * sizeof *all) == 0);
	free(all);
}

int
main(void)
{
	double *v = xmalloc(N * sizeof *v);
	uint64_t seed = 3;

	counts_are();
	for (int shape = 0; shape < SHAPES; shape++) {
		struct quantile part[PARTS] = { { 0 } };
		bool counted = false;

		for (size_t i = 0; i < N; i++) {
			v[i] = value(shape, i, &seed);
			quantile_add(&part[i % PARTS], v[i]);
		}
		for (int i = 0; i < PARTS; i++)
			counted |= quantile_counted(&part[i]) != NULL;
		CHECK(counted == (shape != 2 && shape != 6));
		for (int i = 1; i < PARTS; i++)
			quantile_merge(&part[0], &part[i]);
		double_sort(v, N);
		quantile_is(&part[0], v, N);
		quantile_free(&part[0]);
	}
	free(v);
	return check_done();
}
