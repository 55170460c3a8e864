/*
 * sum - the exact sum of doubles, rounded once, when it is asked for.
 *
 * A "small superaccumulator" (R. M. Neal, Fast exact summation using small and large
 * superaccumulators, arXiv:1505.05571): a fixed-point number wide enough for every finite double,
 * in 32-bit digits kept in 64-bit words, so that carries may wait.  Adding is exact, hence
 * associative and commutative: however the input was cut, ordered or merged, the result is the
 * same, and it is the double nearest to the true sum (ties to even), as Python's math.fsum gives.
 *
 * A zeroed struct sum is an empty sum.
 */
#ifndef STAT_SUM_H
#define STAT_SUM_H

#include <stdbool.h>
#include <stdint.h>

enum {
	SUM_DIGITS = 67,  /* 32 bits each: 2^-1075 up to beyond 2^64 times the largest double */
	SUM_UNIT = -1075, /* weight of bit 0 as a power of two */
};

struct sum {
	int64_t digit[SUM_DIGITS]; /* of weight 2^(32 i - 1075) */
	uint32_t waiting;          /* additions since carries were last moved up */
};

/* Add v, which must be finite. */
void sum_add(struct sum *s, double v);

/* Add all of from; from keeps its value, but its carries are moved. */
void sum_merge(struct sum *into, struct sum *from);

/* Move carries up: equal sums then have equal digits, whatever they were made of. */
void sum_settle(struct sum *s);

/* The digits of the sum's magnitude; is it below 0?  (The topmost is cut to 32 bits.) */
bool sum_magnitude(const struct sum *s, uint32_t digit[SUM_DIGITS]);

/* The double nearest to the number of count digits, at least 3, of weight 2^(32 i + unit), ties to even. */
double digits_nearest(const uint32_t *digit, int count, int unit);

/* The double nearest to the sum; 0 for an empty one, infinite if it is beyond range. */
double sum_value(const struct sum *s);

#endif
