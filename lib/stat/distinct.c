#include "stat/distinct.h"

#include <stdlib.h>

#include "base/mem.h"
#include "stat/counts.h"
#include "stat/sort.h"

enum {
	MANY = 1024,  /* values, for which it is worth a look */
	EARLY = 4096, /* so many others say what the rest will be like */
};

/* Values by how often each comes, and the others, in order. */
struct split {
	struct counts counts;
	double *rest;
	size_t rests, room; /* as many at most */
};

/* Count values of v; put the others to the rest.  Returns false if those are too many. */
static bool
part_take(struct split *s, const double *v, size_t n)
{
	for (size_t i = 0; i < n;) {
		i += counts_take(&s->counts, v + i, n - i, COUNTS_ROOM);
		if (i == n)
			break;
		if (s->rests == s->room || (s->rests > EARLY && s->rests > s->counts.n) ||
		    v[i] == 0) /* -0 is equal to 0, and another */
			return false;
		s->rest[s->rests++] = v[i++];
	}
	return true;
}

static bool
quantile_take(struct split *s, const struct quantile *q)
{
	const struct counts *counted = quantile_counted(q);
	const struct quantile_block *at = NULL;
	const double *v;
	size_t n;

	if (counted != NULL && !counts_add(&s->counts, counted, COUNTS_ROOM))
		return false;
	while ((v = quantile_part(q, &at, &n)) != NULL)
		if (!part_take(s, v, n))
			return false;
	return true;
}

static void
distinct_add(struct distinct *d, double v, uint64_t times)
{
	if (d->n > 0 && d->v[d->n - 1] == v) {
		d->before[d->n] += times;
		return;
	}
	d->v[d->n++] = v;
	d->before[d->n] = d->before[d->n - 1] + times;
}

/* Put both in order. */
static void
split_join(const struct split *s, struct distinct *d)
{
	size_t k = 0;

	d->n = 0;
	d->before[0] = 0;
	for (size_t i = 0; i < s->counts.room; i++) {
		double v = counts_value(&s->counts, i);

		if (s->counts.times[i] == 0)
			continue;
		while (k < s->rests && s->rest[k] < v)
			distinct_add(d, s->rest[k++], 1);
		distinct_add(d, v, s->counts.times[i]);
	}
	while (k < s->rests)
		distinct_add(d, s->rest[k++], 1);
}

static size_t
counts_different(const struct counts *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->room; i++)
		n += c->times[i] != 0;
	return n;
}

bool
distinct_find(struct distinct *d, const struct quantile *const *q, size_t count)
{
	struct split s = { .rests = 0 };
	uint64_t total = 0;
	size_t most;
	bool good;

	for (size_t i = 0; i < count; i++)
		total += q[i]->n;
	if (total < MANY)
		return false;
	s.room = (size_t)(total / 4);
	s.rest = xmalloc(s.room * sizeof *s.rest);
	good = true;
	for (size_t i = 0; i < count && good; i++)
		good = quantile_take(&s, q[i]);
	most = counts_different(&s.counts) + s.rests;
	good = good && most <= total / 2;
	if (good) {
		double_sort(s.rest, s.rests);
		d->v = xmalloc(most * sizeof *d->v);
		d->before = xmalloc((most + 1) * sizeof *d->before);
		split_join(&s, d);
	}
	counts_free(&s.counts);
	free(s.rest);
	return good;
}
