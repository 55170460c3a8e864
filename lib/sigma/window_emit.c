/* What is found: told at once, or, while windows close, when it is its turn. */
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/window_inner.h"

static void
keep_emission(struct windows *w, const struct window_found *f)
{
	struct emission *e;
	size_t group = f->group.len;

	if (w->late_count == w->late_cap) {
		w->late_cap = w->late_cap == 0 ? 16 : w->late_cap * 2;
		w->late = xrealloc(w->late, w->late_cap, sizeof *w->late);
	}
	e = &w->late[w->late_count++];
	*e = (struct emission){ .found = *f };
	buf_slice(&e->text, f->group);
	buf_slice(&e->text, f->count);
	e->found.group = (struct slice){ e->text.p, group };
	e->found.count = (struct slice){ e->text.p + group, f->count.len };
	e->lines = xzalloc(f->line_count, sizeof *e->lines);
	memcpy(e->lines, f->lines, f->line_count * sizeof *e->lines);
	e->found.lines = e->lines;
	e->found.note = (struct slice){ NULL, 0 };
	e->found.at_event = false;
}

/* RFC 3339 has no years beyond these. */
static struct instant
printable(struct instant t)
{
	if (t.s < -62167219200)
		return (struct instant){ -62167219200, 0 };
	return t.s > 253402300799 ? (struct instant){ 253402300799, 0 } : t;
}

/* Digits of a fraction that are not needless. */
static unsigned
digits_of(int32_t ns)
{
	unsigned digits = 9;

	for (; digits > 0 && ns % 10 == 0; ns /= 10)
		digits--;
	return digits;
}

static void
tell(struct windows *w, const struct window_found *f)
{
	struct corr *c = charge(w, NULL);

	w->take(w->arg, f);
	charge(w, c);
}

void
emit(struct windows *w, struct corr *c, struct group *g, bool at_event, struct slice note)
{
	struct window_found f = { .order = c->order,
		.at_event = at_event,
		.start = printable(g->bucket->start),
		.end = printable(g->bucket->end),
		.digits = digits_of(g->bucket->end.ns),
		.group = group_text(g),
		.note = note };

	buf_reset(&w->text);
	value_put(&w->text, c, g);
	f.count = buf_view(&w->text);
	f.line_count = lines_get(&g->lines, w->lines);
	f.lines = w->lines;
	c->found++;
	if (w->closing && at_event)
		keep_emission(w, &f);
	else
		tell(w, &f);
}

static int
cmp_found(const struct window_found *a, const struct window_found *b)
{
	int sign = instant_cmp(a->start, b->start);

	if (sign == 0)
		sign = a->order < b->order ? -1 : a->order > b->order;
	return sign == 0 ? slice_cmp(a->group, b->group) : sign;
}

static int
by_found(const void *a, const void *b)
{
	return cmp_found(
	    &((const struct emission *)a)->found, &((const struct emission *)b)->found);
}

void
kept_sort(struct windows *w)
{
	if (w->late_count > 1)
		qsort(w->late, w->late_count, sizeof *w->late, by_found);
}

size_t
kept_take(struct windows *w, size_t from, const struct window_found *f)
{
	for (; from < w->late_count; from++) {
		struct emission *e = &w->late[from];

		if (f != NULL && cmp_found(&e->found, f) > 0)
			break;
		tell(w, &e->found);
		buf_free(&e->text);
		free(e->lines);
	}
	return from;
}
