#include "compare.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "drift.h"
#include "sample.h"
#include "stat/holm.h"
#include "stat/mix.h"
#include "stat/special.h"
#include "stat/welch.h"

enum { LARGE = 1 << 17 };

/* One group on both sides; NULL where there is none. */
struct pair {
	struct slice key;
	const struct result_group *base, *now;
	uint64_t records;
};

struct work {
	const struct compare_options *o;
	const struct result *base, *now;
	const struct pair *pairs;
	size_t tasks;     /* a metric of a pair each */
	struct row *rows; /* one for each task; base_n and now_n 0: there is none */
	double z;
};

static uint64_t
column_count(const struct result_group *g, int column)
{
	return g == NULL ? 0 : group_counts(g, (enum column)column).n;
}

static bool
is_tested(const struct work *w, const struct row *r)
{
	return r->base_n > 0 && r->now_n > 0 && r->base_n >= w->o->min_n &&
	    r->now_n >= w->o->min_n;
}

static void
rate_row(const struct work *w, struct row *r, struct share base, struct share now)
{
	bool exact = false;

	r->test = TEST_Z;
	r->base_n = base.n;
	r->now_n = now.n;
	r->base = base.n > 0 ? (double)base.k / (double)base.n : (double)NAN;
	r->now = now.n > 0 ? (double)now.k / (double)now.n : (double)NAN;
	if (!is_tested(w, r))
		return;
	r->effect = r->now - r->base;
	r->range = share_difference_interval(base, now, w->z);
	r->p = share_differs(base, now, &exact);
	r->test = exact ? TEST_FISHER : TEST_Z;
}

static struct share
column_share(const struct result_group *g, int column)
{
	struct group_counts n = { 0, 0 };

	if (g != NULL)
		n = group_counts(g, (enum column)column);
	return (struct share){ n.nonzero, n.n };
}

static struct share
finish_share(const struct result_group *g, int finish)
{
	uint64_t counts[FINISHES] = { 0 };
	struct share s = { 0, 0 };

	if (g != NULL)
		group_finish(g, counts);
	for (int f = 0; f < FINISHES; f++)
		s.n += counts[f];
	s.k = counts[finish];
	return s;
}

/*
 * Both rows that are about latency, so that it is sorted once.  A baseline without any has no p95,
 * hence no share above it.
 */
static void
slow_row(
    const struct work *w, struct row *r, const struct values *base, const struct values *now)
{
	struct share b = { 0, base->sample.total }, c = { 0, now->sample.total };

	if (b.n > 0) {
		double limit = values_rank(base, 95);

		b.k = values_above(base, limit);
		c.k = values_above(now, limit);
	}
	rate_row(w, r, b, c);
	if (b.n == 0)
		r->now = (double)NAN;
}

/* Threads for one row of so many values: of few it is not worth it. */
static unsigned
jobs_for(const struct work *w, uint64_t n)
{
	return n < LARGE ? 1 : w->o->jobs;
}

static void
shift_row(
    const struct work *w, struct row *r, const struct values *base, const struct values *now)
{
	struct shift shift;

	r->base_n = base->sample.total;
	r->now_n = now->sample.total;
	r->base = base->median;
	r->now = now->median;
	if (!is_tested(w, r))
		return;
	shift =
	    rank_shift(&base->sample, &now->sample, w->z, jobs_for(w, r->base_n + r->now_n));
	r->effect = shift.effect;
	r->range = shift.range;
	r->p = shift.p;
}

/* The values of a column on both sides. */
struct both {
	const struct work *w;
	const struct pair *pair;
	enum column column;
	bool sketch;
	struct values base, now;
};

static void
side_get(void *arg, size_t side)
{
	struct both *b = arg;

	if (side == 0)
		values_get(&b->base, b->w->base, b->pair->base, b->column, b->sketch);
	else
		values_get(&b->now, b->w->now, b->pair->now, b->column, b->sketch);
}

/* The row of a shift, and behind that of latencies the one of those that are slow. */
static void
values_rows(const struct work *w, const struct pair *pair, struct row *r)
{
	enum column c = (enum column)compared_table[r->metric].source;
	struct both b = {
		.w = w,
		.pair = pair,
		.column = c,
		.sketch = !result_exact(w->base, c) || !result_exact(w->now, c),
	};
	uint64_t n = column_count(pair->base, c) + column_count(pair->now, c);

	parallel_each(jobs_for(w, n), 2, side_get, &b);
	r->test = b.sketch ? TEST_RANK_SKETCH : TEST_RANK;
	shift_row(w, r, &b.base, &b.now);
	if (r->metric == COMPARED_LATENCY)
		slow_row(w, r + 1, &b.base, &b.now);
	values_free(&b.base);
	values_free(&b.now);
}

