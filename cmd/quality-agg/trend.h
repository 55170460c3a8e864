/*
 * trend - a metric of a group over time, with where the baseline expects it.
 */
#ifndef QUALITY_TREND_H
#define QUALITY_TREND_H

#include "metric.h"
#include "report.h"

struct trend {
	size_t n;
	double *v;   /* NAN: null in that bucket */
	int64_t *at; /* which bucket, counted from the first of the whole result */
	int64_t start,
	    span; /* of the whole result: begin of the first bucket (seconds since 1970), buckets to the last */
	double all; /* of all buckets together */
	double low,
	    high; /* the least and largest of v and, if there is one, the band; NAN if none */
	bool has_band;
	struct band band;
};

/* trend_make(t, v, g, metric): of group g of v->now, metric as in the dictionary. */
void trend_make(
    struct trend *t, const struct view *v, const struct result_group *g, size_t metric);

/* The same of a metric that is compared; without values if g is NULL or the metric has no mean. */
void trend_make_compared(
    struct trend *t, const struct view *v, const struct result_group *g, enum compared metric);

/*
 * trend_columns(t, columns, v):
 * The mean of what falls into each of columns equal parts of the whole time; NAN where nothing does.
 */
void trend_columns(const struct trend *t, size_t columns, double *v);

/* How many parts a picture at most columns wide has: no more than there are buckets. */
size_t trend_parts(const struct trend *t, size_t columns);

void trend_free(struct trend *t);

#endif
