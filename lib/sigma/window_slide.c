/* Windows that end at each event. */
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/window_inner.h"

/* Those of a group's moments that lie in (after, t]: from *from to the result. */
static uint32_t
range(struct moments *m, struct instant after, struct instant t, uint32_t *from)
{
	const struct moment *v = moments_of(m);
	uint32_t low = 0, high = m->n, to;

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (instant_cmp(v[mid].t, after) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	*from = low;
	for (to = m->n; to > low && instant_cmp(v[to - 1].t, t) > 0; to--)
		;
	return to;
}

/* Fill the group's set with the values of a range. */
static void
set_range(struct windows *w, struct corr *c, struct group *g, uint32_t from, uint32_t to)
{
	const struct moment *v = moments_of(group_steps(g));
	struct value_set *s = group_set(c, g);

	if (s->slots != NULL)
		memset(s->slots, 0, s->cap * sizeof *s->slots);
	s->n = 0;
	for (uint32_t i = from; i < to; i++)
		set_add(w, c, g, v[i].value);
}

static void
see_range(const struct corr *c, struct group *g, uint32_t from, uint32_t to)
{
	const struct moment *v = moments_of(group_steps(g));
	uint64_t *seen = group_seen(c, g);

	memset(seen, 0, ((size_t)c->c->rule_count + 63) / 64 * sizeof *seen);
	for (uint32_t i = from; i < to; i++)
		seen[v[i].value / 64] |= UINT64_C(1) << v[i].value % 64;
}

/* The steps taken within a range, each later than the one before. */
static uint64_t
order_range(const struct corr *c, struct group *g, uint32_t from, uint32_t to)
{
	const struct moment *v = moments_of(group_steps(g));
	uint64_t step = 0;

	for (uint32_t i = from; i < to && step < c->c->rule_count;) {
		uint32_t next = i;
		bool taken = false;

		/* An event takes one step, however many rules it fits. */
		for (; next < to && v[next].line == v[i].line; next++)
			taken = taken || v[next].value == step;
		step += taken;
		i = next;
	}
	return step;
}

static bool
holds(struct windows *w, struct corr *c, struct group *g, uint32_t from, uint32_t to)
{
	const struct moment *v = moments_of(group_steps(g));
	uint32_t lines = 0;

	switch (c->c->type) {
	case CORR_EVENT_COUNT:
		for (uint32_t i = from; i < to; i++)
			lines += i == from || v[i].line != v[i - 1].line;
		g->count = lines;
		return g->count >= c->need;
	case CORR_VALUE_COUNT:
		set_range(w, c, g, from, to);
		return group_set(c, g)->n >= c->need;
	case CORR_TEMPORAL_ORDERED:
		*group_taken(c, g) = order_range(c, g, from, to);
		return group_holds(w, c, g);
	default: see_range(c, g, from, to); return group_holds(w, c, g);
	}
}

static int
by_line(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The lines of a range, as those of the group. */
static void
list_lines(struct windows *w, struct group *g, uint32_t from, uint32_t to)
{
	const struct moment *m = moments_of(group_steps(g));
	uint64_t *v = xzalloc(to - from, sizeof *v);

	for (uint32_t i = from; i < to; i++)
		v[i - from] = m[i].line;
	qsort(v, to - from, sizeof *v, by_line);
	lines_drop(w, g);
	for (uint32_t i = 0; i < to - from; i++)
		lines_add(w, g, v[i]);
	free(v);
}

/* No window to come reaches back so far. */
static struct instant
horizon(const struct windows *w, const struct corr *c)
{
	struct instant t = w->now;

	if (__builtin_sub_overflow(t.s, w->o->lateness, &t.s) || t.s < -62167219200)
		t.s = -62167219200;
	return span_before(c->c, t);
}

static void
forget(struct moments *m, struct instant t)
{
	struct moment *v = moments_of(m);
	uint32_t n = 0;

	while (n < m->n && instant_cmp(v[n].t, t) <= 0)
		n++;
	/* Not one by one: the move is paid for by as many that go. */
	if (n == 0 || (n * 2 < m->n && n < 64))
		return;
	memmove(v, v + n, (m->n - n) * sizeof *v);
	m->n -= n;
}

bool
slide_is_past(const struct windows *w, struct group *g)
{
	struct moments *m = group_steps(g);

	return m->n == 0 ||
	    instant_cmp(moments_of(m)[m->n - 1].t, horizon(w, g->bucket->corr)) <= 0;
}

enum { SWEEP = 8 };

/* With each event some slots of its table are looked at, so that what is past does not stay for long. */
static void
sweep(struct windows *w, struct bucket *b, const struct group *keep)
{
	for (int i = 0, met = 0; i < SWEEP && met < 2; i++) {
		struct group *g = b->slots[b->swept++ & (b->slot_count - 1)].group;

		met += g != NULL;
		if (g != NULL && g != keep && slide_is_past(w, g))
			group_free(w, g);
	}
}

/* Does the condition turn true with the window that ends at this event? */
static void
decide(struct windows *w, const struct arrival *a, struct group *g)
{
	struct corr *c = a->corr;
	struct instant after = span_before(c->c, a->t);
	uint32_t from, to = range(group_steps(g), after, a->t, &from);
	bool held;

	if (from == to)
		return;
	held = holds(w, c, g, from, to);
	/* With nothing before it in its window, the condition has not held just before. */
	if (moments_of(group_steps(g))[from].line == a->line && g->last_line != a->line)
		g->fired = false;
	g->last = a->t;
	g->last_line = a->line;
	if (held && !g->fired) {
		list_lines(w, g, from, to);
		g->bucket->start = after;
		g->bucket->end = a->t;
		emit(w, c, g, true, a->note);
		g->bucket->start = g->bucket->end = (struct instant){ 0, 0 };
		chain(w, c, g);
	}
	g->fired = held;
	if (!w->o->hold)
		sweep(w, g->bucket, g);
}

bool
slide(struct windows *w, const struct arrival *a)
{
	struct corr *c = a->corr;
	struct group *g;
	struct instant latest = w->now;
	struct moment x = { a->t, a->line, a->ref };

	if (!w->o->hold && !__builtin_sub_overflow(latest.s, w->o->lateness, &latest.s) &&
	    instant_cmp(a->t, latest) < 0) {
		w->counts.late += !w->late_event;
		w->late_event = true;
		return false;
	}
	g = group_touch(w, bucket_find(w, c, a->t), &a->group);
	if (!w->o->hold)
		forget(group_steps(g), horizon(w, c));
	for (uint32_t i = 0; i < (c->c->type == CORR_VALUE_COUNT ? a->count : 1); i++) {
		if (c->c->type == CORR_VALUE_COUNT)
			x.value = a->values[i].hash;
		moments_put(w, g, group_steps(g), x);
	}
	if (!a->parts)
		decide(w, a, g);
	return a->parts;
}

/* It may be gone since, and is then empty. */
void
slide_complete(struct windows *w, const struct arrival *a)
{
	decide(w, a, group_touch(w, bucket_find(w, a->corr, a->t), &a->group));
}
