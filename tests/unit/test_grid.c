/*
 * The k-th difference by layout is the one that counting without it finds, to the bit.
 */
#include "stat/grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check.h"
#include "stat/sort.h"

enum { N = 70000, M = 90001 };

static double
random_unit(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (double)(*seed >> 11) * 0x1p-53;
}

/* As latencies are, or evenly, or on two heaps, or some of them more often than a byte counts. */
static double
value(int shape, double ten, uint64_t *seed)
{
	double u = random_unit(seed);

	switch (shape) {
	case 0: return floor(300000 * exp2(2 * (u + random_unit(seed)) - 2)) / ten;
	case 1: return floor(700000 * u) / ten;
	case 2: return u < 0.3 ? floor(9 * u) * 50000 / ten : floor(300000 * u) / ten;
	default: return floor((u < 0.5 ? 0 : 600000) + 40000 * random_unit(seed)) / ten;
	}
}

static struct sample
sample_make(double *v, size_t n, int shape, double ten, uint64_t *seed)
{
	for (size_t i = 0; i < n; i++)
		v[i] = value(shape, ten, seed);
	double_sort(v, n);
	return (struct sample){ .v = v, .n = n, .total = n };
}

static void
check_ranks(const struct sample *base, const struct sample *now, uint64_t *seed)
{
	struct grid *g = grid_new(base, now, 2);
	pairs all = (pairs)base->total * now->total;

	CHECK(g != NULL);
	for (int i = 0; i < 12 && g != NULL; i++) {
		pairs k = (pairs)((double)(all - 1) * random_unit(seed)) + 1;
		double x, y, next = 0, after = 0;

		if (i < 3)
			k = i == 0 ? 1 : i == 1 ? all : (all + 1) / 2;
		x = i == 0 ? grid_first(g, k, &next) : grid_nth(g, k, k < all ? &next : NULL);
		y = pairs_nth(base, now, k, k < all ? &after : NULL);
		CHECK(memcmp(&x, &y, sizeof x) == 0);
		CHECK(k == all || memcmp(&next, &after, sizeof next) == 0);
	}
	grid_free(g);
}

int
main(void)
{
	double *b = xmalloc(N * sizeof *b), *v = xmalloc(M * sizeof *v);
	struct sample base, now;
	uint64_t seed = 7;

	for (int shape = 0; shape < 4; shape++)
		for (double ten = 1; ten <= 1e6; ten *= 1000) {
			base = sample_make(b, N, shape, ten, &seed);
			now = sample_make(v, M, (shape + (int)seed % 2) % 4, ten, &seed);
			check_ranks(&base, &now, &seed);
			check_ranks(&now, &base, &seed);
		}
	/* Below 0, too large, not of few decimals. */
	b[0] = -1;
	CHECK(grid_new(&base, &now, 1) == NULL);
	b[0] = -0.0;
	CHECK(grid_new(&base, &now, 1) == NULL);
	b[0] = 0;
	v[M - 1] = 1e15;
	CHECK(grid_new(&base, &now, 1) == NULL);
	v[M - 1] = v[M - 2];
	v[5] = (v[4] + v[6]) / 2 + 1e-9;
	CHECK(grid_new(&base, &now, 1) == NULL);
	free(b);
	free(v);
	return check_done();
}
