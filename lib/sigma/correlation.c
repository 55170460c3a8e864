/* The correlation section (specification 2.1, "Sigma Correlation Rules"). */
#include <math.h>
#include <stdlib.h>

#include "sigma/condition.h"
#include "sigma/pattern.h"
#include "sigma/value.h"

static const char *const types[] = { "event_count", "value_count", "temporal",
	"temporal_ordered", "value_sum", "value_avg", "value_percentile", NULL };

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

enum {
	NAMES_MAX = 1000, /* rules of a correlation */
	FIELDS_MAX = 100, /* fields in a list of one, and aliases */
};

/* What reading one section needs. */
struct section {
	struct arena *arena;
	struct findings *found;
	struct rule *rule;
	struct correlation *c;
	const struct node *map;
	struct place at; /* of the key "correlation" */
};

static bool
is_temporal(enum correlation_type type)
{
	return type == CORR_TEMPORAL || type == CORR_TEMPORAL_ORDERED;
}

static bool
is_name(const struct node *n)
{
	return n->kind == NODE_SCALAR && n->text.len > 0;
}

/* The member called name; reported if it is not there and needed. */
static const struct node *
member(struct section *s, const char *name, bool needed)
{
	const struct node *n = node_get(s->map, name);
	const char *id = arena_printf(s->arena, "missing-%s", name);

	if (n == NULL && needed)
		finding_error(s->found, s->at, id,
		    arena_printf(s->arena, "the correlation needs \"%s\"", name));
	return n;
}

static void
read_type(struct section *s)
{
	const struct node *n = member(s, "type", true);

	s->c->type_at = n != NULL ? n->at : s->at;
	if (n == NULL)
		return;
	for (int i = 0; types[i] != NULL; i++)
		if (n->kind == NODE_SCALAR && slice_is(n->text, types[i])) {
			s->c->type = (enum correlation_type)i;
			return;
		}
	finding_error(s->found, n->at, "correlation-type", "no such type of correlation");
}

/* A text, or a list of texts: each goes to take. */
static void
each_name(struct section *s, const struct node *n, const char *what, uint32_t most,
    void (*take)(struct section *, const struct node *))
{
	if (is_name(n)) {
		take(s, n);
		return;
	}
	if (n->kind != NODE_LIST || n->count == 0) {
		finding_error(s->found, n->at,
		    n->kind == NODE_LIST ? "missing-value" : "value-type",
		    arena_printf(s->arena, "\"%s\" takes a list of texts", what));
		return;
	}
	if (n->count > most) {
		finding_error(s->found, n->at, "correlation-limit",
		    "more than 1,000 rules, or 100 fields");
		return;
	}
	for (const struct node_pair *p = n->first; p != NULL; p = p->next) {
		if (is_name(p->value))
			take(s, p->value);
		else
			finding_error(s->found, p->value->at, "value-type",
			    arena_printf(s->arena, "\"%s\" takes a list of texts", what));
	}
}

static void
take_rule(struct section *s, const struct node *n)
{
	for (uint32_t i = 0; i < s->c->rule_count; i++)
		if (slice_eq(s->c->rules[i].word, n->text) &&
		    s->c->type != CORR_TEMPORAL_ORDERED) {
			finding_warning(s->found, n->at, "reference-twice",
			    "this rule is in the list already");
			return;
		}
	s->c->rules[s->c->rule_count++] = (struct reference){ .word = n->text, .at = n->at };
}

static void
take_group(struct section *s, const struct node *n)
{
	struct field *field = rule_field(s->arena, s->rule, n->text);

	for (uint32_t i = 0; i < s->c->group_count; i++)
		if (s->c->group_by[i] == field) {
			finding_warning(s->found, n->at, "group-twice",
			    "this field is in the list already");
			return;
		}
	s->c->group_at[s->c->group_count] = n->at;
	s->c->group_by[s->c->group_count++] = field;
}

static void
take_value(struct section *s, const struct node *n)
{
	s->c->values[s->c->value_count++] = rule_field(s->arena, s->rule, n->text);
}

static void
read_lists(struct section *s)
{
	const struct node *condition = node_get(s->map, "condition");
	bool named = is_temporal(s->c->type) && condition != NULL && is_name(condition);
	const struct node *rules =
	    member(s, "rules", !named); /* else the condition names them */
	const struct node *group = member(s, "group-by", false);

	if (rules != NULL) {
		s->c->rules =
		    arena_get(s->arena, (rules->count + 1) * sizeof(struct reference));
		each_name(s, rules, "rules", NAMES_MAX, take_rule);
	}
	if (group != NULL) {
		s->c->group_by =
		    arena_get(s->arena, (group->count + 1) * sizeof(struct field *));
		s->c->group_at = arena_get(s->arena, (group->count + 1) * sizeof(struct place));
		each_name(s, group, "group-by", FIELDS_MAX, take_group);
	}
}

