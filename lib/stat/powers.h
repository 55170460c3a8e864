/*
 * powers - power sums: the exact sum of doubles and of their squares, in little memory.
 *
 * Two fixed-point numbers: the sum in units of 2^-64, the sum of squares in units of 2^-128.  A double
 * of magnitude below 2^63 that is a multiple of 2^-64, which nearly every measured number is, is added
 * exactly, and its square too.  What is not goes into wide sums (stat/sum.h) that are made when first
 * needed; the square of such a value is added as the double nearest to it and the rounding error.  So the
 * sum is exact and the whole a function of the values added, whatever their order or grouping.
 *
 * A zeroed struct powers is empty.
 */
#ifndef STAT_POWERS_H
#define STAT_POWERS_H

#include <stdint.h>

#include "stat/sum.h"

enum { POWERS_SUM = 3, POWERS_SQUARE = 5 }; /* words: room for 2^64 additions */

struct powers_wide {
	struct sum sum, square;
};

struct powers {
	uint64_t sum[POWERS_SUM]; /* two's complement, least word first */
	uint64_t square[POWERS_SQUARE];
	struct powers_wide *wide; /* NULL: nothing is in it */
};

/* Add v, which must be finite. */
void powers_add(struct powers *m, double v);

/* Move all of from to into; from is left empty. */
void powers_merge(struct powers *into, struct powers *from);

/* Add all of from, which stays as it is. */
void powers_add_all(struct powers *into, const struct powers *from);

/* The exact sum, and of squares, as wide sums, settled (equal ones have equal digits). */
void powers_total(const struct powers *m, struct sum *sum, struct sum *square);

/* Let m, which is empty, be what has these totals (which are settled). */
void powers_set(struct powers *m, const struct sum *sum, const struct sum *square);

/* The double nearest to the sum. */
double powers_sum(const struct powers *m);

/*
 * powers_variance(m, n):
 * The sample variance (over n - 1) of the n > 1 values that were added: (n S2 - S1^2) / n / (n - 1), where
 * the first is computed exactly, so that nothing cancels; 0 if all are equal.
 */
double powers_variance(const struct powers *m, uint64_t n);

/* Give memory back; m is empty. */
void powers_free(struct powers *m);

#endif
