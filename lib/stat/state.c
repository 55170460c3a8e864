#include "stat/state.h"

#include <stdlib.h>

#include "base/mem.h"

void
state_init(struct state *s, const struct state_shape *shape)
{
	*s = (struct state){ .shape = *shape };
	s->groups = map_new();
	s->index = map_new();
	s->labels = map_new();
}

static size_t
kept(const struct state_shape *shape, unsigned what)
{
	size_t n = 0;

	for (size_t i = 0; i < shape->columns; i++)
		n += (shape->keep[i] & what) != 0;
	return n;
}

/* One allocation: the cell, its series, powers, quantiles and tallies. */
static struct cell *
cell_new(const struct state *s)
{
	const struct state_shape *shape = &s->shape;
	size_t powers = kept(shape, KEEP_SUM), values = kept(shape, KEEP_QUANTILE);
	struct cell *c = xzalloc(1,
	    sizeof *c + shape->columns * sizeof *c->series + powers * sizeof(struct powers) +
		values * sizeof(struct quantile) + shape->tallies * sizeof *c->tally);
	struct powers *m;
	struct quantile *q;

	c->series = (struct series *)(c + 1);
	m = (struct powers *)(c->series + shape->columns);
	q = (struct quantile *)(m + powers);
	c->tally = (uint64_t *)(q + values);
	for (size_t i = 0; i < shape->columns; i++) {
		c->series[i].powers = shape->keep[i] & KEEP_SUM ? m++ : NULL;
		c->series[i].values = shape->keep[i] & KEEP_QUANTILE ? q++ : NULL;
		if (s->spilled >> i & 1 && c->series[i].values != NULL)
			quantile_spill(c->series[i].values);
	}
	return c;
}

static void
cell_free(struct cell *c, size_t columns)
{
	for (size_t i = 0; i < columns; i++) {
		if (c->series[i].powers != NULL)
			powers_free(c->series[i].powers);
		if (c->series[i].values != NULL)
			quantile_free(c->series[i].values);
	}
	free(c->labels);
	free(c);
}

static struct cell *
cell_append(struct state *s, struct slice key, int64_t bucket)
{
	struct cell *c = cell_new(s);

	c->key = key;
	c->bucket = bucket;
	if (s->count == s->cap) {
		s->cap = s->cap == 0 ? 16 : 2 * s->cap;
		s->cells = xrealloc(s->cells, s->cap, sizeof *s->cells);
	}
	return s->cells[s->count++] = c;
}

/* The cell of a group, by its number, and a bucket. */
static struct cell *
cell_find(struct state *s, uint32_t group, int64_t bucket)
{
	char id[sizeof group + sizeof bucket];
	bool added = false;
	uint32_t number = group;

	if (s->shape.every == 0) {
		added = group == s->count;
	} else {
		memcpy(id, &group, sizeof group);
		memcpy(id + sizeof group, &bucket, sizeof bucket);
		number = map_add(s->index, (struct slice){ id, sizeof id }, &added);
	}
	if (!added)
		return s->cells[number];
	s->too_many |= s->count == STATE_CELLS;
	return s->too_many ? NULL : cell_append(s, map_key(s->groups, group), bucket);
}

struct cell *
state_cell_at(struct state *s, struct slice key, int64_t bucket)
{
	bool added;
	uint32_t group;

	if (s->too_many)
		return NULL;
	group = map_add(s->groups, key, &added);
	if (added && group == STATE_GROUPS) {
		s->too_many = true;
		return NULL;
	}
	return cell_find(s, group, bucket);
}

int64_t
state_bucket(const struct state *s, struct instant time)
{
	int64_t every = s->shape.every, since;

	if (every == 0)
		return 0;
	since = time.s - STATE_EPOCH;
	return since / every - (since % every < 0);
}

void
cell_record(struct cell *c, struct instant time)
{
	if (c->records == 0 || instant_cmp(time, c->first) < 0)
		c->first = time;
	if (c->records == 0 || instant_cmp(time, c->last) > 0)
		c->last = time;
	c->records++;
}

/* Labels are forgotten where there are too many: a hostile log is not to fill the memory. */
static void
labels_lose(struct state *s)
{
	s->labels_lost = true;
	map_clear(s->labels);
	for (size_t i = 0; i < s->count; i++) {
		free(s->cells[i]->labels);
		s->cells[i]->labels = NULL;
		s->cells[i]->label_count = s->cells[i]->label_cap = 0;
	}
	s->label_counts = 0;
}

/* Where label is or belongs in c. */
static size_t
label_place(const struct cell *c, uint32_t label)
{
	size_t low = 0, high = c->label_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c->labels[middle].label < label)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static size_t
