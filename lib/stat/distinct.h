/*
 * distinct - the different values of a sample in order, and how often each comes, without sorting.
 *
 * Counts and rates of a log are i / 10^s with few different integers i: these are counted (stat/counts.h), and
 * only what is something else is sorted.
 */
#ifndef STAT_DISTINCT_H
#define STAT_DISTINCT_H

#include "stat/quantile.h"

struct distinct {
	double *v;        /* n of them, ascending; free() gives them back */
	uint64_t *before; /* n + 1: how many values are before v[i]; the same */
	size_t n;
};

/*
 * distinct_find(d, q, count):
 * All values of count quantiles, none of them spilled.  Returns false, and d is unset, if more than a quarter of the
 * values, or half of the first thousands, are not of that kind, one is -0, they are too few for it to be worth it, or
 * more than half are different.
 */
bool distinct_find(struct distinct *d, const struct quantile *const *q, size_t count);

#endif
