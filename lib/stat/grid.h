/*
 * grid - order statistics of all differences (stat/pairs.h) between two large samples of few decimals.
 *
 * Values that all are i / 10^s are laid out as how often each integer i comes.  Differences in double have the
 * order of the integers' differences; only of those with the same one, which are found in one pass over the
 * layout, rounding has to be looked at.
 */
#ifndef STAT_GRID_H
#define STAT_GRID_H

#include <stdbool.h>

#include "stat/pairs.h"

struct grid; /* opaque */

/*
 * grid_new(base, now, jobs):
 * Both, which are borrowed, by so many threads.  NULL if the samples are small, weighted, or not of that kind.
 * Memory is a byte for each integer up to the largest, 8 for a value at most.
 */
struct grid *grid_new(const struct sample *base, const struct sample *now, unsigned jobs);

/* As pairs_nth.  What is found next is best near this one. */
double grid_first(struct grid *g, pairs k, double *next);

/* The same, after that; safe to call from several threads. */
double grid_nth(const struct grid *g, pairs k, double *next);

/* Sums for the rank sum test (stat/rank.h); safe to call beside both. */
struct ranks grid_ranks(const struct grid *g);

void grid_free(struct grid *g); /* NULL is fine */

#endif
