/*
 * state - what is kept of a set of records, however large: the one thing that merges.
 *
 * A record is a row of numbers, some of them missing; a series is what is kept of one column.
 * Workers add records to states of their own; states merge, in any grouping and order, to the same
 * bytes.  What is worth keeping of a column is said once, in its keep.
 */
#ifndef STAT_STATE_H
#define STAT_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stat/quantile.h"
#include "stat/sum.h"

enum keep {
	KEEP_COUNT = 1,    /* how many, how many not 0 */
	KEEP_SUM = 2,      /* that, and the exact sum */
	KEEP_QUANTILE = 4, /* that, and the values, for order statistics */
};

enum { STATE_COLUMNS = 64 }; /* at most */

struct series {
	uint64_t n, nonzero;
	struct sum *sum;         /* NULL: not kept */
	struct quantile *values; /* NULL: not kept */
};

struct state {
	uint64_t records;
	uint64_t used; /* bit i is set: something of column i is kept */
	size_t columns;
	struct series *series; /* of the columns */
};

/* state_init(s, keep, columns): an empty state; keep[i] is an or of enum keep, 0 for nothing. */
void state_init(struct state *s, const unsigned *keep, size_t columns);

/* Add a value, finite, to a series. */
void series_add(struct series *s, double v);

/* Move all of from to into, a state of the same columns; from is left empty. */
void state_merge(struct state *into, struct state *from);

void state_free(struct state *s);

#endif
