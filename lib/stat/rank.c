#include "stat/rank.h"

#include <math.h>
#include <string.h>

#include "stat/special.h"

/* Pairs: 2^64 of them and more are possible. */
typedef unsigned __int128 pairs;

static uint64_t
before(const struct sample *s, size_t i)
{
	return s->before == NULL ? i : s->before[i];
}

static uint64_t
weight(const struct sample *s, size_t i)
{
	return s->before == NULL ? 1 : s->before[i + 1] - s->before[i];
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

/*
 * Of all differences: how many are at most x, and the nearest that there are to both sides.
 */
struct probe {
	pairs count;
	double below, above; /* the largest <= x, the smallest > x; infinite for none */
};

static struct probe
probe(const struct sample *base, const struct sample *now, double x)
{
	struct probe p = { 0, -HUGE_VAL, HUGE_VAL };
	size_t j = 0;

	for (size_t i = 0; i < now->n; i++) {
		double v = now->v[i];

		while (j < base->n && v - base->v[j] > x)
			j++;
		p.count += (pairs)weight(now, i) * (base->total - before(base, j));
		if (j < base->n && v - base->v[j] > p.below)
			p.below = v - base->v[j];
		if (j > 0 && v - base->v[j - 1] < p.above)
			p.above = v - base->v[j - 1];
	}
	return p;
}

/* Doubles as integers of the same order. */
static int64_t
key_of(double v)
{
	int64_t key;

	memcpy(&key, &v, sizeof key);
	return key < 0 ? INT64_MIN - key : key;
}

static double
key_value(int64_t key)
{
	double v;

	key = key < 0 ? INT64_MIN - key : key;
	memcpy(&v, &key, sizeof v);
	return v;
}

/* Where the k-th of the differences is: between low and high, both of which exist. */
struct bracket {
	double low, high;
	pairs below, upto; /* how many are < low, how many <= high */
};

/* A value in [low, high) to be tried: by the counts at the ends in turn with by halves of the bits. */
static double
guess(const struct bracket *b, pairs k, int turn)
{
	double share = (double)(k - b->below) / (double)(b->upto - b->below);
	double x = b->low + (b->high - b->low) * share;

	if (turn % 3 == 2 || !(x >= b->low && x < b->high)) {
		int64_t low = key_of(b->low), high = key_of(b->high);

		x = key_value(low + (int64_t)(((uint64_t)high - (uint64_t)low) / 2));
	}
	return x;
}

/* The k-th smallest difference, k from 1. */
static double
nth(const struct sample *base, const struct sample *now, pairs k)
{
	struct bracket b = {
		.low = now->v[0] - base->v[base->n - 1],
		.high = now->v[now->n - 1] - base->v[0],
		.upto = (pairs)base->total * now->total,
	};

	for (int turn = 0; b.low < b.high; turn++) {
		double x = guess(&b, k, turn);
		struct probe p = probe(base, now, x);

		if (p.count >= k) {
			b.high = p.below;
			b.upto = p.count;
		} else {
			b.low = p.above;
			b.below = p.count;
		}
	}
	return b.high;
}

struct shift
rank_shift(const struct sample *base, const struct sample *now, double z)
{
	double n = (double)base->total, m = (double)now->total;
	double rank = floor(n * m / 2 - z * sqrt(n * m * (n + m + 1) / 12));
	pairs all = (pairs)base->total * now->total, k = rank < 1 ? 1 : (pairs)rank;
	double middle = nth(base, now, (all + 1) / 2);

	if (all % 2 == 0)
		middle = (middle + nth(base, now, all / 2 + 1)) / 2;
	return (struct shift){
		.effect = middle,
		.range = { nth(base, now, k), nth(base, now, all - k + 1) },
	};
}
