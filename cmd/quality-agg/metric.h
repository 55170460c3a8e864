/*
 * metric - the dictionary: what is reported, and from what.
 *
 * One row a metric; what the state keeps of each column follows from the rows.  A new metric is a
 * new row.
 */
#ifndef QUALITY_METRIC_H
#define QUALITY_METRIC_H

#include "base/buf.h"
#include "column.h"
#include "result.h"

enum { METRICS = 9 };

extern const char *const metric_names[METRICS];

/* What to keep of each column for the dictionary alone. */
void metric_keep(unsigned keep[COLUMNS]);

/* What metric i, from 0 in the order of the dictionary, says of a cell; false: null. */
bool metric_value(size_t i, const struct cell *c, double *v);

/* Append the members of the dictionary of a cell, "name":value, a comma between them. */
void metric_put(struct buf *b, const struct cell *c);

#endif