label_add(struct state *s, struct cell *c, uint32_t label, uint64_t n)
{
	size_t at = label_place(c, label);

	if (at < c->label_count && c->labels[at].label == label) {
		c->labels[at].n += n;
		return at;
	}
	if (c->label_count == c->label_cap) {
		c->label_cap = c->label_cap == 0 ? 4 : 2 * c->label_cap;
		c->labels = xrealloc(c->labels, c->label_cap, sizeof *c->labels);
	}
	memmove(c->labels + at + 1, c->labels + at, (c->label_count - at) * sizeof *c->labels);
	c->labels[at] = (struct label_count){ label, n };
	c->label_count++;
	s->label_counts++;
	return at;
}

size_t
state_label(struct state *s, struct cell *c, struct slice name, uint64_t n)
{
	size_t at;

	if (s->labels_lost)
		return SIZE_MAX;
	at = label_add(s, c, map_add(s->labels, name, NULL), n);
	if (map_count(s->labels) <= STATE_LABELS && s->label_counts <= STATE_LABEL_COUNTS)
		return at;
	labels_lose(s);
	return SIZE_MAX;
}

static int
cell_order(const void *a, const void *b)
{
	const struct cell *x = *(struct cell *const *)a, *y = *(struct cell *const *)b;
	int order = slice_cmp(x->key, y->key);

	return order != 0 ? order : (x->bucket > y->bucket) - (x->bucket < y->bucket);
}

struct cell **
state_cells(const struct state *s)
{
	struct cell **cells = xmalloc((s->count + 1) * sizeof(struct cell *));

	if (s->count > 0) {
		memcpy(cells, s->cells, s->count * sizeof *cells);
		qsort(cells, s->count, sizeof *cells, cell_order);
	}
	return cells;
}

void
state_spill(struct state *s, size_t i)
{
	if (s->spilled >> i & 1 || (s->shape.keep[i] & KEEP_QUANTILE) == 0)
		return;
	s->spilled |= UINT64_C(1) << i;
	for (size_t k = 0; k < s->count; k++)
		if (s->cells[k]->series[i].values != NULL)
			quantile_spill(s->cells[k]->series[i].values);
}

void
state_settle(struct state *s)
{
	for (size_t i = 0; i < s->shape.columns; i++)
		if (s->held[i] > s->shape.exact)
			state_spill(s, i);
}

static void
series_merge(struct series *into, struct series *from)
{
	into->n += from->n;
	into->nonzero += from->nonzero;
	if (into->powers != NULL)
		powers_merge(into->powers, from->powers);
	if (into->values != NULL)
		quantile_merge(into->values, from->values);
}

static void
cell_merge(struct state *s, struct cell *into, struct cell *from)
{
	if (from->records > 0) {
		if (into->records == 0 || instant_cmp(from->first, into->first) < 0)
			into->first = from->first;
		if (into->records == 0 || instant_cmp(from->last, into->last) > 0)
			into->last = from->last;
		into->records += from->records;
	}
	for (size_t i = 0; i < s->shape.tallies; i++)
		into->tally[i] += from->tally[i];
	for (size_t i = 0; i < s->shape.columns; i++)
		series_merge(&into->series[i], &from->series[i]);
}

static void
labels_merge(
    struct state *s, struct cell *into, const struct state *other, const struct cell *from)
{
	for (size_t i = 0; i < from->label_count; i++)
		state_label(
		    s, into, map_key(other->labels, from->labels[i].label), from->labels[i].n);
}

static void
state_empty(struct state *s)
{
	struct state_shape shape = s->shape;

	state_free(s);
	state_init(s, &shape);
}

void
state_merge(struct state *into, struct state *from)
{
	into->too_many |= from->too_many;
	if (from->labels_lost && !into->labels_lost)
		labels_lose(into);
	for (size_t i = 0; i < into->shape.columns; i++) {
		if (from->spilled >> i & 1)
			state_spill(into, i);
		into->held[i] += from->held[i];
	}
	for (size_t i = 0; i < from->count && !into->too_many; i++) {
		struct cell *c =
		    state_cell_at(into, from->cells[i]->key, from->cells[i]->bucket);

		if (c == NULL)
			break;
		cell_merge(into, c, from->cells[i]);
		labels_merge(into, c, from, from->cells[i]);
	}
	state_settle(into);
	state_empty(from);
}

void
state_free(struct state *s)
{
	for (size_t i = 0; i < s->count; i++)
		cell_free(s->cells[i], s->shape.columns);
	free(s->cells);
	map_free(s->groups);
	map_free(s->index);
	map_free(s->labels);
	*s = (struct state){ 0 };
}
