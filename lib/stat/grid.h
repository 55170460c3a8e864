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
 * grid_new(base, now):
 * Both, which are borrowed.  NULL if the samples are small, weighted, or not of that kind.  Memory is a byte for
 * each integer up to the largest, 8 for a value at most.
 */
struct grid *grid_new(const struct sample *base, const struct sample *now);

/* The k-th smallest difference now - base in double, k from 1 to all there are. */
double grid_nth(struct grid *g, pairs k);

void grid_free(struct grid *g); /* NULL is fine */

#endif
