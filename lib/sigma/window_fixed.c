/* Windows on the clock: filled, found, closed. */
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/window_inner.h"

/* What a correlation's condition says of the rules that have been seen. */
static bool
seen_holds(const struct expr *e, const uint64_t *seen)
{
	switch (e->op) {
	case EXPR_FALSE: return false;
	case EXPR_TRUE: return true;
	case EXPR_TERM: return (seen[e->term->rule / 64] >> e->term->rule % 64 & 1) != 0;
	case EXPR_NOT: return !seen_holds(e->kids[0], seen);
	case EXPR_AND:
	case EXPR_OR: break;
	}
	for (uint32_t i = 0; i < e->n; i++)
		if (seen_holds(e->kids[i], seen) == (e->op == EXPR_OR))
			return e->op == EXPR_OR;
	return e->op == EXPR_AND;
}

bool
group_holds(struct windows *w, struct corr *c, struct group *g)
{
	struct decimal d;

	if (c->c->bound_count == 0)
		return c->c->type == CORR_TEMPORAL ? seen_holds(c->c->seen, group_seen(c, g))
						   : count_of(c, g) == c->c->rule_count;
	if (c->at_event)
		return count_of(c, g) >= c->need;
	buf_reset(&w->text);
	value_put(&w->text, c, g);
	if (!decimal_get(buf_view(&w->text), &d))
		return false;
	for (uint32_t i = 0; i < c->c->bound_count; i++)
		if (!compare_holds(c->c->bounds[i].compare, decimal_cmp(&d, &c->bounds[i])))
			return false;
	return true;
}

enum { STEPS_MAX = 1024 };

/* Of the first step the first is enough, of the last the last; between them any may be needed. */
static void
take_step(struct windows *w, struct corr *c, struct group *g, const struct arrival *a)
{
	struct moments *m = &group_steps(g)[a->ref];
	struct moment *v = moments_of(m), x = { a->t, a->line, 0 };

	if (m->n > 0 && a->ref == 0) {
		if (moment_before(&x, &v[0]))
			v[0] = x;
	} else if (m->n > 0 && a->ref + 1 == c->c->rule_count) {
		if (moment_before(&v[0], &x))
			v[0] = x;
	} else {
		if (m->n == STEPS_MAX)
			memmove(&v[0], &v[1], (size_t)--m->n * sizeof *v);
		moments_put(w, g, m, x);
	}
}

/* Add what arrived to the group.  Returns false if it adds nothing. */
static bool
add(struct windows *w, struct corr *c, struct group *g, const struct arrival *a)
{
	bool again = !a->chained && g->counted && g->last_line == a->line;

	switch (c->c->type) {
	case CORR_EVENT_COUNT: g->count += !again; return !again;
	case CORR_VALUE_COUNT:
		for (uint32_t i = 0; i < a->count; i++)
			set_add(w, c, g, a->values[i].hash);
		g->count += !again;
		return true;
	case CORR_TEMPORAL:
		group_seen(c, g)[a->ref / 64] |= UINT64_C(1) << a->ref % 64;
		g->count++;
		return true;
	case CORR_TEMPORAL_ORDERED:
		take_step(w, c, g, a);
		g->count++;
		return true;
	default: break;
	}
	if (again)
		return false;
	for (uint32_t i = 0; i < a->count; i++) {
		const struct amount *v = &a->values[i].amount;

		if (v->approx != v->approx)
			continue; /* no number */
		if (c->c->type == CORR_VALUE_PERCENTILE)
			values_add(w, c, g, v->approx);
		else
			amount_add(group_sum(c, g), v);
		g->count++;
		again = true;
	}
	return again;
}

/* Of numbers only: a group is not made by an event that has none. */
static bool
has_value(const struct arrival *a)
{
	for (uint32_t i = 0; i < a->count; i++)
		if (a->values[i].amount.approx == a->values[i].amount.approx)
			return true;
	return false;
}

/* Has it come to more than its window may end with? */
static inline bool
is_lost(const struct corr *c, struct group *g)
{
	return c->over != UINT64_MAX && count_of(c, g) >= c->over;
}

/* Does it hold from this event on? */
static inline bool
is_reached(struct windows *w, struct corr *c, struct group *g)
{
	if (!c->at_event)
		return false;
	return c->c->type == CORR_EVENT_COUNT ? g->count >= c->need : group_holds(w, c, g);
}

static void
fire(struct windows *w, struct corr *c, struct group *g, struct slice note)
{
	g->fired = true;
	emit(w, c, g, true, note);
	chain(w, c, g);
	group_strip(w, g);
}

