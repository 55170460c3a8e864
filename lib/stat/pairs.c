#include "stat/pairs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stat/sort.h"

enum {
	THIN = 1024,       /* so many values stand for all */
	LARGE = 16 * THIN, /* with so many it is worth it */
	MADE = 1 << 20,    /* so many differences are made at most: 8 MB */
	LANES = 4,         /* walks side by side, for processors that can */
	TURNS = 4,         /* by counting alone, before equal ones are looked for */
};

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

/* Of all differences: how many are at most x, and the nearest that there are to both sides. */
struct probe {
	pairs count;
	double below, above; /* the largest <= x, the smallest > x; infinite for none */
};

/* The first place in base from which on v less the value there is at most x. */
static size_t
first_within(const struct sample *base, double v, double x)
{
	size_t low = 0, high = base->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (v - base->v[mid] > x)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

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

/* Where a walk is: at place i of now, up to end; what is from j on in base is within x of it. */
struct lane {
	size_t i, end, j;
	pairs count;
};

/* The steps that every lane has left. */
static size_t
lanes_left(const struct lane *l, size_t n)
{
	size_t least = SIZE_MAX;

	for (int k = 0; k < LANES; k++) {
		size_t left = l[k].end - l[k].i;

		if (n - l[k].j < left)
			left = n - l[k].j;
		if (left < least)
			least = left;
	}
	return least;
}

/* One step, in base or in now, without a branch that could be guessed wrong. */
#define STEP(k)                                                                                \
	do {                                                                                   \
		size_t on = v[i##k] - b[j##k] <= x;                                            \
		c##k += -on & (n - j##k);                                                      \
		i##k += on;                                                                    \
		j##k += 1 - on;                                                                \
	} while (0)

/* Walk so many steps in all lanes, each of which has as many left at least. */
static void
lanes_walk(struct lane *l, const double *b, size_t n, const double *v, double x, size_t steps)
{
	size_t i0 = l[0].i, i1 = l[1].i, i2 = l[2].i, i3 = l[3].i;
	size_t j0 = l[0].j, j1 = l[1].j, j2 = l[2].j, j3 = l[3].j;
	uint64_t c0 = 0, c1 = 0, c2 = 0, c3 = 0;

	while (steps-- > 0) {
		STEP(0);
		STEP(1);
		STEP(2);
		STEP(3);
	}
	l[0] = (struct lane){ i0, l[0].end, j0, l[0].count + c0 };
	l[1] = (struct lane){ i1, l[1].end, j1, l[1].count + c1 };
	l[2] = (struct lane){ i2, l[2].end, j2, l[2].count + c2 };
	l[3] = (struct lane){ i3, l[3].end, j3, l[3].count + c3 };
}

/* In LANES walks side by side. */
pairs
pairs_upto(const struct sample *base, const struct sample *now, double x)
{
	struct lane l[LANES];
	pairs count = 0;
	size_t steps;

	for (size_t k = 0; k < LANES; k++) {
		size_t start = now->n * k / LANES;

		l[k] = (struct lane){ start, now->n * (k + 1) / LANES,
			first_within(base, now->v[start], x), 0 };
	}
	while ((steps = lanes_left(l, base->n)) > LANES)
		lanes_walk(l, base->v, base->n, now->v, x, steps);
	for (int k = 0; k < LANES; k++) {
		for (; l[k].i < l[k].end; l[k].i++) {
			while (l[k].j < base->n && now->v[l[k].i] - base->v[l[k].j] > x)
				l[k].j++;
			count += base->n - l[k].j;
		}
		count += l[k].count;
	}
	return count;
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

/* Where the k-th of the differences is: not below low and not above high. */
struct bracket {
	double low, high;
	pairs below, upto; /* how many are < low, how many <= high */
};

static void
bracket_try(
    struct bracket *b, const struct sample *base, const struct sample *now, pairs k, double x)
{
	struct probe p;

	if (!(x >= b->low && x < b->high))
		return;
	p = probe(base, now, x);
	if (p.count >= k) {
		b->high = p.below;
		b->upto = p.count;
	} else {
		b->low = p.above;
		b->below = p.count;
	}
}

/*
 * A value in [low, high) to be tried: where the counts at the ends say that the k-th is, a little to this and to
 * that side of it in turn, so that both ends close in; and by halves of the bits in between.
 */
static double
guess(const struct bracket *b, pairs k, int turn)
{
	double rest = (double)(b->upto - b->below);
	double share = (double)(k - b->below) / rest + (turn % 2 == 0 ? 4 : -4) / sqrt(rest);
	double x = b->low + (b->high - b->low) * fmin(fmax(share, 0), 1);

	if (turn % 4 >= 2 || !(x >= b->low && x < b->high)) {
		int64_t low = key_of(b->low), high = key_of(b->high);

		x = key_value(low + (int64_t)(((uint64_t)high - (uint64_t)low) / 2));
	}
	return x;
}

/* Make the differences that are within b, and give the k-th of all, and the next if that is among them. */
static double
make(const struct bracket *b, const struct sample *base, const struct sample *now, pairs k,
    double *next)
{
	size_t room = (size_t)(b->upto - b->below), n = 0, j = 0,
	       at = (size_t)(k - b->below) - 1;
	double *d = xmalloc_full((room + 1) * sizeof *d), v;

	for (size_t i = 0; i < now->n; i++) {
		while (j < base->n && now->v[i] - base->v[j] > b->high)
			j++;
		for (size_t to = j; to < base->n && n < room; to++) {
			double x = now->v[i] - base->v[to];

			if (x < b->low)
				break;
			d[n++] = x;
		}
	}
	double_sort(d, n);
	v = d[at];
	*next = at + 1 < n ? d[at + 1] : (double)NAN;
	free(d);
	return v;
}

static double
search(struct bracket *b, const struct sample *base, const struct sample *now, pairs k)
{
	for (int turn = 0; b->low < b->high; turn++)
		bracket_try(b, base, now, k, guess(b, k, turn));
	return b->high;
}

static struct bracket
bracket_whole(const struct sample *base, const struct sample *now)
{
	return (struct bracket){
		.low = now->v[0] - base->v[base->n - 1],
		.high = now->v[now->n - 1] - base->v[0],
		.upto = (pairs)base->total * now->total,
	};
}

/* THIN values that stand for all of a sample, each for as many. */
struct thin {
	double v[THIN];
	uint64_t before[THIN + 1];
	struct sample sample;
};

static void
thin_make(struct thin *t, const struct sample *s)
{
	uint64_t total = s->total;
	size_t at = 0;

	for (uint64_t i = 0; i < THIN; i++) {
		uint64_t start = (uint64_t)((pairs)total * i / THIN);
		uint64_t end = (uint64_t)((pairs)total * (i + 1) / THIN);

		while (before(s, at + 1) <= start + (end - start) / 2)
			at++;
		t->before[i] = start;
		t->v[i] = s->v[at];
	}
	t->before[THIN] = total;
	t->sample = (struct sample){ t->v, t->before, THIN, total };
}

/* bracket_try by counting alone, where each value is one: the ends need not be differences that exist. */
static void
bracket_count(
    struct bracket *b, const struct sample *base, const struct sample *now, pairs k, double x)
{
	pairs count;

	if (!(x >= b->low && x < b->high))
		return;
	count = pairs_upto(base, now, x);
	if (count >= k) {
		b->high = x;
		b->upto = count;
	} else {
		b->low = nextafter(x, HUGE_VAL);
		b->below = count;
	}
}

/* Try what is said of two ranks not far from k by values that stand for all. */
static void
bracket_narrow(struct bracket *b, const struct sample *base, const struct sample *now, pairs k)
{
	struct thin *few = xmalloc(2 * sizeof *few);
	pairs all = b->upto, far = all >> 14;

	thin_make(&few[0], base);
	thin_make(&few[1], now);
	for (int side = 0; side < 2; side++) {
		struct bracket whole = bracket_whole(&few[0].sample, &few[1].sample);
		pairs near =
		    side == 0 ? (k > far ? k - far : 1) : (all - k > far ? k + far : all);

		bracket_count(
		    b, base, now, k, search(&whole, &few[0].sample, &few[1].sample, near));
	}
	free(few);
}

/* The k-th of many values' differences; *next is NAN if it is not known. */
static double
large_nth(struct bracket *b, const struct sample *base, const struct sample *now, pairs k,
    double *next)
{
	*next = (double)NAN;
	bracket_narrow(b, base, now, k);
	for (int turn = 0; b->low < b->high && b->upto - b->below > MADE; turn++) {
		if (turn < TURNS)
			bracket_count(b, base, now, k, guess(b, k, turn % 2));
		else
			bracket_try(b, base, now, k, guess(b, k, turn));
	}
	return b->low < b->high ? make(b, base, now, k, next) : b->high;
}

double
pairs_nth(const struct sample *base, const struct sample *now, pairs k, double *next)
{
	struct bracket b = bracket_whole(base, now);
	bool plain = base->before == NULL && now->before == NULL;
	double v, after = (double)NAN;

	if (plain && base->n + now->n > LARGE)
		v = large_nth(&b, base, now, k, &after);
	else
		v = search(&b, base, now, k);
	if (next != NULL && isnan(after)) {
		struct probe p = probe(base, now, v);

		after = p.count > k ? v : p.above;
	}
	if (next != NULL)
		*next = after;
	return v;
}
