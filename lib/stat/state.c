#include "stat/state.h"

#include <stdlib.h>

#include "base/mem.h"

void
state_init(struct state *s, const unsigned *keep, size_t columns)
{
	*s = (struct state){ .columns = columns };
	s->series = xzalloc(columns, sizeof *s->series);
	for (size_t i = 0; i < columns; i++) {
		s->used |= (uint64_t)(keep[i] != 0) << i;
		if (keep[i] & KEEP_SUM)
			s->series[i].sum = xzalloc(1, sizeof(struct sum));
		if (keep[i] & KEEP_QUANTILE)
			s->series[i].values = xzalloc(1, sizeof(struct quantile));
	}
}

void
series_add(struct series *s, double v)
{
	s->n++;
	s->nonzero += v != 0;
	if (s->sum != NULL)
		sum_add(s->sum, v);
	if (s->values != NULL)
		quantile_add(s->values, v);
}

static void
series_merge(struct series *into, struct series *from)
{
	into->n += from->n;
	into->nonzero += from->nonzero;
	from->n = from->nonzero = 0;
	if (into->sum != NULL) {
		sum_merge(into->sum, from->sum);
		*from->sum = (struct sum){ 0 };
	}
	if (into->values != NULL)
		quantile_merge(into->values, from->values);
}

void
state_merge(struct state *into, struct state *from)
{
	into->records += from->records;
	from->records = 0;
	for (size_t i = 0; i < into->columns; i++)
		series_merge(&into->series[i], &from->series[i]);
}

void
state_free(struct state *s)
{
	for (size_t i = 0; i < s->columns; i++) {
		free(s->series[i].sum);
		if (s->series[i].values != NULL)
			quantile_free(s->series[i].values);
		free(s->series[i].values);
	}
	free(s->series);
	*s = (struct state){ 0 };
}