bool
arrive(struct windows *w, const struct arrival *a)
{
	struct corr *c = a->corr;
	struct bucket *b;
	struct group *g;

	c->fed++;
	if (c->c->type >= CORR_VALUE_SUM && !has_value(a))
		return false;
	if (w->o->sliding)
		return slide(w, a);
	b = bucket_find(w, c, a->t);
	if (b == NULL) {
		w->counts.late += a->chained || !w->late_event;
		w->late_event = w->late_event || !a->chained;
		return false;
	}
	g = group_touch(w, b, &a->group);
	if (g->fired || !add(w, c, g, a))
		return false;
	if (is_lost(c, g)) {
		g->fired = true;
		group_strip(w, g);
		return false;
	}
	lines_add(w, g, a->line);
	if (g->last_line != a->line || instant_cmp(g->last, a->t) < 0)
		g->last = a->t;
	g->counted = !a->chained || (g->counted && g->last_line == a->line);
	g->last_line = a->line;
	if (!is_reached(w, c, g))
		return false;
	if (!a->parts)
		fire(w, c, g, a->note);
	return a->parts;
}

/* The group is looked for again: it may be gone since, for the sake of others. */
static void
complete(struct windows *w, const struct arrival *a)
{
	struct group *g;

	if (w->o->sliding) {
		slide_complete(w, a);
		return;
	}
	g = group_touch(w, bucket_find(w, a->corr, a->t), &a->group);
	if (!g->fired && is_reached(w, a->corr, g))
		fire(w, a->corr, g, a->note);
}

enum { RIPE_MAX = 4096 };

/* What a hostile event completes beyond any measure is not waited with. */
static void
keep_ripe(struct windows *w, const struct arrival *a)
{
	if (w->ripe_count == RIPE_MAX) {
		complete(w, a);
		return;
	}
	GROW(w->ripe, w->ripe_count, w->ripe_cap);
	w->ripe[w->ripe_count++] = *a;
}

/* All parts of the event have been taken: what does it complete? */
static void
complete_all(struct windows *w)
{
	for (uint32_t i = 0; i < w->ripe_count; i++) {
		charge(w, w->ripe[i].corr);
		complete(w, &w->ripe[i]);
		windows_trim(w);
	}
	w->ripe_count = 0;
}

/* The earliest time at which a window that is open closes. */
static void
set_next_close(struct windows *w)
{
	w->next_close = INT64_MAX;
	for (uint32_t i = 0; i < w->count; i++)
		if (w->corrs[i]->open_count > 0 &&
		    closing_time(w, w->corrs[i]->open[0]) < w->next_close)
			w->next_close = closing_time(w, w->corrs[i]->open[0]);
}

static int
by_text(const void *a, const void *b)
{
	const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;

	return slice_cmp(group_text(x), group_text(y));
}

/* The groups of a bucket by their text. */
static struct group **
sorted_groups(const struct bucket *b)
{
	struct group **v = xzalloc(b->groups, sizeof(struct group *));
	size_t n = 0;

	for (uint32_t i = 0; i < b->slot_count; i++)
		if (b->slots[i].group != NULL)
			v[n++] = b->slots[i].group;
	if (n > 1)
		qsort(v, n, sizeof(struct group *), by_text);
	return v;
}

/* What windows that only close now are to correlations on them, before any of these close. */
static void
chain_bucket(struct windows *w, struct bucket *b)
{
	struct group **v;

	if (b->corr->at_event || b->corr->outputs.n == 0)
		return;
	v = sorted_groups(b);
	for (uint32_t i = 0; i < b->groups; i++)
		if (!v[i]->fired && group_holds(w, b->corr, v[i]))
			chain(w, b->corr, v[i]);
	free(v);
}

static size_t
close_bucket(struct windows *w, struct bucket *b, size_t kept)
{
	struct corr *c = b->corr;
	struct group **v;

	if (!c->at_event) {
		v = sorted_groups(b);
		for (uint32_t i = 0; i < b->groups; i++) {
			const struct window_found here = {
				.order = c->order, .start = b->start, .group = group_text(v[i])
			};

			if (v[i]->fired || !group_holds(w, c, v[i]))
				continue;
			kept = kept_take(w, kept, &here);
			emit(w, c, v[i], false, (struct slice){ NULL, 0 });
		}
		free(v);
	}
	bucket_drop(w, b);
	return kept;
}

static int
by_start(const void *a, const void *b)
{
	const struct bucket *x = *(struct bucket *const *)a, *y = *(struct bucket *const *)b;
	int sign = instant_cmp(x->start, y->start);

	if (sign != 0)
		return sign;
	return x->corr->order < y->corr->order ? -1 : x->corr->order > y->corr->order;
}

/*
 * Close all windows that end, with the lateness, at or before the time.  Correlations are in the
 * order of their chains, so that inner ones have told outer ones before these are looked at.
 */
