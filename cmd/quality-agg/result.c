#include "result.h"

#include <stdlib.h>

#include "base/mem.h"
#include "stat/sort.h"

/* Make groups of the runs of cells with the same key. */
static void
groups_find(struct result *r)
{
	struct result_group *g = NULL;

	r->groups = xmalloc((r->cell_count + 1) * sizeof *r->groups);
	for (size_t i = 0; i < r->cell_count; i++) {
		struct cell *c = r->cells[i];

		if (g == NULL || !slice_eq(g->key, c->key)) {
			g = &r->groups[r->count++];
			*g = (struct result_group){ .key = c->key, .cells = &r->cells[i] };
		}
		g->count++;
		g->records += c->records;
	}
}

static int
largest_first(const void *a, const void *b)
{
	const struct result_group *x = a, *y = b;

	if (x->records != y->records)
		return x->records < y->records ? 1 : -1;
	return slice_cmp(x->key, y->key);
}

static int
key_order(const void *a, const void *b)
{
	return slice_cmp(
	    ((const struct result_group *)a)->key, ((const struct result_group *)b)->key);
}

void
result_make(struct result *r, struct state *state, const struct by *by, uint64_t top)
{
	*r = (struct result){ .by = *by, .state = state, .cell_count = state->count };
	r->cells = state_cells(state);
	groups_find(r);
	if (top != 0 && top < r->count) {
		qsort(r->groups, r->count, sizeof *r->groups, largest_first);
		r->count = (size_t)top;
		qsort(r->groups, r->count, sizeof *r->groups, key_order);
	}
	for (size_t i = 0; i < r->count; i++)
		r->records += r->groups[i].records;
}

const struct result_group *
result_find(const struct result *r, struct slice key)
{
	struct result_group wanted = { .key = key };

	if (r->count == 0)
		return NULL;
	return bsearch(&wanted, r->groups, r->count, sizeof wanted, key_order);
}

struct instant
result_time(const struct result *r, const struct cell *c)
{
	return (struct instant){ STATE_EPOCH + c->bucket * r->state->shape.every, 0 };
}

bool
result_exact(const struct result *r, enum column c)
{
	return (r->state->spilled >> c & 1) == 0;
}

struct group_counts
group_counts(const struct result_group *g, enum column c)
{
	struct group_counts all = { 0, 0 };

	for (size_t i = 0; i < g->count; i++) {
		all.n += g->cells[i]->series[c].n;
		all.nonzero += g->cells[i]->series[c].nonzero;
	}
	return all;
}

void
group_moments(const struct result_group *g, enum column c, double *mean, double *variance)
{
	struct powers all = { 0 };
	uint64_t n = group_counts(g, c).n;

	for (size_t i = 0; i < g->count; i++)
		powers_add_all(&all, g->cells[i]->series[c].powers);
	*mean = n > 0 ? powers_sum(&all) / (double)n : 0;
	*variance = n > 1 ? powers_variance(&all, n) : 0;
	powers_free(&all);
}

double *
group_values(const struct result_group *g, enum column c, uint64_t *n)
{
	double *all = xmalloc_full((group_counts(g, c).n + 1) * sizeof *all), *end = all;

	for (size_t i = 0; i < g->count; i++)
		end = quantile_copy(g->cells[i]->series[c].values, end);
	*n = (uint64_t)(end - all);
	double_sort(all, (size_t)*n);
	return all;
}

bool
group_distinct(const struct result_group *g, enum column c, struct distinct *d)
{
	const struct quantile **q = xmalloc((g->count + 1) * sizeof(const struct quantile *));
	bool found;

	for (size_t i = 0; i < g->count; i++)
		q[i] = g->cells[i]->series[c].values;
	found = distinct_find(d, q, g->count);
	free(q);
	return found;
}

void
group_ranks(const struct result *r, const struct result_group *g, enum column c,
    const uint64_t *k, size_t count, double *v)
{
	struct sketch sketch;
	double *all;
	uint64_t n;

	if (!result_exact(r, c)) {
		group_sketch(g, c, &sketch);
		for (size_t i = 0; i < count; i++)
			v[i] = sketch_at(&sketch, k[i]);
		sketch_free(&sketch);
		return;
	}
	if (g->count == 1) {
		quantile_select(g->cells[0]->series[c].values, k, count, v);
		return;
	}
	all = group_values(g, c, &n);
	for (size_t i = 0; i < count; i++)
		v[i] = all[k[i]];
	free(all);
}

void
group_sketch(const struct result_group *g, enum column c, struct sketch *out)
{
	*out = (struct sketch){ 0 };
	for (size_t i = 0; i < g->count; i++)
		sketch_merge(out, g->cells[i]->series[c].values->sketch);
}

void
group_finish(const struct result_group *g, uint64_t counts[FINISHES])
{
	memset(counts, 0, FINISHES * sizeof *counts);
	for (size_t i = 0; i < g->count; i++)
		for (size_t f = 0; f < FINISHES; f++)
			counts[f] += g->cells[i]->tally[f];
}

static int
name_order(const void *a, const void *b)
{
	return slice_cmp(
	    ((const struct model_count *)a)->name, ((const struct model_count *)b)->name);
}

/* Add up those with the same name, which stand together. */
static size_t
models_join(struct model_count *m, size_t n)
{
	size_t out = 0;

	for (size_t i = 0; i < n; i++)
		if (out > 0 && slice_eq(m[out - 1].name, m[i].name))
			m[out - 1].n += m[i].n;
		else
			m[out++] = m[i];
	return out;
}

struct model_count *
group_models(const struct result *r, const struct result_group *g, size_t *n)
{
	struct model_count *all;
	size_t most = 0, used = 0;

	for (size_t i = 0; i < g->count; i++)
		most += g->cells[i]->label_count;
	*n = 0;
	if (most == 0)
		return NULL;
	all = xmalloc(most * sizeof *all);
	for (size_t i = 0; i < g->count; i++)
		for (size_t k = 0; k < g->cells[i]->label_count; k++)
			all[used++] = (struct model_count){
				map_key(r->state->labels, g->cells[i]->labels[k].label),
				g->cells[i]->labels[k].n,
			};
	qsort(all, used, sizeof *all, name_order);
	*n = models_join(all, used);
	return all;
}

void
result_free(struct result *r)
{
	for (size_t i = 0; i < r->cell_count && r->ranks != NULL; i++)
		r->cells[i]->ranks = NULL;
	free(r->ranks);
	free(r->groups);
	free(r->cells);
	*r = (struct result){ 0 };
}
