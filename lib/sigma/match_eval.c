/* Conditions, of what the index has found and what has to be looked at. */
#include <stdlib.h>

#include "sigma/match_inner.h"

static enum held
known(uint32_t memo, uint32_t epoch)
{
	return memo >> 2 == epoch ? (enum held)(memo & 3) : HELD_UNKNOWN + 1;
}

static enum held
test_one(struct match *x, const struct test *t, struct match_value *v)
{
	if (t->kind != TEST_REGEX)
		return test_value(x, t, v) ? HELD_YES : HELD_NO;
	return value_is_scalar(v) ? match_regex_run(t->regex, x->regex, value_text(x, v))
				  : HELD_NO;
}

/* Over the values of the field, or all. */
static enum held
test_values(struct match *x, const struct test *t)
{
	enum held held = HELD_NO, one;

	if (t->field == MATCH_NONE) {
		for (uint32_t i = 0; i < x->value_count && held != HELD_YES; i++)
			if ((one = test_one(x, t, &x->values[i])) != HELD_NO)
				held = one;
		return held;
	}
	for (struct match_value *v = chain_first(x, t->field); v != NULL && held != HELD_YES;
	     v = chain_next(x, v))
		if ((one = test_one(x, t, v)) != HELD_NO)
			held = one;
	return held;
}

static enum held
ask(struct match *x, const struct test *t)
{
	bool there;

	if (t->kind != TEST_EXISTS && t->kind != TEST_NULL)
		return test_values(x, t);
	there = chain_first(x, t->field) != NULL;
	if (t->kind == TEST_EXISTS)
		return there == t->yes ? HELD_YES : HELD_NO;
	return there ? test_values(x, t) : HELD_YES;
}

/* Where the index does not settle it. */
static enum held
test_once(struct match *x, const struct test *t, uint32_t test)
{
	enum held held = known(x->memo[test], x->epoch);

	if (held > HELD_UNKNOWN) {
		held = ask(x, t);
		x->memo[test] = x->epoch << 2 | held;
	}
	return held;
}

static inline enum held
hold(struct match *x, uint32_t test)
{
	const struct test *t = &x->m->tests[test];

	if (x->found[test] != x->epoch) {
		if (t->indexed || t->hinted)
			return HELD_NO;
	} else if (t->indexed) {
		return HELD_YES;
	}
	return test_once(x, t, test);
}

enum held
match_test(struct match *x, uint32_t test)
{
	return hold(x, test);
}

/* A branch whose tests have told it whether it holds. */
static inline enum held
told(const struct match *x, const struct branch *b, uint32_t branch)
{
	uint32_t at = b->op == EXPR_TERM ? x->found[b->test] : x->branches[branch] >> 2;

	return at == x->epoch ? HELD_YES : HELD_NO;
}

/* Three-valued (Kleene): what is known decides where it can. */
static enum held
join(struct match *x, const struct branch *b)
{
	enum held decides = b->op == EXPR_AND ? HELD_NO : HELD_YES;
	enum held held = b->op == EXPR_AND ? HELD_YES : HELD_NO;

	for (uint32_t i = 0; i < b->n; i++) {
		uint32_t kid = x->m->kids[b->first + i];
		const struct branch *k = &x->m->branches[kid];
		enum held one = k->decided ? told(x, k, kid)
		    : k->op == EXPR_TERM   ? hold(x, k->test)
					   : match_eval(x, kid);

		if (one == decides)
			return one;
		if (one == HELD_UNKNOWN)
			held = one;
	}
	return held;
}

static enum held
negate(enum held held)
{
	return held == HELD_UNKNOWN ? held : held == HELD_YES ? HELD_NO : HELD_YES;
}

enum held
match_eval(struct match *x, uint32_t branch)
{
	const struct branch *b = &x->m->branches[branch];
	enum held held = HELD_NO;

	if (b->decided)
		return told(x, b, branch);
	if (b->op == EXPR_TERM)
		return hold(x, b->test);
	if (b->shared && (held = known(x->branches[branch], x->epoch)) <= HELD_UNKNOWN)
		return held;
	switch (b->op) {
	case EXPR_FALSE: return HELD_NO;
	case EXPR_TRUE: return HELD_YES;
	case EXPR_NOT: held = negate(match_eval(x, x->m->kids[b->first])); break;
	default: held = join(x, b); break;
	}
	if (b->shared)
		x->branches[branch] = x->epoch << 2 | held;
	return held;
}

enum held
match_holds(struct match *x, uint32_t e)
{
	return match_eval(x, e);
}
