#include "stat/sort.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

enum {
	FEW = 32, /* so many are inserted one by one */
	DIGIT = 11,
	DIGITS = 6,
	VALUES = 1 << DIGIT,
	FLAG = 8, /* bits to a pass in place */
	FLAGS = 1 << FLAG,
	MANY = 1024, /* from here on it is worth a look whether they have few decimals */
	SAMPLE = 64,
};

static const double SCALE_MAX = 1e6;

static void
insert_sort(uint64_t *key, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint64_t k = key[i];
		size_t at = i;

		for (; at > 0 && key[at - 1] > k; at--)
			key[at] = key[at - 1];
		key[at] = k;
	}
}

/* The bits in which keys differ. */
static uint64_t
difference(const uint64_t *key, size_t n)
{
	uint64_t all = UINT64_MAX, any = 0;

	for (size_t i = 0; i < n; i++) {
		all &= key[i];
		any |= key[i];
	}
	return all ^ any;
}

/* Turn how many there are of each digit into where they go. */
static void
starts_make(size_t at[VALUES])
{
	size_t sum = 0;

	for (size_t d = 0; d < VALUES; d++) {
		size_t count = at[d];

		at[d] = sum;
		sum += count;
	}
}

/* One pass: from key to to, by the digit at shift. */
static void
digit_pass(const uint64_t *key, uint64_t *to, size_t n, unsigned shift)
{
	size_t at[VALUES] = { 0 };

	for (size_t i = 0; i < n; i++)
		at[key[i] >> shift & (VALUES - 1)]++;
	starts_make(at);
	for (size_t i = 0; i < n; i++)
		to[at[key[i] >> shift & (VALUES - 1)]++] = key[i];
}

/* By passes from the lowest digit up, between two arrays. */
static void
passes_sort(uint64_t *key, size_t n)
{
	uint64_t differ = difference(key, n), *a = key, *b = NULL;

	for (unsigned shift = 0; shift < 64 && differ >> shift != 0; shift += DIGIT) {
		uint64_t *other;

		/* Begin a digit at the lowest bit that is of any use. */
		shift += (unsigned)__builtin_ctzll(differ >> shift);
		if (b == NULL)
			b = xmalloc_full(n * sizeof *b);
		digit_pass(a, b, n, shift);
		other = a;
		a = b;
		b = other;
	}
	if (a != key) {
		memcpy(key, a, n * sizeof *key);
		b = a;
	}
	if (b != key)
		free(b);
}

/* Split in place by the highest bits that differ (the "American flag"), then sort the parts. */
static void
flag_sort(uint64_t *key, size_t n)
{
	uint64_t differ = difference(key, n);
	size_t next[FLAGS + 1] = { 0 }, end[FLAGS];
	unsigned shift;

	if (differ == 0)
		return;
	shift = 63 - (unsigned)__builtin_clzll(differ);
	shift = shift < FLAG ? 0 : shift - FLAG + 1;
	for (size_t i = 0; i < n; i++)
		next[(key[i] >> shift & (FLAGS - 1)) + 1]++;
	for (size_t f = 0; f < FLAGS; f++)
		end[f] = next[f + 1] += next[f];
	for (size_t f = 0; f < FLAGS; f++)
		while (next[f] < end[f]) {
			uint64_t k = key[next[f]];
			size_t home = k >> shift & (FLAGS - 1);

			if (home == f) {
				next[f]++;
				continue;
			}
			key[next[f]] = key[next[home]];
			key[next[home]++] = k;
		}
	for (size_t f = 0, start = 0; f < FLAGS; start = end[f++])
		keys_sort(key + start, end[f] - start);
}

void
keys_sort(uint64_t *key, size_t n)
{
	if (n <= FEW)
		insert_sort(key, n);
	else if (n <= SORT_PART)
		passes_sort(key, n);
	else
		flag_sort(key, n);
}

/*
 * Values of a log have few decimals: as i / 10^s with i of 32 bits they differ in fewer bits than doubles do.
 * Returns false if they are something else.
 */
static bool
scaled_get(const double *v, size_t n, double ten, uint32_t *out)
{
	for (size_t i = 0; i < n; i++) {
		double scaled = v[i] * ten;
		uint32_t integer;

		if (!(scaled >= 0 && scaled < UINT32_MAX) || signbit(v[i]))
			return false;
		integer = (uint32_t)(scaled + 0.5);
		if ((double)integer / ten != v[i])
			return false;
		out[i] = integer;
	}
	return true;
}

double
double_scale(const double *v, size_t n)
{
	double ten = 1;
	uint32_t any[SAMPLE];

	for (; ten <= SCALE_MAX; ten *= 10)
		if (scaled_get(v, n < SAMPLE ? n : SAMPLE, ten, any))
			return ten;
	return 0;
}

static void
digit_pass_32(const uint32_t *key, uint32_t *to, size_t n, unsigned shift)
{
	size_t at[VALUES] = { 0 };

	for (size_t i = 0; i < n; i++)
		at[key[i] >> shift & (VALUES - 1)]++;
	starts_make(at);
	for (size_t i = 0; i < n; i++)
		to[at[key[i] >> shift & (VALUES - 1)]++] = key[i];
}

/* Returns false, with v as it was, if the values are not of that kind. */
static bool
scaled_sort(double *v, size_t n)
{
	double ten = double_scale(v, n);
	uint32_t *a, *b, most = 0;

	if (ten == 0)
		return false;
	a = xmalloc_full(2 * n * sizeof *a);
	b = a + n;
	if (!scaled_get(v, n, ten, a)) {
		free(a);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		most |= a[i];
	for (unsigned shift = 0; shift < 32 && most >> shift != 0; shift += DIGIT) {
		uint32_t *other = a;

		digit_pass_32(a, b, n, shift);
		a = b;
		b = other;
	}
	for (size_t i = 0; i < n; i++)
		v[i] = (double)a[i] / ten;
	free(a < b ? a : b);
	return true;
}

void
double_sort(double *v, size_t n)
{
	uint64_t *key = (uint64_t *)(void *)v;

	if (n >= MANY && n <= SORT_PART && scaled_sort(v, n))
		return;
	for (size_t i = 0; i < n; i++) {
		uint64_t k = key_of_double(v[i]);

		memcpy(&v[i], &k, sizeof k);
	}
	keys_sort(key, n);
	for (size_t i = 0; i < n; i++) {
		uint64_t k;

		memcpy(&k, &v[i], sizeof k);
		v[i] = double_of_key(k);
	}
}
