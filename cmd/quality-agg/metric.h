/*
 * metric - the dictionary: what is reported, and from what.
 *
 * One row a metric; what the state keeps of each column follows from the rows.  A new metric is a
 * new row.
 */
#ifndef QUALITY_METRIC_H
#define QUALITY_METRIC_H

#include "base/buf.h"
#include "human.h"
#include "result.h"

enum { METRICS = 9 };

extern const char *const metric_names[METRICS];

/* What to keep of each column for the dictionary alone. */
void metric_keep(unsigned keep[COLUMNS]);

/* What metric i, from 0 in the order of the dictionary, says of a cell; false: null. */
bool metric_value(size_t i, const struct cell *c, double *v);

/* What metric i is measured in. */
enum unit metric_unit(size_t i);

/* Of how many values metric i is, of all cells of a group together. */
uint64_t metric_count(size_t i, const struct result_group *g);

/* What metric i says of all cells of a group together; NAN: null. */
double metric_group(size_t i, const struct result *r, const struct result_group *g);

/* Where metric i is expected, at a baseline. */
struct band {
	double middle, low, high;
};

/*
 * metric_band(i, r, g, n, z, band):
 * Of metric i in a sample of n records like those of the group g: what it is in g, and between
 * what it then is by chance (normal approximation at the critical value z; for the p95 the order
 * statistics that it would be between).  Returns false if there is no such band: for request_count, or without values.
 */
bool metric_band(size_t i, const struct result *r, const struct result_group *g, double n,
    double z, struct band *band);

/* Append the members of the dictionary of a cell, "name":value, a comma between them. */
void metric_put(struct buf *b, const struct cell *c);

#endif
