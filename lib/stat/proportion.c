#include "stat/proportion.h"

#include <math.h>

#include "stat/special.h"

struct interval
share_interval(struct share s, double z)
{
	double k = (double)s.k, n = (double)s.n, zz = z * z;
	double half = z * sqrt(zz + 4 * k * ((n - k) / n)), twice = 2 * (n + zz);

	return (struct interval){
		.low = s.k == 0 ? 0 : (2 * k + zz - half) / twice,
		.high = s.k == s.n ? 1 : (2 * k + zz + half) / twice,
	};
}

struct interval
share_difference_interval(struct share base, struct share now, double z)
{
	struct interval b = share_interval(base, z), c = share_interval(now, z);
	double pb = (double)base.k / (double)base.n, pc = (double)now.k / (double)now.n;

	return (struct interval){
		.low = pc - pb - hypot(pc - c.low, b.high - pb),
		.high = pc - pb + hypot(c.high - pc, pb - b.low),
	};
}

/*
 * The weights of the tables with these margins, relative to the likeliest; those not above limit are
 * added to *small, all to *all.  From the mode outwards, so that nothing overflows.
 */
struct table {
	uint64_t at, low, high; /* successes of the second side: here, least, most */
	double k, n, m;         /* all successes; sizes of the second and the first side */
};

static double
weight_up(const struct table *t, uint64_t x)
{
	double v = (double)x;

	return (t->k - v) * (t->n - v) / ((v + 1) * (t->m - t->k + v + 1));
}

/* The weight of table x, of which that of the mode is 1. */
static double
weight_at(const struct table *t, uint64_t mode, uint64_t x)
{
	double w = 1;

	for (uint64_t i = mode; i < x && w > 0; i++)
		w *= weight_up(t, i);
	for (uint64_t i = mode; i > x && w > 0; i--)
		w /= weight_up(t, i - 1);
	return w;
}

static double
fisher(const struct table *t)
{
	double mode_at = floor((t->n + 1) * ((t->k + 1) / (t->n + t->m + 2)));
	uint64_t mode = (uint64_t)mode_at;
	double limit, small = 0, all = 0, w = 1;

	mode = mode < t->low ? t->low : mode > t->high ? t->high : mode;
	limit = weight_at(t, mode, t->at) * (1 + 1e-7);
	for (uint64_t x = mode; x <= t->high && w > 0; x++) {
		all += w;
		small += w <= limit ? w : 0;
		w *= weight_up(t, x);
	}
	w = 1;
	for (uint64_t x = mode; x > t->low && w > 0; x--) {
		w /= weight_up(t, x - 1);
		all += w;
		small += w <= limit ? w : 0;
	}
	return fmin(1, small / all);
}

static double
pooled_z(struct share base, struct share now)
{
	double nb = (double)base.n, nc = (double)now.n, n = nb + nc;
	double pooled = (double)(base.k + now.k) / n;
	double difference = (double)now.k / nc - (double)base.k / nb;

	return fabs(difference) / sqrt(pooled * (1 - pooled) * (1 / nb + 1 / nc));
}

double
share_differs(struct share base, struct share now, bool *exact)
{
	uint64_t k = base.k + now.k, n = base.n + now.n;
	unsigned __int128 least = k < n - k ? k : n - k;

	*exact = least * (base.n < now.n ? base.n : now.n) < (unsigned __int128)5 * n;
	if (!*exact)
		return normal_two_sided(pooled_z(base, now));
	return fisher(&(struct table){
	    .at = now.k,
	    .low = k > base.n ? k - base.n : 0,
	    .high = k < now.n ? k : now.n,
	    .k = (double)k,
	    .n = (double)now.n,
	    .m = (double)base.n,
	});
}