static struct mean
column_mean(const struct result_group *g, int column)
{
	struct mean m = { .n = column_count(g, column) };

	if (m.n > 0)
		group_moments(g, (enum column)column, &m.mean, &m.variance);
	return m;
}

static void
mean_row(const struct work *w, const struct pair *pair, struct row *r)
{
	int column = compared_table[r->metric].source;
	struct mean base = column_mean(pair->base, column);
	struct mean now = column_mean(pair->now, column);
	struct difference d;

	r->test = TEST_WELCH;
	r->base_n = base.n;
	r->now_n = now.n;
	r->base = base.n > 0 ? base.mean : (double)NAN;
	r->now = now.n > 0 ? now.mean : (double)NAN;
	if (!is_tested(w, r) || base.n < 2 || now.n < 2) /* one value has no variance */
		return;
	d = welch_test(base, now, w->o->alpha);
	r->effect = d.effect;
	r->range = d.range;
	r->p = d.p;
}

static void
mix_row(const struct work *w, struct row *r, const struct category *c, size_t n)
{
	r->test = TEST_G;
	for (size_t i = 0; i < n; i++) {
		r->base_n += c[i].base;
		r->now_n += c[i].now;
	}
	if (!is_tested(w, r))
		return;
	r->p = mix_differs(c, n);
	r->effect = mix_shift(c, n);
}

static void
finish_row(const struct work *w, const struct pair *pair, struct row *r)
{
	uint64_t base[FINISHES] = { 0 }, now[FINISHES] = { 0 };
	struct category c[FINISHES];
	size_t n = 0;

	if (pair->base != NULL)
		group_finish(pair->base, base);
	if (pair->now != NULL)
		group_finish(pair->now, now);
	for (int f = 0; f < FINISHES; f++)
		if (base[f] + now[f] > 0)
			c[n++] = (struct category){ base[f], now[f] };
	mix_row(w, r, c, n);
}

/* The union of two lists that are sorted by name. */
static size_t
models_join(const struct model_count *base, size_t n, const struct model_count *now, size_t m,
    struct category *c)
{
	size_t i = 0, j = 0, out = 0;

	while (i < n || j < m) {
		int order = base == NULL || i == n ? 1
		    : now == NULL || j == m        ? -1
						   : slice_cmp(base[i].name, now[j].name);

		c[out++] = (struct category){
			.base = base != NULL && order <= 0 ? base[i].n : 0,
			.now = now != NULL && order >= 0 ? now[j].n : 0,
		};
		i += order <= 0;
		j += order >= 0;
	}
	return out;
}

static void
model_row(const struct work *w, const struct pair *pair, struct row *r)
{
	size_t n = 0, m = 0;
	struct model_count *base = NULL, *now = NULL;
	struct category *c;

	r->test = TEST_G;
	if (w->base->state->labels_lost || w->now->state->labels_lost)
		return;
	if (pair->base != NULL)
		base = group_models(w->base, pair->base, &n);
	if (pair->now != NULL)
		now = group_models(w->now, pair->now, &m);
	c = xmalloc((n + m + 1) * sizeof *c);
	mix_row(w, r, c, models_join(base, n, now, m, c));
	free(c);
	free(base);
	free(now);
}

/* Fill in the row of a task, and that of slow_rate with latency's. */
static void
task_do(void *arg, size_t task)
{
	const struct work *w = arg;
	const struct pair *pair = &w->pairs[task / COMPARED];
	struct row *r = &w->rows[task];
	const struct compared_row *m = &compared_table[r->metric];

	switch (m->approach) {
	case APPROACH_SHIFT: values_rows(w, pair, r); break;
	case APPROACH_MEAN: mean_row(w, pair, r); break;
	case APPROACH_RATE:
		rate_row(w, r, column_share(pair->base, m->source),
		    column_share(pair->now, m->source));
		break;
	case APPROACH_FINISH:
		rate_row(w, r, finish_share(pair->base, m->source),
		    finish_share(pair->now, m->source));
		break;
	case APPROACH_SLOW: break;
	case APPROACH_MIX:
		if (r->metric == COMPARED_FINISH)
			finish_row(w, pair, r);
		else
			model_row(w, pair, r);
		break;
	}
	if (w->now->state->shape.every != 0 && pair->base != NULL && pair->now != NULL)
		drift_find(r, pair->base, w->now, pair->now);
}

