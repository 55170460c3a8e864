#include "trend.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "drift.h"
#include "stat/special.h"

/* The first and the last bucket of the whole result. */
static void
ends_find(const struct result *r, int64_t *first, int64_t *last)
{
	*first = INT64_MAX;
	*last = INT64_MIN;
	for (size_t i = 0; i < r->count; i++) {
		const struct result_group *g = &r->groups[i];

		if (g->cells[0]->bucket < *first)
			*first = g->cells[0]->bucket;
		if (g->cells[g->count - 1]->bucket > *last)
			*last = g->cells[g->count - 1]->bucket;
	}
}

static void
range_add(struct trend *t, double v)
{
	if (isnan(v))
		return;
	t->low = isnan(t->low) ? v : fmin(t->low, v);
	t->high = isnan(t->high) ? v : fmax(t->high, v);
}

static void
band_find(struct trend *t, const struct view *v, const struct result_group *g, size_t metric)
{
	const struct result_group *base = result_find(v->base, g->key);
	double n = (double)metric_count(metric, g) / (double)g->count; /* to a bucket */

	if (base == NULL ||
	    !metric_band(metric, v->base, base, n, normal_critical(v->alpha), &t->band))
		return;
	t->has_band = true;
	range_add(t, t->band.low);
	range_add(t, t->band.high);
}

/* A trend of the buckets of g, without values. */
static void
trend_start(struct trend *t, const struct view *v, const struct result_group *g)
{
	int64_t first, last;

	*t = (struct trend){ .all = (double)NAN, .low = (double)NAN, .high = (double)NAN };
	if (g == NULL)
		return;
	t->n = g->count;
	t->v = xmalloc(g->count * sizeof *t->v);
	t->at = xmalloc(g->count * sizeof *t->at);
	ends_find(v->now, &first, &last);
	t->span = last - first + 1;
	t->start = STATE_EPOCH + first * v->now->state->shape.every;
	for (size_t i = 0; i < g->count; i++)
		t->at[i] = g->cells[i]->bucket - first;
}

void
trend_make(struct trend *t, const struct view *v, const struct result_group *g, size_t metric)
{
	double value;

	trend_start(t, v, g);
	t->all = metric_group(metric, v->now, g);
	for (size_t i = 0; i < g->count; i++) {
		t->v[i] = metric_value(metric, g->cells[i], &value) ? value : (double)NAN;
		range_add(t, t->v[i]);
	}
	if (v->base != NULL)
		band_find(t, v, g, metric);
}

void
trend_make_compared(
    struct trend *t, const struct view *v, const struct result_group *g, enum compared metric)
{
	double value;

	trend_start(t, v, g);
	for (size_t i = 0; i < t->n; i++) {
		t->v[i] = drift_mean(metric, g->cells[i], &value) > 0 ? value : (double)NAN;
		range_add(t, t->v[i]);
	}
}

size_t
trend_parts(const struct trend *t, size_t columns)
{
	return (uint64_t)t->span < columns ? (size_t)t->span : columns;
}

void
trend_columns(const struct trend *t, size_t columns, double *v)
{
	size_t *count = xzalloc(columns + 1, sizeof *count);

	for (size_t i = 0; i < columns; i++)
		v[i] = 0;
	for (size_t i = 0; i < t->n; i++) {
		size_t at = (size_t)((double)t->at[i] / (double)t->span * (double)columns);

		if (isnan(t->v[i]))
			continue;
		at = at < columns ? at : columns - 1;
		v[at] += t->v[i];
		count[at]++;
	}
	for (size_t i = 0; i < columns; i++)
		v[i] = count[i] > 0 ? v[i] / (double)count[i] : (double)NAN;
	free(count);
}

void
trend_free(struct trend *t)
{
	free(t->v);
	free(t->at);
	*t = (struct trend){ .v = NULL };
}
