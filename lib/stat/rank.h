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

/* What it is made of. */
struct ranks {
	unsigned __int128
	    twice; /* how often now is above base, twice, and how often it is equal */
	unsigned __int128 tied; /* the sum of t^3 - t over runs of t equal values */
};

/* Add a run of b and c equal values, passed of base before it. */
static inline void
ranks_add(struct ranks *r, uint64_t passed, uint64_t b, uint64_t c)
{
	unsigned __int128 t = (unsigned __int128)b + c;

	r->twice += (unsigned __int128)c * (2 * (unsigned __int128)passed + b);
	r->tied += t * t * t - t;
}

struct shift {
	double effect;
	struct interval range;
	double p;
};

/*
 * rank_shift(base, now, z, jobs):
 * rank_differs, and by how much, by so many threads:
 * The median of all differences now - base in double, of an even number the mean of the middle two
 * (J. L. Hodges and E. L. Lehmann, Ann. Math. Stat. 34, 1963), and the k-th smallest and largest of them,
 * k = max(1, floor(nm/2 - z sqrt(nm(n + m + 1)/12))) (M. Hollander, D. A. Wolfe, Nonparametric
 * Statistical Methods, 4.3).  Both totals > 0.
 */
struct shift rank_shift(
    const struct sample *base, const struct sample *now, double z, unsigned jobs);

#endif
