#include "stat/rank.h"

#include <math.h>

#include "stat/grid.h"
#include "stat/special.h"

static uint64_t
before(const struct sample *s, size_t i)
{
	return s->before == NULL ? i : s->before[i];
}

/* The weight of the run of values equal to v from *i on, which is moved behind it. */
static uint64_t
run(const struct sample *s, size_t *i, double v)
{
	uint64_t start = before(s, *i);

	while (*i < s->n && s->v[*i] <= v)
		++*i;
	return before(s, *i) - start;
}

double
rank_differs(const struct sample *base, const struct sample *now)
{
	uint64_t n = base->total, m = now->total, passed = 0;
	pairs twice = 0, even = (pairs)n * m, all = (pairs)n + m, tied = 0; /* sum of t^3 - t */
	size_t i = 0, j = 0;
	double distance, variance;

	while (i < base->n || j < now->n) {
		double v = i == base->n || (j < now->n && now->v[j] < base->v[i]) ? now->v[j]
										  : base->v[i];
		uint64_t b = run(base, &i, v), c = run(now, &j, v);
		pairs t = (pairs)b + c;

		twice += (pairs)c * (2 * (pairs)passed + b);
		passed += b;
		tied += t * t * t - t;
	}
	if (tied >= all * all * all - all)
		return 1;
	distance = (double)(twice > even ? twice - even : even - twice) / 2 - 0.5;
	variance = (double)n * (double)m / 12 *
	    ((double)(all * all * all - all - tied) / ((double)all * (double)(all - 1)));
	return normal_two_sided(distance / sqrt(variance));
}

struct shift
rank_shift(const struct sample *base, const struct sample *now, double z)
{
	double n = (double)base->total, m = (double)now->total, next;
	double rank = floor(n * m / 2 - z * sqrt(n * m * (n + m + 1) / 12));
	pairs all = (pairs)base->total * now->total, k = rank < 1 ? 1 : (pairs)rank;
	struct grid *g = grid_new(base, now);
	double middle, low, high;

	if (g != NULL) {
		middle = grid_nth(g, (all + 1) / 2);
		next = grid_nth(g, all / 2 + 1);
		low = grid_nth(g, k);
		high = grid_nth(g, all - k + 1);
		grid_free(g);
	} else {
		middle = pairs_nth(base, now, (all + 1) / 2, all % 2 == 0 ? &next : NULL);
		low = pairs_nth(base, now, k, NULL);
		high = pairs_nth(base, now, all - k + 1, NULL);
	}
	if (all % 2 == 0)
		middle = (middle + next) / 2;
	return (struct shift){
		.effect = middle,
		.range = { low, high },
	};
}
