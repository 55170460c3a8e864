/* The condition of a correlation: bounds, or a text that says which rules have to be seen. */
#include <math.h>
#include <stdlib.h>

#include "sigma/condition.h"
#include "sigma/correlation.h"
#include "sigma/pattern.h"

static const struct {
	const char *name;
	enum compare compare;
} comparisons[] = {
	{ "gt", CMP_GT },
	{ "gte", CMP_GTE },
	{ "lt", CMP_LT },
	{ "lte", CMP_LTE },
	{ "eq", CMP_EQ },
	{ "neq", CMP_NEQ },
};

static void
take_value(struct section *s, const struct node *n)
{
	s->c->values[s->c->value_count++] = rule_field(s->arena, s->rule, n->text);
}

/* Can no value meet all bounds?  What is counted is at least one: windows without events are none. */
static bool
never_met(const struct correlation *c)
{
	double low = c->type <= CORR_TEMPORAL_ORDERED ? 1 : -HUGE_VAL, high = HUGE_VAL;
	bool open = false;

	for (uint32_t i = 0; i < c->bound_count; i++) {
		double v = strtod(c->bounds[i].number.p, NULL);
		enum compare compare = c->bounds[i].compare;

		if (compare == CMP_NEQ)
			continue;
		if (compare == CMP_GT || compare == CMP_GTE || compare == CMP_EQ) {
			open = v > low ? compare == CMP_GT
				       : open || (v >= low && compare == CMP_GT);
			low = v > low ? v : low;
		}
	}
	for (uint32_t i = 0; i < c->bound_count; i++) {
		double v = strtod(c->bounds[i].number.p, NULL);
		enum compare compare = c->bounds[i].compare;

		if (compare == CMP_LT || compare == CMP_LTE || compare == CMP_EQ)
			high = v < high ? v : high;
		if ((compare == CMP_LT && v <= low) ||
		    ((compare == CMP_LTE || compare == CMP_EQ) &&
			(v < low || (open && v <= low))))
			return true;
	}
	return high < low;
}

/* Is there any, right or wrong? */
static bool
read_bounds(struct section *s, const struct node *map)
{
	bool any = false;

	for (size_t i = 0; i < sizeof comparisons / sizeof comparisons[0]; i++) {
		const struct node *n = node_get(map, comparisons[i].name);
		struct bound *b = &s->c->bounds[s->c->bound_count];

		any = any || n != NULL;
		if (n == NULL || value_number(s->arena, s->found, n, &b->number) == -1)
			continue;
		b->compare = comparisons[i].compare;
		s->c->bound_count++;
	}
	return any;
}

static void
check_condition_keys(struct section *s, const struct node *map)
{
	for (const struct node_pair *p = map->first; p != NULL; p = p->next) {
		bool known =
		    slice_is(p->key->text, "field") || slice_is(p->key->text, "percentile");

		for (size_t i = 0; i < sizeof comparisons / sizeof comparisons[0]; i++)
			known = known || slice_is(p->key->text, comparisons[i].name);
		if (!known)
			finding_error(s->found, p->key->at, "correlation-condition",
			    "unknown member of a correlation's condition");
	}
}

static void
read_field(struct section *s, const struct node *map, struct place at)
{
	const struct node *n = node_get(map, "field");
	bool counts = s->c->type == CORR_EVENT_COUNT || correlation_temporal(s->c->type);

	if (n == NULL && !counts) {
		finding_error(
		    s->found, at, "missing-field", "this type of correlation needs \"field\"");
	} else if (n != NULL && counts) {
		finding_warning(s->found, node_key(map, "field")->at, "correlation-field",
		    "this type of correlation looks at no field");
	} else if (n != NULL && s->c->type != CORR_VALUE_COUNT && !correlation_name(n)) {
		finding_error(s->found, n->at, "value-type", "\"field\" takes a text");
	} else if (n != NULL) {
		s->c->values = arena_get(s->arena, (n->count + 1) * sizeof(struct field *));
		correlation_names(s, n, "field", FIELDS_MAX, take_value);
	}
}

/* "percentile": a number from 0 to 100, not 0. */
static void
read_percentile(struct section *s, const struct node *map, struct place at)
{
	const struct node *n = node_get(map, "percentile");
	struct slice text;
	double v;

	s->c->percentile = SLICE("50");
	if (n != NULL && s->c->type != CORR_VALUE_PERCENTILE) {
		finding_warning(s->found, node_key(map, "percentile")->at, "correlation-field",
		    "this type of correlation looks at no percentile");
	} else if (n != NULL) {
		if (value_number(s->arena, s->found, n, &text) == -1)
			return;
		v = strtod(text.p, NULL);
		if (v > 0 && v <= 100)
			s->c->percentile = text;
		else
			finding_error(s->found, n->at, "correlation-percentile",
			    "a percentile is over 0 and at most 100");
	} else if (s->c->type == CORR_VALUE_PERCENTILE) {
		finding_warning(
		    s->found, at, "missing-percentile", "no \"percentile\": 50 is taken");
	}
}

