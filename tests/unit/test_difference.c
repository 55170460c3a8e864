/*
 * Tests of difference against Python: random cases with our answers, one JSON list a line, which
 * tests/oracle/difference.py computes by other means.
 *
 *   test_difference             a few hundred cases, checked
 *   test_difference N SEED      N rounds of cases on stdout (make check-stats)
 */
#include <math.h>

#include "base/mem.h"
#include "check.h"
#include "python.h"
#include "random.h"
#include "stat/cusum.h"
#include "stat/holm.h"
#include "stat/mix.h"
#include "stat/proportion.h"
#include "stat/rank.h"
#include "stat/special.h"
#include "stat/welch.h"

enum { VALUES_MAX = 120, CATEGORIES_MAX = 8 };

static double
uniform(uint64_t *seed)
{
	return ((double)(random_next(seed) >> 11) + 0.5) * 0x1p-53;
}

/* A number of any size from 1 to about most. */
static uint64_t
any_size(uint64_t *seed, double most)
{
	return (uint64_t)exp(uniform(seed) * log(most + 0.99));
}

static void
put(struct buf *b, double v)
{
	buf_printf(b, ",%.17g", v);
}

static void
special_case(struct buf *b, uint64_t *seed)
{
	double df = (double)any_size(seed, 1e6), t = exp(uniform(seed) * 8 - 5), alpha;

	if (random_next(seed) % 2)
		df += uniform(seed);
	alpha = exp(-uniform(seed) * (random_next(seed) % 4 ? 8 : 200));
	buf_str(b, "[\"normal\"");
	put(b, t);
	put(b, normal_two_sided(t));
	put(b, alpha);
	put(b, normal_critical(alpha));
	buf_str(b, "]\n[\"student\"");
	put(b, t);
	put(b, df);
	put(b, student_two_sided(t, df));
	alpha = exp(-uniform(seed) * 12);
	put(b, alpha);
	put(b, student_critical(alpha, df));
	buf_str(b, "]\n[\"chi2\"");
	df = (double)any_size(seed, 300);
	t = df * exp(uniform(seed) * 3 - 1.5);
	put(b, t);
	put(b, df);
	put(b, chi2_upper(t, df));
	buf_str(b, "]\n");
}

static struct share
any_share(uint64_t *seed, double most)
{
	struct share s = { .n = any_size(seed, most) };

	switch (random_next(seed) % 4) {
	case 0: s.k = random_below(seed, s.n + 1); break;
	case 1: s.k = random_below(seed, s.n < 8 ? s.n + 1 : 8); break;
	case 2: s.k = s.n - random_below(seed, s.n < 8 ? s.n + 1 : 8); break;
	default: s.k = random_next(seed) % 2 ? s.n : 0; break;
	}
	return s;
}

static void
share_case(struct buf *b, uint64_t *seed)
{
	struct share base = any_share(seed, 3000), now = any_share(seed, 3000);
	double alpha = exp(-uniform(seed) * 8);
	struct interval one = share_interval(base, normal_critical(alpha));
	struct interval two = share_difference_interval(base, now, normal_critical(alpha));
	bool exact;
	double p = share_differs(base, now, &exact);

	CHECK(one.low >= 0 && one.high <= 1 && one.low <= one.high);
	CHECK(two.low >= -1 - 1e-15 && two.high <= 1 + 1e-15 && p >= 0 && p <= 1);
	buf_printf(b, "[\"share\",%lu,%lu,%lu,%lu", base.k, base.n, now.k, now.n);
	put(b, alpha);
	put(b, one.low);
	put(b, one.high);
	put(b, two.low);
	put(b, two.high);
	put(b, p);
	buf_printf(b, ",%d]\n", exact);
}

