/* The index: what each rule waits for, and where that is found. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/match_inner.h"

/*
 * A guess at how often a test holds, from what it asks: long literals are rare, and what many rules
 * ask, as well as a field that many rules ask about, is what events have.
 */
static float
test_cost(const struct matcher *m, const struct test *t)
{
	float users = 1 + (float)t->users / 8;

	if (t->kind == TEST_NULL || (t->kind == TEST_EXISTS && !t->yes))
		return -1;
	if (t->kind == TEST_EXACT || (t->kind == TEST_NUMBER && t->indexed))
		return 0.05F * users;
	if (t->kind != TEST_ANY && (t->indexed || t->hinted))
		return exp2f(-(float)(t->literal.len < 40 ? t->literal.len : 40) / 3) * users;
	return t->field == MATCH_NONE ? -1 : 0.05F + 0.02F * (float)m->fields[t->field].tests;
}

static float
sum_costs(const struct matcher *m, const struct branch *b)
{
	float sum = 0;

	for (uint32_t i = 0; i < b->n; i++) {
		float cost = m->branches[m->kids[b->first + i]].cost;

		if (cost < 0)
			return -1;
		sum += cost;
	}
	return sum;
}

/* The kid of an AND whose witness is rarest; MATCH_NONE if none has one. */
static uint32_t
rarest_kid(const struct matcher *m, const struct branch *b)
{
	uint32_t best = MATCH_NONE;

	for (uint32_t i = 0; i < b->n; i++) {
		uint32_t kid = m->kids[b->first + i];
		float cost = m->branches[kid].cost;

		if (cost >= 0 && (best == MATCH_NONE || cost < m->branches[best].cost))
			best = kid;
	}
	return best;
}

/* Is an OR true as soon as any test in it is found, and only then? */
static bool
is_decided(const struct matcher *m, const struct branch *b)
{
	for (uint32_t i = 0; i < b->n; i++) {
		const struct branch *kid = &m->branches[m->kids[b->first + i]];

		if (kid->op != EXPR_TERM || !kid->decided)
			return false;
	}
	return true;
}

/* Kids come before their parents. */
static void
set_costs(struct matcher *m)
{
	for (uint32_t i = 0; i < m->branch_count; i++) {
		struct branch *b = &m->branches[i];
		uint32_t kid;

		if (b->op == EXPR_TERM) {
			b->cost = test_cost(m, &m->tests[b->test]);
			b->decided = m->tests[b->test].indexed;
		} else if (b->op == EXPR_OR) {
			b->cost = sum_costs(m, b);
			b->decided = is_decided(m, b);
		} else if (b->op == EXPR_AND) {
			kid = rarest_kid(m, b);
			b->cost = kid == MATCH_NONE ? -1 : m->branches[kid].cost;
		} else {
			b->cost = b->op == EXPR_FALSE ? 0 : -1;
		}
		b->decided = b->decided && b->cost >= 0;
	}
}

static void
add_number(struct numbers *l, uint32_t number)
{
	if (l->n > 0 && l->v[l->n - 1] == number)
		return;
	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 2 : l->cap * 2;
		l->v = xrealloc(l->v, l->cap, sizeof *l->v);
	}
	l->v[l->n++] = number;
}

/* The rule waits for a test; if the index does not find that, for its field. */
static void
wait_for_test(struct matcher *m, uint32_t test, uint32_t rule)
{
	const struct test *t = &m->tests[test];

	if (t->indexed || t->hinted) {
		add_number(&m->waiting[test].rules, rule);
		return;
	}
	add_number(&m->fields[t->field].rules, rule);
	m->fields[t->field].needs |= NEED_FIRST;
}

/* A branch seen for this rule already adds nothing: seen[branch] is the last rule + 1. */
static void
wait_for(struct matcher *m, uint32_t branch, uint32_t rule, uint32_t *seen)
{
	const struct branch *b = &m->branches[branch];

	if (seen[branch] == rule + 1)
		return;
	seen[branch] = rule + 1;
	if (b->op == EXPR_TERM)
		wait_for_test(m, b->test, rule);
	else if (b->op == EXPR_AND)
		wait_for(m, rarest_kid(m, b), rule, seen);
	else
		for (uint32_t i = 0; i < b->n; i++)
			wait_for(m, m->kids[b->first + i], rule, seen);
}

