/*
 * sketch - quantiles in little memory: at most 1 % away from the true value, in any merge order.
 *
 * A DDSketch (C. Masson, J. E. Rim, H. K. Lee, DDSketch: a fast and fully-mergeable quantile
 * sketch with relative-error guarantees, PVLDB 12, 2019) with linear interpolation between powers
 * of two: 50 bins of equal width to each, so that a bin's ends are within a factor of 1.02 and
 * 2ab/(a+b) is within 1/101 of all between them.  Bins are found by taking a double apart and
 * with + - * / only, because libm's log differs between systems.  Memory grows with the range of
 * the values, by 400 bytes for each power of two, to under 1 MB for all of them.
 *
 * A zeroed struct sketch is empty.  What it holds is a function of the values added alone.
 */
#ifndef STAT_SKETCH_H
#define STAT_SKETCH_H

#include <stddef.h>
#include <stdint.h>

struct bins {
	uint64_t *count; /* of bins first, first + 1, ... */
	int first;
	size_t n;
};

struct sketch {
	uint64_t n, zeros;
	double min, max;                /* exact; 0 while n is 0 */
	struct bins positive, negative; /* negative: by magnitude */
};

/* Add v, which must be finite. */
void sketch_add(struct sketch *s, double v);

void sketch_merge(struct sketch *into, const struct sketch *from);

/* An estimate of the k-th smallest value, k from 0 to n - 1. */
double sketch_at(const struct sketch *s, uint64_t k);

/*
 * sketch_bins(s, v, before):
 * The bins that are not empty, in the order of their values: the value of the i-th in v[i], how many values are
 * in bins before it in before[i], of all in the one behind the last.  Two sketches have the same value for
 * the same bin.  Returns how many there are; with v NULL no more than how many there can be.
 */
size_t sketch_bins(const struct sketch *s, double *v, uint64_t *before);

void sketch_free(struct sketch *s);

#endif
