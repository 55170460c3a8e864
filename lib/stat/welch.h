/*
 * welch - do two means differ, whatever the variances?
 *
 * B. L. Welch, The generalization of "Student's" problem when several different population
 * variances are involved, Biometrika 34, 1947, with Satterthwaite's degrees of freedom.
 */
#ifndef STAT_WELCH_H
#define STAT_WELCH_H

#include <stdint.h>

#include "stat/proportion.h"

struct mean {
	uint64_t n;
	double mean, variance; /* variance: of the sample, divided by n - 1 */
};

struct difference {
	double effect; /* second less first */
	struct interval range;
	double p;
};

/*
 * welch_test(base, now, alpha):
 * Both n at least 2; range is at level 1 - alpha.  With both variances 0, p is 1 if the means are
 * equal, else 0, and range is the effect alone.
 */
struct difference welch_test(struct mean base, struct mean now, double alpha);

#endif
