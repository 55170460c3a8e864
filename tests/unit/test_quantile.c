/*
 * Order statistics: against a sorted array, exact and from the sketch, whatever the cut.
 */
#include "stat/quantile.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "check.h"
#include "stat/sketch.h"

static uint64_t
random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Values of several shapes: latencies, few distinct ones, all equal, signed, of any size. */
static double
value(int shape, uint64_t *seed)
{
	double u = (double)(random_next(seed) >> 11) * 0x1p-53;

	switch (shape) {
	case 0: return floor(620000 * exp2(4 * u - 2)) / 1000;
	case 1: return (double)(random_next(seed) % 5);
	case 2: return 42;
	case 3: return 2 * u - 1;
	default:
		return ldexp(
		    random_next(seed) & 1 ? u : -u, (int)(random_next(seed) % 1100) - 1050);
	}
}

/* Add v to a few parts at random and merge them in random order. */
static void
collect(struct quantile *q, const double *v, size_t n, uint64_t *seed, bool spill)
{
	struct quantile part[7] = { { 0 } };

	for (size_t i = 0; i < n; i++) {
		quantile_add(&part[random_next(seed) % 7], v[i]);
		if (spill && random_next(seed) % (n + 1) == 0)
			quantile_spill(&part[random_next(seed) % 7]);
	}
	*q = (struct quantile){ 0 };
	for (size_t i = 0, at = random_next(seed) % 7; i < 7; i++, at = (at + 3) % 7)
		quantile_merge(q, &part[at]);
	if (spill)
		quantile_spill(q);
	for (size_t i = 0; i < 7; i++)
		CHECK(part[i].n == 0 && part[i].blocks == NULL && part[i].sketch == NULL);
}

static bool
close_to(double estimate, double v)
{
	return fabs(estimate - v) <= 0.01 * fabs(v) + DBL_MIN * DBL_EPSILON;
}

static void
test_shape(int shape, size_t n, uint64_t *seed)
{
	double *v = xmalloc((n + 1) * sizeof *v);
	struct quantile exact, rough;

	for (size_t i = 0; i < n; i++)
		v[i] = value(shape, seed);
	collect(&exact, v, n, seed, false);
	collect(&rough, v, n, seed, true);
	CHECK(exact.n == n && rough.n == n);
	CHECK(quantile_exact(&exact) && !quantile_exact(&rough));
	qsort(v, n, sizeof *v, compare);
	for (int i = 0; i < 40 && n > 0; i++) {
		size_t k = i == 0 ? 0
		    : i == 1      ? n - 1
		    : i == 2      ? 95 * n / 100
				  : random_next(seed) % n;

		CHECK(quantile_at(&exact, k) == v[k]);
		CHECK(close_to(quantile_at(&rough, k), v[k]));
	}
	if (n > 0)
		CHECK(quantile_at(&rough, 0) == v[0] && quantile_at(&rough, n - 1) == v[n - 1]);
	quantile_free(&exact);
	quantile_free(&rough);
	free(v);
}

/* What a sketch holds is a function of the values alone. */
static bool
same_bins(const struct bins *a, const struct bins *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (memcmp(a->page[i], b->page[i], sizeof *a->page[i]) != 0)
			return false;
	return true;
}

static void
test_sketch_order(uint64_t *seed)
{
	struct sketch one = { 0 }, part[3] = { { 0 } }, many = { 0 };

	for (int i = 0; i < 5000; i++) {
		double v = value(i % 5, seed);

		sketch_add(&one, v);
		sketch_add(&part[random_next(seed) % 3], v);
	}
	for (int i = 2; i >= 0; i--)
		sketch_merge(&many, &part[i]);
	CHECK(one.n == many.n && one.zeros == many.zeros);
	CHECK(one.min == many.min && one.max == many.max);
	CHECK(same_bins(&one.positive, &many.positive));
	CHECK(same_bins(&one.negative, &many.negative));
	CHECK(one.positive.n * sizeof(struct sketch_page) < 1000000);
	for (int i = 0; i < 3; i++)
		sketch_free(&part[i]);
	sketch_free(&one);
	sketch_free(&many);
}

int
main(void)
{
	static const size_t sizes[] = { 0, 1, 2, 15, 16, 17, 100, 4095, 4096, 4097, 70000,
		300000 };
	uint64_t seed = 42424242;

	for (int shape = 0; shape < 5; shape++)
		for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
			test_shape(shape, sizes[i], &seed);
	test_sketch_order(&seed);
	return check_done();
}