/* The rows before they are filled in: nothing is known of any. */
static struct row *
rows_make(const struct work *w)
{
	struct row *rows = xmalloc((w->tasks + 1) * sizeof *rows);

	for (size_t i = 0; i < w->tasks; i++) {
		enum compared metric = (enum compared)(i % COMPARED);

		rows[i] = (struct row){
			.key = w->pairs[i / COMPARED].key,
			.metric = metric,
			.worse = w->o->rules[metric].worse,
			.base = (double)NAN,
			.now = (double)NAN,
			.effect = (double)NAN,
			.range = { (double)NAN, (double)NAN },
			.p = (double)NAN,
			.p_holm = (double)NAN,
			.cusum = (double)NAN,
		};
	}
	return rows;
}

static double
min_effect(const struct rule *rule, double base)
{
	return rule->percent ? rule->min_effect * fabs(base) / 100 : rule->min_effect;
}

/* Drop the rows that neither side has, and judge the others together. */
static void
rows_judge(struct comparison *c, const struct compare_options *o, size_t n)
{
	double *p = xmalloc((2 * n + 1) * sizeof *p);
	size_t tested = 0;

	for (size_t i = 0; i < n; i++)
		if (c->rows[i].base_n + c->rows[i].now_n > 0)
			c->rows[c->count++] = c->rows[i];
	for (size_t i = 0; i < c->count; i++)
		if (!isnan(c->rows[i].p))
			p[tested++] = c->rows[i].p;
	holm_adjust(p, tested, p + n);
	tested = 0;
	for (size_t i = 0; i < c->count; i++) {
		struct row *r = &c->rows[i];

		r->min_effect = min_effect(&o->rules[r->metric], r->base);
		if (!isnan(r->p))
			r->p_holm = p[n + tested++];
		r->verdict = row_judge(r, o->alpha);
		c->verdicts[r->verdict]++;
	}
	free(p);
}

static int
largest_first(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->records != y->records)
		return x->records < y->records ? 1 : -1;
	return slice_cmp(x->key, y->key);
}

static int
key_order(const void *a, const void *b)
{
	return slice_cmp(((const struct pair *)a)->key, ((const struct pair *)b)->key);
}

/* The groups of both sides in order of their keys, the top largest of them. */
static size_t
pairs_make(
    struct pair *pairs, const struct result *base, const struct result *now, uint64_t top)
{
	size_t i = 0, j = 0, n = 0;

	while (i < base->count || j < now->count) {
		const struct result_group *b = i < base->count ? &base->groups[i] : NULL;
		const struct result_group *c = j < now->count ? &now->groups[j] : NULL;
		int order = b == NULL ? 1 : c == NULL ? -1 : slice_cmp(b->key, c->key);
		struct slice key = order <= 0 ? base->groups[i].key : now->groups[j].key;

		b = order <= 0 ? b : NULL;
		c = order >= 0 ? c : NULL;
		i += b != NULL;
		j += c != NULL;
		pairs[n++] = (struct pair){
			.key = key,
			.base = b,
			.now = c,
			.records = (b != NULL ? b->records : 0) + (c != NULL ? c->records : 0),
		};
	}
	if (top != 0 && top < n) {
		qsort(pairs, n, sizeof *pairs, largest_first);
		n = (size_t)top;
		qsort(pairs, n, sizeof *pairs, key_order);
	}
	return n;
}

void
compare(struct comparison *c, const struct result *base, const struct result *now,
    const struct compare_options *o)
{
	struct pair *pairs = xmalloc((base->count + now->count + 1) * sizeof *pairs);
	struct work w = {
		.o = o,
		.base = base,
		.now = now,
		.pairs = pairs,
		.tasks = pairs_make(pairs, base, now, o->top) * COMPARED,
		.z = normal_critical(o->alpha),
	};

	w.rows = rows_make(&w);
	parallel_each(o->jobs, w.tasks, task_do, &w);
	*c = (struct comparison){ .rows = w.rows, .every = now->state->shape.every != 0 };
	rows_judge(c, o, w.tasks);
	free(pairs);
}

void
comparison_free(struct comparison *c)
{
	free(c->rows);
	*c = (struct comparison){ .rows = NULL };
}
