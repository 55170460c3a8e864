/*
 * Sorting doubles, of every kind that takes a way of its own, against qsort.
 */
#include "stat/sort.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "check.h"

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

	if (x == 0 && y == 0) /* -0 before 0 */
		return (signbit(x) ? 0 : 1) - (signbit(y) ? 0 : 1);
	return (x > y) - (x < y);
}

static double
value(int shape, size_t i, uint64_t *seed)
{
	double u = (double)(random_next(seed) >> 11) * 0x1p-53;

	switch (shape) {
	case 0: return (double)(random_next(seed) % 5000000) / 1000;
	case 1: return (double)(random_next(seed) % 6);
	case 2: return u;
	case 3: return 2 * u - 1;
	case 4: return 42;
	case 5:
		return i < 2000 ? (double)(random_next(seed) % 100)
				: u; /* looks like integers */
	case 6: return random_next(seed) & 1 ? -0.0 : 0.0;
	case 7: return (double)(random_next(seed) >> 20);
	default: return ldexp(u - 0.5, (int)(random_next(seed) % 2000) - 1000);
	}
}

static void
test_shape(int shape, size_t n, uint64_t *seed)
{
	double *got = xmalloc((n + 1) * sizeof *got), *want = xmalloc((n + 1) * sizeof *want);

	for (size_t i = 0; i < n; i++)
		want[i] = got[i] = value(shape, i, seed);
	qsort(want, n, sizeof *want, compare);
	double_sort(got, n);
	CHECK(n == 0 || memcmp(got, want, n * sizeof *got) == 0);
	free(got);
	free(want);
}

int
main(void)
{
	static const size_t sizes[] = { 0, 1, 2, 31, 32, 33, 1000, 1023, 1024, 5000, 70000 };
	uint64_t seed = 99;

	for (int shape = 0; shape < 9; shape++) {
		for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
			test_shape(shape, sizes[i], &seed);
		if (shape == 0 || shape == 8)
			test_shape(shape, SORT_PART + 1000, &seed);
	}
	return check_done();
}