static void
close_until(struct windows *w, struct instant t, bool all)
{
	struct bucket **due = NULL;
	size_t n = 0, kept = 0;

	w->closing = true;
	w->late_count = 0;
	for (uint32_t i = 0; i < w->count; i++) {
		struct corr *c = w->corrs[i];

		for (uint32_t k = 0; k < c->open_count; k++) {
			if (!all && closing_time(w, c->open[k]) > t.s)
				break;
			charge(w, c);
			chain_bucket(w, c->open[k]);
			charge(w, NULL);
			due = xrealloc(due, n + 1, sizeof(struct bucket *));
			due[n++] = c->open[k];
		}
	}
	if (n > 1)
		qsort(due, n, sizeof(struct bucket *), by_start);
	kept_sort(w);
	for (size_t i = 0; i < n; i++) {
		charge(w, due[i]->corr);
		kept = close_bucket(w, due[i], kept);
	}
	charge(w, NULL);
	kept_take(w, kept, NULL);
	free(due);
	w->late_count = 0;
	w->closing = false;
	w->closed = t;
	set_next_close(w);
	windows_trim(w);
}

static void
pass_time(struct windows *w, struct instant t)
{
	if (w->started && instant_cmp(t, w->now) <= 0)
		return;
	w->started = true;
	w->now = t;
	if (w->o->sliding || w->o->hold)
		return;
	if (t.s >= w->next_close)
		close_until(w, t, false);
	else
		w->closed = t;
}

enum { SLOTS_FAR = 2048 }; /* from so many on a table is hardly in the cache */

/* Groups are most often not in the cache: where those of the next event are is brought there. */
static void
expect_next(const struct windows *w, const struct feed *f, size_t next)
{
	const struct feed_event *e = &f->events[next];

	if (w->o->sliding || next >= f->event_count || !e->timed)
		return;
	for (uint32_t i = 0; i < e->plan->part_count; i++) {
		const struct plan_part *p = &e->plan->parts[i];
		const struct bucket *b = w->corrs[p->to->corr]->recent;
		const struct seen *groups = &f->seen[e->seen + p->group];

		if (b == NULL || b->slot_count < SLOTS_FAR)
			continue;
		for (uint32_t k = 0; k < groups->n; k++)
			__builtin_prefetch(
			    &b->slots[f->groups[groups->first + k].hash & (b->slot_count - 1)]);
	}
}

/*
 * Is it of a group that nothing more can happen to in its window, as most are that events keep coming
 * for?  Only looked for where it stands if it stands alone under its hash.
 */
static inline bool
is_done(struct windows *w, struct corr *c, struct instant t, const struct key *k)
{
	const struct bucket *b = c->recent;
	const struct group_slot *s;

	if (b == NULL || instant_cmp(t, b->start) < 0 || instant_cmp(t, b->end) >= 0)
		return false;
	s = &b->slots[k->hash & (b->slot_count - 1)];
	if (s->group == NULL || s->hash != k->hash || !s->group->fired ||
	    !group_is(c, s->group, k))
		return false;
	c->fed++;
	s->group->touched = ++w->clock;
	return true;
}

/* One part of the event: what it adds to the groups of a correlation. */
static void
feed_part(struct windows *w, const struct feed *f, const struct feed_event *e,
    const struct plan_part *p, struct arrival *a)
{
	static const struct seen none = { 0, 0 };
	const struct seen *groups = &f->seen[e->seen + p->group];
	const struct seen *values =
	    p->value == MATCH_NONE ? &none : &f->seen[e->seen + p->value];

	if (p->value != MATCH_NONE && values->n == 0)
		return;
	a->corr = w->corrs[p->to->corr];
	a->group.spec = &w->specs[p->to->group];
	for (uint32_t i = 0; i < groups->n; i++) {
		const struct feed_group *g = &f->groups[groups->first + i];

		a->group.values = a->group.spec->n > 0 ? f->names + g->first : NULL;
		a->group.hash = g->hash;
		charge(w, a->corr);
		if (!w->o->sliding && is_done(w, a->corr, e->t, &a->group))
			continue;
		a->ref = p->to->ref;
		a->values = values->n > 0 ? f->values + values->first : NULL;
		a->count = values->n;
		if (e->note != NO_NOTES) {
			const struct feed_note *note = &f->notes[e->note + p->rule];

			a->note = (struct slice){ f->text.p + note->at, note->len };
		}
		a->parts = a->corr->parts && (groups->n > 1 || e->plan->part_count > 1);
		if (arrive(w, a))
			keep_ripe(w, a);
		windows_trim(w);
	}
}

void
windows_feed(struct windows *w, const struct feed *f, size_t i, uint64_t line,
    window_take *take, void *arg)
{
	const struct feed_event *e = &f->events[i];
	struct arrival a = { .t = e->t, .line = line };

	w->take = take;
	w->arg = arg;
	w->late_event = false;
	w->counts.untimed += !e->timed;
	w->counts.cut += e->cut;
	expect_next(w, f, i + 1);
	if (!e->timed)
		return;
	pass_time(w, e->t);
	if (e->plan->part_count == 0)
		return;
	for (uint32_t k = 0; k < e->plan->part_count; k++)
		feed_part(w, f, e, &e->plan->parts[k], &a);
	complete_all(w);
	charge(w, NULL);
}

void
windows_end(struct windows *w, window_take *take, void *arg)
{
	w->take = take;
	w->arg = arg;
	if (!w->o->sliding)
		close_until(w, w->now, true);
}