/* Of rules with the same root only the first waits. */
static void
wait_rules(struct matcher *m)
{
	uint32_t *seen = xzalloc(m->branch_count, sizeof *seen);
	uint32_t *first = xzalloc(m->branch_count, sizeof *first); /* by root: rule + 1 */

	m->always = xzalloc(m->rule_count, sizeof *m->always);
	for (uint32_t i = m->rule_count; i-- > 0;) {
		struct match_rule *r = &m->rules[i];

		r->next = first[r->root] - 1; /* MATCH_NONE for none */
		first[r->root] = i + 1;
	}
	for (uint32_t i = 0; i < m->rule_count; i++) {
		uint32_t root = m->rules[i].root;

		if (first[root] != i + 1)
			continue;
		if (m->branches[root].cost < 0)
			m->always[m->always_count++] = i;
		else
			wait_for(m, root, i, seen);
	}
	free(seen);
	free(first);
}

/* Of an OR that is decided the tests tell it that it holds. */
static void
tell_ors(struct matcher *m)
{
	for (uint32_t i = 0; i < m->branch_count; i++) {
		const struct branch *b = &m->branches[i];

		if (b->op != EXPR_OR || !b->decided)
			continue;
		for (uint32_t k = 0; k < b->n; k++) {
			uint32_t test = m->branches[m->kids[b->first + k]].test;

			add_number(&m->waiting[test].ors, i);
		}
	}
}

static void
add_exact(struct matcher *m, uint32_t test, struct slice text, bool number)
{
	uint64_t hash = exact_hash(m->tests[test].field, text, number);
	uint32_t at = (uint32_t)hash;

	while (m->exacts[at & (m->exact_slots - 1)].test != MATCH_NONE)
		at++;
	m->exacts[at & (m->exact_slots - 1)] = (struct exact){ hash, test, number };
}

static void
index_test(struct matcher *m, uint32_t test)
{
	const struct test *t = &m->tests[test];
	unsigned *needs =
	    t->field == MATCH_NONE ? &m->keyword_needs : &m->fields[t->field].needs;
	struct buf text = { 0 };

	if (t->kind == TEST_ANY) {
		add_number(&m->fields[t->field].any, test);
	} else if (t->kind == TEST_EXACT) {
		*needs |= NEED_EXACT;
		add_exact(m, test, t->cased ? t->literal : t->text, false);
	} else if (t->kind == TEST_NUMBER) {
		*needs |= NEED_NUMBER;
		decimal_put(&text, &t->number);
		add_exact(m, test, buf_view(&text), true);
	} else if (t->literal.len >= LONG_LITERAL) {
		*needs |= NEED_LONG;
		prefilter_add(m->longs, t->field, t->literal, test);
	} else {
		*needs |= NEED_SHORT;
		prefilter_add(m->shorts, t->field, t->literal, test);
	}
	buf_free(&text);
}

static void
index_tests(struct matcher *m)
{
	uint32_t slots = 64;

	while (slots < 2 * m->test_count)
		slots *= 2;
	m->exact_slots = slots;
	m->exacts = xmalloc(slots * sizeof *m->exacts);
	for (uint32_t i = 0; i < slots; i++)
		m->exacts[i].test = MATCH_NONE;
	for (uint32_t i = 0; i < m->test_count; i++)
		if (m->tests[i].indexed || m->tests[i].hinted)
			index_test(m, i);
}

void
index_make(struct matcher *m)
{
	m->waiting = xzalloc(m->test_count, sizeof *m->waiting);
	for (uint32_t i = 0; i < m->test_count; i++)
		if (m->tests[i].field != MATCH_NONE)
			m->fields[m->tests[i].field].tests++;
	set_costs(m);
	wait_rules(m);
	tell_ors(m);
	index_tests(m);
}
