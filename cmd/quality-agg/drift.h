/*
 * drift - the CUSUM of a metric's buckets of time.
 */
#ifndef QUALITY_DRIFT_H
#define QUALITY_DRIFT_H

#include "result.h"
#include "verdict.h"

/* What a compared metric says of a cell: a mean, or a share.  Returns of how many values, 0 for none. */
uint64_t drift_mean(enum compared metric, const struct cell *c, double *mean);

/*
 * drift_find(row, base, now, g):
 * Set cusum, drifts and since of row, of a group base of the baseline and g of now, both not NULL.
 * cusum stays NAN for a metric that has no worse side, slow_rate and mixes, and where the baseline
 * has no spread that a deviation could be measured in.
 */
void drift_find(struct row *row, const struct result_group *base, const struct result *now,
    const struct result_group *g);

#endif
