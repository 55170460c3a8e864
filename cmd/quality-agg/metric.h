/*
 * metric - the dictionary: what is reported, and from what.
 *
 * One row a metric; what the state keeps of each field follows from the rows.  A new metric is a
 * new row.
 */
#ifndef QUALITY_METRIC_H
#define QUALITY_METRIC_H

#include "base/buf.h"
#include "record.h"
#include "stat/state.h"

/* The state for the dictionary: a series for each field that a row is about, the others unused. */
void metric_state_init(struct state *s);

/* Add what the rows are about. */
void metric_record(struct state *s, const struct record *record);

/* Append the dictionary of s, one JSON object; "{}" if it has no record. */
void metric_put(struct buf *b, const struct state *s);

#endif
