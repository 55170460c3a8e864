/*
 * Power sums: against the wide sum, which has its own test, and against sums that are known; whatever the
 * order and the grouping, the same.
 */
#include "stat/powers.h"

#include <math.h>
#include <string.h>

#include "check.h"

static uint64_t
random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Counts, latencies, scores, large, tiny and signed ones. */
static double
value(int shape, uint64_t *seed)
{
	double u = (double)(random_next(seed) >> 11) * 0x1p-53;

	switch (shape) {
	case 0: return (double)(random_next(seed) % 9000);
	case 1: return floor(620000 * exp2(4 * u - 2)) / 1000;
	case 2: return 2 * u - 1;
	case 3: return (u - 0.5) * 2e15;
	case 4: return random_next(seed) & 1 ? -2147483648.0 : 2147483647.0;
	case 5: return (double)(int64_t)(random_next(seed) % 2001) - 1000;
	default: return ldexp(u, (int)(random_next(seed) % 1100) - 1070);
	}
}

/* Do they have the same totals, digit by digit? */
static bool
same(const struct powers *a, const struct powers *b)
{
	struct sum s[2], q[2];

	powers_total(a, &s[0], &q[0]);
	powers_total(b, &s[1], &q[1]);
	return memcmp(s[0].digit, s[1].digit, sizeof s[0].digit) == 0 &&
	    memcmp(q[0].digit, q[1].digit, sizeof q[0].digit) == 0;
}

static void
test_shape(int shape, int n, uint64_t *seed)
{
	struct powers one = { .wide = NULL }, part[3] = { { .wide = NULL } }, set = one;
	struct sum want = { 0 }, squares = { 0 }, got, got_squares;

	for (int i = 0; i < n; i++) {
		double v = value(shape < 7 ? shape : i % 7, seed);

		powers_add(&one, v);
		powers_add(&part[random_next(seed) % 3], v);
		sum_add(&want, v);
		sum_add(&squares, v * v);
		sum_add(&squares, fma(v, v, -(v * v)));
	}
	for (int i = 2; i > 0; i--)
		powers_merge(&part[0], &part[i]);
	sum_settle(&want);
	sum_settle(&squares);
	powers_total(&one, &got, &got_squares);
	CHECK(memcmp(got.digit, want.digit, sizeof want.digit) == 0);
	CHECK(memcmp(got_squares.digit, squares.digit, sizeof squares.digit) == 0);
	CHECK(same(&one, &part[0]));
	powers_set(&set, &got, &got_squares);
	CHECK(same(&one, &set));
	powers_add_all(&set, &one);
	powers_merge(&part[0], &one);
	CHECK(same(&set, &part[0]));
	powers_free(&set);
	powers_free(&one);
	for (int i = 0; i < 3; i++)
		powers_free(&part[i]);
}

static double
variance(const double *v, int n)
{
	struct powers p = { 0 };
	double result;

	for (int i = 0; i < n; i++)
		powers_add(&p, v[i]);
	result = powers_variance(&p, (uint64_t)n);
	powers_free(&p);
	return result;
}

#define VARIANCE(...)                                                                          \
	variance((double[]){ __VA_ARGS__ }, sizeof((double[]){ __VA_ARGS__ }) / sizeof(double))

/* Where the sum of squares less the square of the sum has no digit left in doubles. */
static void
test_variance(void)
{
	CHECK(VARIANCE(1, 2, 3, 4) == 5.0 / 3);
	CHECK(VARIANCE(0.1, 0.1, 0.1) == 0);
	CHECK(VARIANCE(1e15, 1e15 + 1, 1e15 + 2) == 1);
	CHECK(VARIANCE(1e15, 1e15 + 0.125) == 0.0078125);
	CHECK(VARIANCE(-1e15, 1e15) == 2e30);
	CHECK(VARIANCE(1e-300, 1e-300) == 0);
	CHECK(VARIANCE(-3, -3, -3, 5) == 16);
}

int
main(void)
{
	uint64_t seed = 77;

	for (int shape = 0; shape < 8; shape++)
		for (int n = 0; n < 3000; n = 3 * n + 1)
			test_shape(shape, n, &seed);
	test_variance();
	return check_done();
}
