/*
 * pairs - order statistics of all differences between the values of two samples, without making them.
 *
 * With both samples sorted, how many differences are at most x is counted in one walk along both.  So
 * the k-th is found by trying values: first with a few of the values for all, which says closely where it is,
 * then between the counts of what was tried, and when few differences are left these are made.  At the
 * worst the bits of a double are tried one by one.
 */
#ifndef STAT_PAIRS_H
#define STAT_PAIRS_H

#include "stat/rank.h"

typedef unsigned __int128 pairs; /* a count of them: 2^64 and more are possible */

/*
 * pairs_nth(base, now, k, next):
 * The k-th smallest difference now - base in double, k from 1 to all there are, which are base->total times
 * now->total; *next, if it is not NULL, becomes the one after it (k is not the last).
 */
double pairs_nth(const struct sample *base, const struct sample *now, pairs k, double *next);

/* How many differences are at most x; both samples are without weights. */
pairs pairs_upto(const struct sample *base, const struct sample *now, double x);

#endif