/* The number of the rule that a condition names; it is added if the condition alone names rules. */
static uint32_t
find_rule(struct section *s, struct slice word, struct place at, bool add)
{
	struct correlation *c = s->c;

	for (uint32_t i = 0; i < c->rule_count; i++)
		if (slice_eq(c->rules[i].word, word))
			return i;
	if (!add || c->rule_count == NAMES_MAX) {
		finding_error(s->found, at, add ? "correlation-limit" : "correlation-rule",
		    add ? "more than 1,000 rules"
			: "the condition names a rule that \"rules\" has not");
		return 0;
	}
	c->rules[c->rule_count] = (struct reference){ .word = word, .at = at };
	return c->rule_count++;
}

static struct expr *
rule_term(struct section *s, uint32_t i, struct place at)
{
	const struct term t = { .kind = TERM_RULE, .rule = i, .at = at };

	return expr_term(s->arena, &t);
}

/* What a condition's text says of the rules. */
static struct expr *
seen_expr(struct section *s, const struct node *n, const struct condition *c, bool add)
{
	struct place at = c->kids == NULL ? node_place(n, c->offset) : n->at;
	struct operands o = { 0 };

	if (c->op == COND_NAME)
		return rule_term(s, find_rule(s, c->word, at, add), at);
	if (c->op == COND_NOT)
		return expr_not(s->arena, seen_expr(s, n, c->kids, add));
	if (c->op == COND_ONE_OF || c->op == COND_ALL_OF) {
		for (uint32_t i = 0; i < s->c->rule_count; i++)
			if (slice_is(c->word, "them") ||
			    pattern_glob(c->word, s->c->rules[i].word))
				operands_add(&o, rule_term(s, i, at));
		if (o.n == 0)
			finding_error(
			    s->found, at, "correlation-rule", "no rule of \"rules\" fits");
	}
	for (const struct condition *k = c->kids; k != NULL; k = k->next)
		operands_add(&o, seen_expr(s, n, k, add));
	return expr_join(
	    s->arena, c->op == COND_AND || c->op == COND_ALL_OF ? EXPR_AND : EXPR_OR, &o);
}

/* Of an order can only be said that all have to come in it. */
static void
check_order(struct section *s, const struct node *n)
{
	const struct expr *e = s->c->seen;
	bool right = e->op == EXPR_TERM || e->op == EXPR_AND;

	for (uint32_t i = 0; right && i < e->n; i++)
		right = e->kids[i]->op == EXPR_TERM && e->kids[i]->term->rule == i;
	if (!right || (e->op == EXPR_AND ? e->n : 1) != s->c->rule_count)
		finding_error(s->found, n->at, "correlation-condition",
		    "temporal_ordered takes all of its rules, in their order, joined by "
		    "\"and\"");
}

/* A condition written as a text: which rules have to be seen. */
static void
read_text_condition(struct section *s, const struct node *n)
{
	struct diag d = { 0 };
	struct condition *c = condition_get(s->arena, n->text, &d);
	bool add = node_get(s->map, "rules") == NULL;

	if (c == NULL) {
		finding_error(s->found, node_place(n, d.offset), d.rule,
		    detection_condition_text(d.rule));
		return;
	}
	if (add)
		s->c->rules = arena_get(s->arena, NAMES_MAX * sizeof(struct reference));
	s->c->seen = seen_expr(s, n, c, add);
	s->c->seen_text = true;
	s->c->text = n->text;
	if (s->c->type == CORR_TEMPORAL_ORDERED)
		check_order(s, n);
}

/* Without a condition all rules have to be seen. */
static void
see_all(struct section *s)
{
	struct operands o = { 0 };

	for (uint32_t i = 0; i < s->c->rule_count; i++)
		operands_add(&o, rule_term(s, i, s->c->rules[i].at));
	s->c->seen = expr_join(s->arena, EXPR_AND, &o);
}

void
correlation_condition(struct section *s)
{
	bool temporal = correlation_temporal(s->c->type);
	const struct node *n = correlation_member(s, "condition", !temporal);
	struct place at;

	s->c->condition_at = s->at;
	if (n == NULL && temporal)
		see_all(s);
	if (n == NULL)
		return;
	at = s->c->condition_at = node_key(s->map, "condition")->at;
	if (correlation_name(n) && temporal) {
		read_text_condition(s, n);
		return;
	}
	if (n->kind != NODE_MAP) {
		finding_error(s->found, n->at, "value-type", "\"condition\" takes a map");
		return;
	}
	check_condition_keys(s, n);
	read_field(s, n, at);
	read_percentile(s, n, at);
	if (!read_bounds(s, n))
		finding_error(s->found, at, "missing-bound",
		    "the condition has none of gt, gte, lt, lte, eq, neq");
	else if (never_met(s->c))
		finding_warning(s->found, at, "bound-never", "no value meets these bounds");
}