static int
double_cmp(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* A value of few or many different ones, of equal ones, of any size and sign. */
static double
any_value(uint64_t *seed, int shape, int i)
{
	double u = uniform(seed);

	switch (shape) {
	case 0: return floor(620000 * exp2(2 * u)) / 1000;
	case 1: return (double)(random_next(seed) % 5);
	case 2: return 42;
	case 3: return 2 * u - 1;
	case 4: return i == 0 ? 1 : 0;
	default: return ldexp(u - 0.5, (int)(random_next(seed) % 100) - 50);
	}
}

/* Sorted values of one shape. */
static size_t
any_values(uint64_t *seed, int shape, double *v)
{
	size_t n = any_size(seed, VALUES_MAX);

	for (size_t i = 0; i < n; i++)
		v[i] = any_value(seed, shape, (int)i);
	qsort(v, n, sizeof *v, double_cmp);
	return n;
}

static void
put_values(struct buf *b, const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s%.17g", i == 0 ? ",[" : ",", v[i]);
	buf_byte(b, ']');
}

static struct mean
mean_of(const double *v, size_t n)
{
	struct mean m = { .n = n };
	double rest = 0;

	for (size_t i = 0; i < n; i++)
		rest += v[i] - v[0];
	m.mean = v[0] + rest / (double)n;
	for (size_t i = 0; i < n; i++)
		m.variance += (v[i] - m.mean) * (v[i] - m.mean);
	m.variance /= n > 1 ? (double)(n - 1) : 1;
	return m;
}

/* The same values, each different one once, with its weight. */
static struct sample
folded(const double *v, size_t n, double *room, uint64_t *counts)
{
	struct sample s = { .v = room, .before = counts, .total = n };

	for (size_t i = 0; i < n; i++) {
		if (i == 0 || v[i] != v[i - 1]) {
			counts[s.n] = i;
			room[s.n++] = v[i];
		}
	}
	counts[s.n] = n;
	return s;
}

static bool
same_shift(struct shift a, struct shift b)
{
	return a.effect == b.effect && a.range.low == b.range.low &&
	    a.range.high == b.range.high;
}

static void
values_case(struct buf *b, uint64_t *seed)
{
	double x[VALUES_MAX], y[VALUES_MAX], fx[VALUES_MAX], fy[VALUES_MAX];
	uint64_t wx[VALUES_MAX + 1], wy[VALUES_MAX + 1];
	int shape = (int)(random_next(seed) % 6);
	size_t n = any_values(seed, shape, x), m = any_values(seed, shape, y);
	double alpha = exp(-uniform(seed) * 6), z = normal_critical(alpha);
	struct sample base = { .v = x, .n = n, .total = n };
	struct sample now = { .v = y, .n = m, .total = m };
	struct sample base2 = folded(x, n, fx, wx), now2 = folded(y, m, fy, wy);
	struct shift shift = rank_shift(&base, &now, z, 1);
	double p = rank_differs(&base, &now);

	CHECK(p == rank_differs(&base2, &now2) && p == rank_differs(&base, &now2));
	CHECK(same_shift(shift, rank_shift(&base2, &now2, z, 1)));
	CHECK(same_shift(shift, rank_shift(&base2, &now, z, 1)));
	buf_str(b, "[\"values\"");
	put_values(b, x, n);
	put_values(b, y, m);
	put(b, alpha);
	put(b, p);
	put(b, shift.effect);
	put(b, shift.range.low);
	put(b, shift.range.high);
	if (n > 1 && m > 1) {
		struct difference d = welch_test(mean_of(x, n), mean_of(y, m), alpha);

		put(b, d.effect);
		put(b, d.range.low);
		put(b, d.range.high);
		put(b, d.p);
	}
	buf_str(b, "]\n");
}

static void
mix_case(struct buf *b, uint64_t *seed)
{
	size_t n = 1 + random_below(seed, CATEGORIES_MAX);
	struct category c[CATEGORIES_MAX];
	bool both = false;

	while (!both) {
		uint64_t base = 0, now = 0;
		double most = random_next(seed) % 3 ? 40 : 4000;

		for (size_t i = 0; i < n; i++) {
			c[i].base = any_size(seed, most) - 1;
			c[i].now = any_size(seed, most) - 1;
			c[i].base += c[i].base + c[i].now == 0;
			base += c[i].base;
			now += c[i].now;
		}
		both = base > 0 && now > 0;
	}
	buf_str(b, "[\"mix\"");
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s[%lu,%lu]", i == 0 ? ",[" : ",", c[i].base, c[i].now);
	buf_byte(b, ']');
	put(b, mix_differs(c, n));
	put(b, mix_shift(c, n));
	buf_str(b, "]\n");
}

static void
holm_case(struct buf *b, uint64_t *seed)
{
	double p[40], adjusted[40];
	size_t n = any_size(seed, 40);

	for (size_t i = 0; i < n; i++)
		p[i] = random_next(seed) % 4 ? exp(-uniform(seed) * 10)
					     : (double)(random_next(seed) % 3) / 20;
	holm_adjust(p, n, adjusted);
	buf_str(b, "[\"holm\"");
	put_values(b, p, n);
	put_values(b, adjusted, n);
	buf_str(b, "]\n");
}

static void
cusum_case(struct buf *b, uint64_t *seed)
{
	double z[60], drift = uniform(seed) * 3 - 1;
	size_t n = any_size(seed, 60);
	struct cusum c = { 0 };

	for (size_t i = 0; i < n; i++) {
		z[i] = drift + uniform(seed) * 6 - 3;
		cusum_add(&c, z[i], i);
	}
	buf_str(b, "[\"cusum\"");
	put_values(b, z, n);
	put(b, c.most);
	buf_printf(b, ",%ld]\n", c.alarm ? (long)c.since : -1L);
}

static void
cases(struct buf *b, unsigned long rounds, uint64_t seed)
{
	while (rounds-- > 0) {
		special_case(b, &seed);
		share_case(b, &seed);
		values_case(b, &seed);
		mix_case(b, &seed);
		holm_case(b, &seed);
		cusum_case(b, &seed);
	}
}

/* Large numbers, against what is known without an oracle. */
static void
test_large(void)
{
	bool exact;
	uint64_t large = UINT64_C(1) << 33, before[] = { 0, large, 2 * large };
	double v[] = { 1, 2 }, w[] = { 2, 3 };
	struct sample base = { v, before, 2, 2 * large }, now = { w, before, 2, 2 * large };
	struct shift s = rank_shift(&base, &now, 2, 1);

	CHECK(
	    share_differs((struct share){ 0, large }, (struct share){ 0, large }, &exact) == 1);
	CHECK(exact);
	CHECK(fabs(share_differs((struct share){ 3, 3 }, (struct share){ 0, large }, &exact)) <
	    1e-28);
	CHECK(share_differs((struct share){ large / 2, large },
		  (struct share){ large / 2, large }, &exact) == 1);
	CHECK(!exact);
	CHECK(s.effect == 1 && s.range.low == 1 && s.range.high == 1);
	CHECK(rank_differs(&base, &now) == 0);
	CHECK(rank_differs(&base, &base) == 1);
}

/* Many values, where differences are counted side by side: the same as of the values with weights. */
static void
test_many(void)
{
	enum { N = 30011, M = 21001 };
	double *x = xmalloc(N * sizeof *x), *y = xmalloc(M * sizeof *y);
	double *fx = xmalloc(N * sizeof *fx), *fy = xmalloc(M * sizeof *fy);
	uint64_t *wx = xmalloc((N + 1) * sizeof *wx), *wy = xmalloc((M + 1) * sizeof *wy);
	uint64_t seed = 5;

	for (int shape = 0; shape < 6; shape++) {
		struct sample base = { x, NULL, N, N }, now = { y, NULL, M, M };
		struct sample base2, now2;
		struct shift a, b;

		for (int i = 0; i < N; i++)
			x[i] = any_value(&seed, shape, i);
		for (int i = 0; i < M; i++)
			y[i] = any_value(&seed, shape, i) + (shape == 3 ? 0.25 : 0);
		qsort(x, N, sizeof *x, double_cmp);
		qsort(y, M, sizeof *y, double_cmp);
		base2 = folded(x, N, fx, wx);
		now2 = folded(y, M, fy, wy);
		a = rank_shift(&base, &now, 1.96, 1);
		b = rank_shift(&base2, &now2, 1.96, 1);
		CHECK(same_shift(a, b));
		CHECK(a.range.low <= a.effect && a.effect <= a.range.high);
		CHECK(shape != 3 || fabs(a.effect - 0.25) < 0.02);
	}
	free(x);
	free(y);
	free(fx);
	free(fy);
	free(wx);
	free(wy);
}

int
main(int argc, char **argv)
{
	struct buf b = { 0 }, answer = { 0 };
	int python;

	if (argc == 3) {
		cases(&b, strtoul(argv[1], NULL, 10), strtoul(argv[2], NULL, 10));
		fwrite(b.p, 1, b.len, stdout);
		return fflush(stdout) != 0;
	}
	test_large();
	test_many();
	cases(&b, 150, 1);
	python = python_answers(
	    "exec(open(\"tests/oracle/difference.py\").read())", buf_view(&b), &answer);
	if (python == 1 && !CHECK_BYTES(answer.p, answer.len, "1200 equal, 0 differ\n"))
		printf("# %.*s", (int)answer.len, answer.p);
	CHECK(python != -1);
	buf_free(&b);
	buf_free(&answer);
	return check_done();
}
