#include "stat/mix.h"

#include <math.h>
#include <stdbool.h>

#include "stat/special.h"

enum { EXPECTED_MIN = 5 };

static struct category
total(const struct category *c, size_t n)
{
	struct category all = { 0 };

	for (size_t i = 0; i < n; i++) {
		all.base += c[i].base;
		all.now += c[i].now;
	}
	return all;
}

/* Is an expected count of c, on the smaller side, under 5? */
static bool
is_rare(struct category c, struct category all)
{
	uint64_t least = all.base < all.now ? all.base : all.now;

	return (unsigned __int128)least * (c.base + c.now) <
	    (unsigned __int128)EXPECTED_MIN * (all.base + all.now);
}

/* What one cell adds to G / 2. */
static double
cell(uint64_t observed, uint64_t side, uint64_t both, uint64_t n)
{
	double o = (double)observed;

	if (observed == 0)
		return 0;
	return o * log(o / ((double)side * ((double)both / (double)n)));
}

static double
row(struct category c, struct category all)
{
	uint64_t both = c.base + c.now, n = all.base + all.now;

	return cell(c.base, all.base, both, n) + cell(c.now, all.now, both, n);
}

/* The place in c of the smallest category that is not pooled, or n. */
static size_t
smallest(const struct category *c, size_t n, struct category all)
{
	size_t at = n;

	for (size_t i = 0; i < n; i++)
		if (!is_rare(c[i], all) &&
		    (at == n || c[i].base + c[i].now < c[at].base + c[at].now))
			at = i;
	return at;
}

double
mix_differs(const struct category *c, size_t n)
{
	struct category all = total(c, n), pool = { 0 };
	size_t left = 0, joined = n;
	double half = 0;

	for (size_t i = 0; i < n; i++) {
		if (is_rare(c[i], all)) {
			pool.base += c[i].base;
			pool.now += c[i].now;
		}
	}
	if (pool.base + pool.now > 0 && is_rare(pool, all)) {
		joined = smallest(c, n, all);
		if (joined < n) {
			pool.base += c[joined].base;
			pool.now += c[joined].now;
		}
	}
	if (pool.base + pool.now > 0) {
		half += row(pool, all);
		left++;
	}
	for (size_t i = 0; i < n; i++) {
		if (i == joined || is_rare(c[i], all))
			continue;
		half += row(c[i], all);
		left++;
	}
	return left < 2 ? 1 : chi2_upper(2 * half, (double)(left - 1));
}

double
mix_shift(const struct category *c, size_t n)
{
	struct category all = total(c, n);
	double b = (double)all.base + (double)n / 2, q = (double)all.now + (double)n / 2,
	       sum = 0;

	for (size_t i = 0; i < n; i++) {
		double x = ((double)c[i].base + 0.5) / b, y = ((double)c[i].now + 0.5) / q;

		sum += (y - x) * log(y / x);
	}
	return sum;
}
