/* Asking the index about an event. */
#include "sigma/match_inner.h"

static inline void
want_rule(struct match *x, uint32_t rule)
{
	x->candidates[rule / 64] |= UINT64_C(1) << rule % 64;
}

/* A test holds of the event, or, if it is only hinted at, may. */
static void
found(struct match *x, uint32_t test)
{
	const struct waiting *w = &x->m->waiting[test];

	if (x->found[test] == x->epoch)
		return;
	x->found[test] = x->epoch;
	for (uint32_t i = 0; i < w->rules.n; i++)
		want_rule(x, w->rules.v[i]);
	for (uint32_t i = 0; i < w->ors.n; i++)
		x->branches[w->ors.v[i]] = x->epoch << 2 | HELD_YES;
}

/* The index has found a test to fit the value. */
static void
fits(struct match *x, uint32_t test)
{
	x->told[test] = x->serial;
	x->fitting[x->fitting_count++] = test;
}

/* A literal stands at an offset of the value's folded text. */
static void
on_literal(void *arg, uint32_t test, size_t at)
{
	struct match *x = arg;
	const struct test *t = &x->m->tests[test];
	struct match_value *v = &x->values[x->value];

	if (x->told[test] == x->serial)
		return;
	if (t->hinted || (t->kind == TEST_CONTAINS && !t->cased)) {
		fits(x, test);
		return;
	}
	if (!t->cased &&
	    ((t->kind == TEST_PREFIX && at != 0) ||
		(t->kind == TEST_SUFFIX && at + t->literal.len != v->folded.len)))
		return;
	if (t->kind == TEST_GLOB || t->cased) {
		if (x->tried[test] == x->serial)
			return;
		x->tried[test] = x->serial;
		if (!test_value(x, t, v))
			return;
	}
	fits(x, test);
}

/* Those under one hash that are this text or number. */
static void
look_up(struct match *x, struct match_value *v, struct slice text, bool number)
{
	const struct matcher *m = x->m;
	uint64_t hash = exact_hash(v->field, text, number);

	for (uint32_t at = (uint32_t)hash;; at++) {
		const struct exact *e = &m->exacts[at & (m->exact_slots - 1)];
		const struct test *t;

		if (e->test == MATCH_NONE)
			return;
		if (e->hash != hash || e->number != number || x->told[e->test] == x->serial)
			continue;
		t = &m->tests[e->test];
		if (t->field == v->field && test_value(x, t, v))
			fits(x, e->test);
	}
}

static void
look_up_number(struct match *x, struct match_value *v)
{
	struct slice text = value_text(x, v);
	struct decimal d;

	if (v->kind != VALUE_NUMBER &&
	    (v->kind != VALUE_TEXT || text.len == 0 ||
		((text.p[0] < '0' || text.p[0] > '9') && text.p[0] != '-')))
		return;
	if (decimal_plain(text)) {
		look_up(x, v, text, true);
	} else if (decimal_get(text, &d)) {
		buf_reset(&x->number);
		decimal_put(&x->number, &d);
		look_up(x, v, buf_view(&x->number), true);
	}
}

/* Ask the index. */
static void
search_value(struct match *x, struct match_value *v)
{
	const struct matcher *m = x->m;
	unsigned needs = v->field == MATCH_NONE ? 0 : m->fields[v->field].needs;

	if ((needs & NEED_EXACT) != 0)
		look_up(x, v, match_folded(x, v), false);
	if ((needs & NEED_NUMBER) != 0)
		look_up_number(x, v);
	if ((needs & NEED_LONG) != 0)
		prefilter_scan(m->longs, v->field, match_folded(x, v), on_literal, x);
	if ((needs & NEED_SHORT) != 0)
		prefilter_scan(m->shorts, v->field, match_folded(x, v), on_literal, x);
	if ((m->keyword_needs & NEED_LONG) != 0)
		prefilter_scan(m->longs, MATCH_NONE, match_folded(x, v), on_literal, x);
	if ((m->keyword_needs & NEED_SHORT) != 0)
		prefilter_scan(m->shorts, MATCH_NONE, match_folded(x, v), on_literal, x);
}

static void
scan_value(struct match *x, struct match_value *v)
{
	uint32_t n;
	const uint32_t *tests = recall_get(x->recall, v, &n);

	if (tests == NULL) {
		x->serial++;
		x->fitting_count = 0;
		search_value(x, v);
		tests = x->fitting;
		n = x->fitting_count;
		recall_put(x->recall, v, tests, n);
	}
	for (uint32_t i = 0; i < n; i++)
		found(x, tests[i]);
}

void
match_scan(struct match *x)
{
	const struct matcher *m = x->m;

	for (uint32_t i = 0; i < m->always_count; i++)
		want_rule(x, m->always[i]);
	for (x->value = 0; x->value < x->value_count; x->value++) {
		struct match_value *v = &x->values[x->value];
		const struct match_field *f =
		    v->field == MATCH_NONE ? NULL : &m->fields[v->field];

		if (f != NULL && (f->needs & NEED_FIRST) != 0 &&
		    x->ends[v->field].first == x->value)
			for (uint32_t i = 0; i < f->rules.n; i++)
				want_rule(x, f->rules.v[i]);
		if (!value_is_scalar(v))
			continue;
		for (uint32_t i = 0; f != NULL && i < f->any.n; i++)
			found(x, f->any.v[i]);
		if ((f != NULL && (f->needs & ~(unsigned)NEED_FIRST) != 0) ||
		    m->keyword_needs != 0)
			scan_value(x, v);
	}
}