/* A number and one of the letters s m h d w M y. */
static void
read_timespan(struct section *s)
{
	const struct node *n = member(s, "timespan", true);
	struct slice digits;
	unsigned long long v = 0;

	if (n == NULL)
		return;
	s->c->timespan = n->text;
	if (n->kind == NODE_SCALAR && n->text.len > 1) {
		digits = (struct slice){ n->text.p, n->text.len - 1 };
		s->c->unit = n->text.p[digits.len];
		if (s->c->unit != '\0' && strchr("smhdwMy", s->c->unit) != NULL &&
		    slice_u64(digits, 1000000000, &v) == 0 && v > 0) {
			s->c->span = v;
			return;
		}
	}
	finding_error(s->found, n->at, "correlation-timespan",
	    "a timespan is a number and one of s, m, h, d, w, M, y");
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
	bool counts = s->c->type == CORR_EVENT_COUNT || is_temporal(s->c->type);

	if (n == NULL && !counts) {
		finding_error(
		    s->found, at, "missing-field", "this type of correlation needs \"field\"");
	} else if (n != NULL && counts) {
		finding_warning(s->found, node_key(map, "field")->at, "correlation-field",
		    "this type of correlation looks at no field");
	} else if (n != NULL && s->c->type != CORR_VALUE_COUNT && !is_name(n)) {
		finding_error(s->found, n->at, "value-type", "\"field\" takes a text");
	} else if (n != NULL) {
		s->c->values = arena_get(s->arena, (n->count + 1) * sizeof(struct field *));
		each_name(s, n, "field", FIELDS_MAX, take_value);
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

static void
read_condition(struct section *s)
{
	bool temporal = is_temporal(s->c->type);
	const struct node *n = member(s, "condition", !temporal);
	struct place at;

	s->c->condition_at = s->at;
	if (n == NULL && temporal)
		see_all(s);
	if (n == NULL)
		return;
	at = s->c->condition_at = node_key(s->map, "condition")->at;
	if (is_name(n) && temporal) {
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

/* {rule: field, ...} of an alias. */
static void
read_alias(struct section *s, struct alias ***end, const struct node_pair *p)
{
	const struct node *map = p->value;
	struct alias *x = arena_get(s->arena, sizeof *x);

	if (map->kind != NODE_MAP || p->key->text.len == 0) {
		finding_error(
		    s->found, map->at, "value-type", "an alias takes a map of rules to fields");
		return;
	}
	if (map->count == 0)
		finding_error(s->found, map->at, "missing-value", "an empty map");
	x->at = p->key->at;
	x->field = rule_field(s->arena, s->rule, p->key->text);
	x->field->alias = true;
	x->parts = arena_get(s->arena, map->count * sizeof *x->parts);
	for (const struct node_pair *m = map->first; m != NULL; m = m->next) {
		if (is_name(m->value))
			x->parts[x->n++] = (struct alias_part){
				.word = m->key->text, .name = m->value->text, .at = m->key->at
			};
		else
			finding_error(
			    s->found, m->value->at, "value-type", "a field's name is a text");
	}
	**end = x;
	*end = &x->next;
}

static bool
uses_field(const struct correlation *c, const struct field *f)
{
	for (uint32_t i = 0; i < c->group_count; i++)
		if (c->group_by[i] == f)
			return true;
	for (uint32_t i = 0; i < c->value_count; i++)
		if (c->values[i] == f)
			return true;
	return false;
}

static void
read_aliases(struct section *s)
{
	const struct node *n = node_get(s->map, "aliases");
	struct alias **end = &s->c->aliases;

	if (n == NULL)
		return;
	if (n->kind != NODE_MAP) {
		finding_error(s->found, n->at, "value-type", "\"aliases\" takes a map");
		return;
	}
	if (n->count > FIELDS_MAX) {
		finding_error(s->found, n->at, "correlation-limit", "more than 100 aliases");
		return;
	}
	for (const struct node_pair *p = n->first; p != NULL; p = p->next)
		read_alias(s, &end, p);
	for (const struct alias *x = s->c->aliases; x != NULL; x = x->next)
		if (!uses_field(s->c, x->field))
			finding_warning(s->found, x->at, "alias-unused",
			    "neither group-by nor the condition's field names this alias");
}

static void
read_generate(struct section *s)
{
	const struct node *generate = node_get(s->map, "generate");

	if (generate == NULL)
		return;
	if (generate->kind == NODE_SCALAR && node_type(generate) == TYPE_BOOL)
		s->c->generate = node_bool(generate);
	else
		finding_error(
		    s->found, generate->at, "value-type", "\"generate\" takes true or false");
}

/* A member passed over could make the search wider than the rule. */
static void
check_members(struct section *s)
{
	static const char *const known[] = { "type", "rules", "group-by", "timespan",
		"condition", "aliases", "generate", NULL };

	for (const struct node_pair *p = s->map->first; p != NULL; p = p->next) {
		size_t i = 0;

		while (known[i] != NULL && !slice_is(p->key->text, known[i]))
			i++;
		if (known[i] == NULL)
			finding_error(s->found, p->key->at, "correlation-member",
			    "unknown member of a correlation");
	}
}

void
correlation_read(struct arena *a, struct findings *f, struct rule *r)
{
	const struct node *map = node_get(r->root, "correlation");
	struct section s = { .arena = a,
		.found = f,
		.rule = r,
		.map = map,
		.at = node_key(r->root, "correlation")->at };

	s.c = r->correlation = arena_get(a, sizeof *s.c);
	s.c->at = s.c->type_at = s.c->condition_at = s.at;
	if (map->kind != NODE_MAP) {
		finding_error(f, map->at, "value-type", "\"correlation\" takes a map");
		return;
	}
	check_members(&s);
	read_type(&s);
	read_lists(&s);
	read_timespan(&s);
	read_condition(&s);
	if (is_temporal(s.c->type) && s.c->rule_count == 1)
		finding_warning(f, s.c->type_at, "correlation-single",
		    "a temporal correlation of a single rule");
	read_aliases(&s);
	read_generate(&s);
}
