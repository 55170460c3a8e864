#include "stat/rank.h"

#include <math.h>

#include "base/parallel.h"
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

static struct ranks
ranks_get(const struct sample *base, const struct sample *now)
{
	struct ranks r = { 0, 0 };
	uint64_t passed = 0;
	size_t i = 0, j = 0;

	while (i < base->n || j < now->n) {
		double v = i == base->n || (j < now->n && now->v[j] < base->v[i]) ? now->v[j]
										  : base->v[i];
		uint64_t b = run(base, &i, v), c = run(now, &j, v);

		ranks_add(&r, passed, b, c);
		passed += b;
	}
	return r;
}

/* The p of n and m values with these ranks. */
static double
ranks_differ(struct ranks r, uint64_t n, uint64_t m)
{
	pairs even = (pairs)n * m, all = (pairs)n + m;
	double distance, variance;

	if (r.tied >= all * all * all - all)
		return 1;
	distance = (double)(r.twice > even ? r.twice - even : even - r.twice) / 2 - 0.5;
	variance = (double)n * (double)m / 12 *
	    ((double)(all * all * all - all - r.tied) / ((double)all * (double)(all - 1)));
	return normal_two_sided(distance / sqrt(variance));
}

double
rank_differs(const struct sample *base, const struct sample *now)
{
	return ranks_differ(ranks_get(base, now), base->total, now->total);
}

enum { MIDDLE, LOW, HIGH, PARTS };

/* What there is to find. */
struct search {
	const struct sample *base, *now;
	struct grid *g; /* NULL: they are not of that kind */
	pairs k[PARTS];
	double v[PARTS], next; /* next: after the middle */
	double p;
};

/* Two threads' work: the middle, and the test. */
static void
first_find(void *arg, size_t part)
{
	struct search *s = arg;
	double *next = (pairs)s->base->total * s->now->total % 2 == 0 ? &s->next : NULL;

	if (part == 1)
		s->p =
		    ranks_differ(s->g != NULL ? grid_ranks(s->g) : ranks_get(s->base, s->now),
			s->base->total, s->now->total);
	else if (s->g != NULL)
		s->v[MIDDLE] = grid_first(s->g, s->k[MIDDLE], next);
	else
		s->v[MIDDLE] = pairs_nth(s->base, s->now, s->k[MIDDLE], next);
}

/* And then the ends, which are near. */
static void
end_find(void *arg, size_t part)
{
	struct search *s = arg;

	part = part == 0 ? LOW : HIGH;
	s->v[part] = s->g != NULL ? grid_nth(s->g, s->k[part], NULL)
				  : pairs_nth(s->base, s->now, s->k[part], NULL);
}

struct shift
rank_shift(const struct sample *base, const struct sample *now, double z, unsigned jobs)
{
	double n = (double)base->total, m = (double)now->total;
	double rank = floor(n * m / 2 - z * sqrt(n * m * (n + m + 1) / 12));
	pairs all = (pairs)base->total * now->total, k = rank < 1 ? 1 : (pairs)rank;
	struct search s = {
		.base = base,
		.now = now,
		.g = grid_new(base, now, jobs),
		.k = { (all + 1) / 2, k, all - k + 1 },
	};

	parallel_each(jobs, 2, first_find, &s);
	parallel_each(jobs, 2, end_find, &s);
	grid_free(s.g);
	return (struct shift){
		.effect = all % 2 == 0 ? (s.v[MIDDLE] + s.next) / 2 : s.v[MIDDLE],
		.range = { s.v[LOW], s.v[HIGH] },
		.p = s.p,
	};
}
