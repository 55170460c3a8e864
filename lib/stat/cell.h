/*
 * cell - what is kept of the records of one group within one span of time.
 *
 * A record is a row of numbers, some of them missing; a series is what is kept of one column of it.
 * Besides there are tallies (how many records were of each of a few kinds) and labels (the same, of kinds
 * that are not known before).
 */
#ifndef STAT_CELL_H
#define STAT_CELL_H

#include "base/instant.h"
#include "base/slice.h"
#include "stat/powers.h"
#include "stat/quantile.h"

enum keep {
	KEEP_COUNT = 1,    /* how many, how many not 0 */
	KEEP_SUM = 2,      /* that, and the exact sums of values and squares */
	KEEP_QUANTILE = 4, /* that, and the values, for order statistics */
};

struct series {
	uint64_t n, nonzero;
	struct powers *powers;   /* NULL: not kept */
	struct quantile *values; /* NULL: not kept */
};

struct label_count {
	uint32_t label; /* its number in the state's map of labels */
	uint64_t n;
};

struct cell {
	struct slice key;           /* of the group; the state's */
	int64_t bucket;             /* its span begins at bucket times the state's every */
	uint64_t records;           /* 0 if there are only values from elsewhere */
	struct instant first, last; /* times of the records, if there are any */
	uint64_t *tally;
	struct label_count *labels; /* in order of number */
	size_t label_count, label_cap;
	struct series *series; /* of all columns */
	const double *ranks;   /* for who prints it: order statistics found before, or NULL */
};

/* Add a value, finite, to a series. */
static inline void
series_add(struct series *s, double v)
{
	s->n++;
	s->nonzero += v != 0;
	if (s->powers != NULL)
		powers_add(s->powers, v);
	if (s->values != NULL)
		quantile_add(s->values, v);
}

#endif
