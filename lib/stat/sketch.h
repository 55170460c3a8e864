/*
 * sketch - quantiles in little memory: at most 1 % away from the true value, in any merge order.
 *
 * A DDSketch (C. Masson, J. E. Rim, H. K. Lee, DDSketch: a fast and fully-mergeable quantile
 * sketch with relative-error guarantees, PVLDB 12, 2019) with linear interpolation between powers
 * of two: 50 bins of equal width to each, so that a bin's ends are within a factor of 1.02 and
 * 2ab/(a+b) is within 1/101 of all between them.  Bins are found by taking a double apart and
 * with + - * / only, because libm's log differs between systems.  Memory is some 400 bytes for each
 * power of two that has a value: no more than the number of values times that, and under 2 MB.
 *
 * A zeroed struct sketch is empty.  What it holds is a function of the values added alone.
 */
#ifndef STAT_SKETCH_H
#define STAT_SKETCH_H

#include <stddef.h>
#include <stdint.h>

enum { SKETCH_OCTAVE = 50 }; /* bins between a power of two and the next */

struct sketch_page {
	int octave; /* of values from 2^octave */
	uint64_t count[SKETCH_OCTAVE];
};

struct bins {
	struct sketch_page **page; /* in order of octave, none of them empty */
	size_t n, cap;
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
 * bins_add(b, bin, count):
 * Count so many more values in a bin: 50 times the octave of its magnitude, and the place in it.
 */
void bins_add(struct bins *b, int bin, uint64_t count);

/*
 * sketch_bins(s, v, before):
 * The bins that are not empty, in the order of their values: the value of the i-th in v[i], how many values are
 * in bins before it in before[i], of all in the one behind the last.  Two sketches have the same value for
 * the same bin.  Returns how many there are; with v NULL no more than how many there can be.
 */
size_t sketch_bins(const struct sketch *s, double *v, uint64_t *before);

void sketch_free(struct sketch *s);

#endif
