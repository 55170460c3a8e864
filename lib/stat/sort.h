/*
 * sort - many doubles in order, in time linear in their number whatever they are.
 *
 * By the bits of keys that have the doubles' order, 11 at a time; bits that all keys share cost nothing, so that small
 * integers and values of few digits are quick.
 */
#ifndef STAT_SORT_H
#define STAT_SORT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A number that sorts as the double does, -0 before 0; and back. */
static inline uint64_t
key_of_double(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof bits);
	return bits ^ (bits >> 63 ? UINT64_MAX : UINT64_C(1) << 63);
}

static inline double
double_of_key(uint64_t key)
{
	uint64_t bits = key ^ (key >> 63 ? UINT64_C(1) << 63 : UINT64_MAX);
	double v;

	memcpy(&v, &bits, sizeof v);
	return v;
}

/*
 * double_sort(v, n):
 * Sort n doubles, none of them a NaN.  Needs memory for as many again, but never for more than SORT_PART.
 */
void double_sort(double *v, size_t n);

/* The same for keys. */
void keys_sort(uint64_t *key, size_t n);

/* The least power of ten, 10^6 at most, that makes integers of the first of n values; 0 if none does. */
double double_scale(const double *v, size_t n);

enum { SORT_PART = 1 << 20 };

#endif
