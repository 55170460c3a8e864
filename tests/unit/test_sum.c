/*
 * The exact sum: against 128-bit integers, against cases whose rounding is decided by hand, and
 * against itself however the input is cut and merged.
 */
#include "stat/sum.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "check.h"

/* xorshift64: the same numbers on every run. */
static uint64_t
random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static double
total(const double *v, size_t n)
{
	struct sum s = { 0 };

	for (size_t i = 0; i < n; i++)
		sum_add(&s, v[i]);
	return sum_value(&s);
}

#define TOTAL(...)                                                                             \
	total((double[]){ __VA_ARGS__ }, sizeof((double[]){ __VA_ARGS__ }) / sizeof(double))

static void
test_known(void)
{
	struct sum none = { 0 };

	CHECK(sum_value(&none) == 0 && !signbit(sum_value(&none)));
	CHECK(TOTAL(0.1, 0.2) == 0.1 + 0.2);
	CHECK(TOTAL(0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1) == 1);
	CHECK(TOTAL(1e100, 1, -1e100) == 1);
	CHECK(TOTAL(1e15, 1e-300, -1e15) == 1e-300);
	CHECK(TOTAL(-0.0) == 0 && TOTAL(-1, 1) == 0);
	CHECK(TOTAL(DBL_MAX) == DBL_MAX && TOTAL(-DBL_MAX) == -DBL_MAX);
	CHECK(TOTAL(DBL_MAX, DBL_MAX, -DBL_MAX) == DBL_MAX); /* beyond range on the way only */
	CHECK(TOTAL(DBL_MAX, DBL_MAX) == HUGE_VAL && TOTAL(-DBL_MAX, -DBL_MAX) == -HUGE_VAL);
}

/* 1 and half a unit in its last place, with and without something behind it. */
static void
test_ties(void)
{
	CHECK(TOTAL(1, 0x1p-53) == 1);
	CHECK(TOTAL(1, 0x1p-53, 0x1p-1074) == 1 + 0x1p-52);
	CHECK(TOTAL(1, 0x1p-53, -0x1p-1074) == 1);
	CHECK(TOTAL(1 + 0x1p-52, 0x1p-53) == 1 + 0x1p-51);
	CHECK(TOTAL(-1, -0x1p-53, -0x1p-1074) == -1 - 0x1p-52);
	CHECK(TOTAL(0x1.fffffffffffffp52, 0.5) == 0x1p53);
	CHECK(TOTAL(0x1.fffffffffffffp1023, 0x1p969) == DBL_MAX);
	CHECK(TOTAL(0x1.fffffffffffffp1023, 0x1p970) == HUGE_VAL);
}

static void
test_subnormal(void)
{
	double least = 0x1p-1074, normal = DBL_MIN;

	CHECK(TOTAL(least) == least && TOTAL(-least) == -least);
	CHECK(TOTAL(least, least, least) == 3 * least);
	CHECK(TOTAL(normal, -least) == normal - least);
	CHECK(TOTAL(normal - least, least) == normal);
	CHECK(TOTAL(1e300, least, -1e300) == least);
}

/* Sums of multiples of 2^-20 are exact in 128 bits, and converting those rounds correctly. */
static void
test_integers(void)
{
	uint64_t seed = 88172645463325252;

	for (int round = 0; round < 2000; round++) {
		struct sum s = { 0 };
		__int128 exact = 0;
		size_t n = random_next(&seed) % 3000;

		for (size_t i = 0; i < n; i++) {
			int64_t k =
			    (int64_t)(random_next(&seed) >> (11 + random_next(&seed) % 50));

			if (random_next(&seed) & 1)
				k = -k;
			exact += k;
			sum_add(&s, ldexp((double)k, -20));
		}
		CHECK(sum_value(&s) == ldexp((double)exact, -20));
	}
}

/* A double of any size that may be in a log: subnormal to 1e15, either sign, many of one size. */
static double
any_double(uint64_t *seed)
{
	uint64_t bits = random_next(seed);
	double m = (double)(bits >> 11);
	int exponent = (int)(bits & 7) == 0 ? -(int)(random_next(seed) % 1120) : -50;

	return ldexp(bits >> 10 & 1 ? m : -m, exponent);
}

enum { VALUES = 6000, PARTS = 40 };

/* Cut v at random, add the parts in random order, merge them in a random tree. */
static void
cut_and_merge(const double *v, uint64_t *seed, struct sum *out)
{
	static struct sum part[PARTS];
	size_t left = PARTS;

	memset(part, 0, sizeof part);
	for (size_t i = 0; i < VALUES; i++)
		sum_add(&part[random_next(seed) % PARTS], v[i]);
	while (left > 1) {
		size_t a = random_next(seed) % left, b = random_next(seed) % left;

		if (a == b)
			continue;
		sum_merge(&part[a], &part[b]);
		part[b] = part[--left];
	}
	*out = part[0];
	sum_settle(out);
}

static void
test_merges(void)
{
	static double v[VALUES];
	uint64_t seed = 0x9e3779b97f4a7c15;

	for (int round = 0; round < 50; round++) {
		struct sum one = { 0 }, many;

		for (size_t i = 0; i < VALUES; i++) {
			v[i] = any_double(&seed);
			sum_add(&one, v[i]);
		}
		sum_settle(&one);
		cut_and_merge(v, &seed, &many);
		CHECK(memcmp(one.digit, many.digit, sizeof one.digit) == 0);
		CHECK(sum_value(&one) == sum_value(&many));
		for (size_t i = 0; i < VALUES; i++)
			sum_add(&many, -v[i]);
		CHECK(sum_value(&many) == 0);
	}
}

/* Carries wait: more additions of one sign than a word holds without moving them up. */
static void
test_long_runs(void)
{
	/* p0 moves the upper digit the most, p-31 the lower one. */
	static const double steps[] = { 0x1.fffffffffffffp0, 0x1.fffffffffffffp-31,
		0x1.fffffffffffffp49 };

	for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
		struct sum s = { 0 };

		for (int i = 0; i < 1 << 20; i++)
			sum_add(&s, steps[k]);
		CHECK(sum_value(&s) == 0x1p20 * steps[k]);
		for (int i = 0; i < 1 << 20; i++)
			sum_add(&s, -steps[k]);
		CHECK(sum_value(&s) == 0);
	}
}

int
main(void)
{
	test_known();
	test_ties();
	test_subnormal();
	test_integers();
	test_merges();
	test_long_runs();
	return check_done();
}
