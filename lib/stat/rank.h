/*
 * rank - has a distribution shifted, and by how much?
 *
 * Both are functions of sorted values, which may carry weights: values that come often, or the bins
 * of a sketch.  Work is linear in their number, but for rank_shift, where it is that times the
 * bits of a double; never the number of pairs.
 */
#ifndef STAT_RANK_H
#define STAT_RANK_H

#include <stddef.h>
#include <stdint.h>

#include "stat/proportion.h"

struct sample {
	const double *v; /* n of them, ascending, finite */
	const uint64_t
	    *before; /* n + 1: how many values are before v[i]; NULL: each v is one */
	size_t n;
	uint64_t total; /* of values */
};

/*
 * rank_differs(base, now):
 * The two-sided p of the rank sum test (H. B. Mann and D. R. Whitney, Ann. Math. Stat. 18, 1947) by
 * the normal approximation with tie correction and continuity correction 0.5, at every n > 0.
 * 1 if all values are equal.
 */
double rank_differs(const struct sample *base, const struct sample *now);

struct shift {
	double effect;
	struct interval range;
};

/*
 * rank_shift(base, now, z):
 * The median of all differences now - base in double, of an even number the mean of the middle two
 * (J. L. Hodges and E. L. Lehmann, Ann. Math. Stat. 34, 1963), and the k-th smallest and largest of them,
 * k = max(1, floor(nm/2 - z sqrt(nm(n + m + 1)/12))) (M. Hollander, D. A. Wolfe, Nonparametric
 * Statistical Methods, 4.3).  Both totals > 0.
 */
struct shift rank_shift(const struct sample *base, const struct sample *now, double z);

#endif
