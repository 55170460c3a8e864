/*
 * proportion - shares of a whole, and whether two of them differ.
 *
 * Counts are of one side: k successes of n, k <= n.  Differences are second less first, that is,
 * current less baseline.
 */
#ifndef STAT_PROPORTION_H
#define STAT_PROPORTION_H

#include <stdbool.h>
#include <stdint.h>

struct interval {
	double low, high;
};

struct share {
	uint64_t k, n;
};

/*
 * share_interval(s, z):
 * The score interval of E. B. Wilson (Probable inference, J. Am. Stat. Assoc. 22, 1927) at the
 * critical value z (normal_critical of 1 - level), without continuity correction; n > 0.  low is
 * 0 at k = 0 and high is 1 at k = n.
 */
struct interval share_interval(struct share s, double z);

/*
 * share_difference_interval(base, now, z):
 * Of the difference now - base: R. G. Newcombe's hybrid of the two Wilson intervals (Interval
 * estimation for the difference between independent proportions, Stat. Med. 17, 1998, method 10).
 */
struct interval share_difference_interval(struct share base, struct share now, double z);

/*
 * share_differs(base, now, exact):
 * The two-sided p of both n > 0: by Fisher's exact test if *exact, which is so where an expected count is
 * below 5, else by the z test with the pooled share.  The sum of Fisher's is over the tables that
 * are not likelier than this one, within a factor of 1 + 1e-7 (as R's fisher.test has it).
 */
double share_differs(struct share base, struct share now, bool *exact);

#endif
