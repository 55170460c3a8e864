/* The correlation section (specification 2.1, "Sigma Correlation Rules"). */
#include <ctype.h>

#include "sigma/rule.h"
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
each_name(struct section *s, const struct node *n, const char *what,
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
	s->c->rules[s->c->rule_count++] = (struct reference){ n->text, n->at, NULL };
}

static void
take_group(struct section *s, const struct node *n)
{
	s->c->group_by[s->c->group_count++] = rule_field(s->arena, s->rule, n->text);
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
		each_name(s, rules, "rules", take_rule);
	}
	if (group != NULL) {
		s->c->group_by =
		    arena_get(s->arena, (group->count + 1) * sizeof(struct field *));
		each_name(s, group, "group-by", take_group);
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

	if (n == NULL && !counts)
		finding_error(
		    s->found, at, "missing-field", "this type of correlation needs \"field\"");
	else if (n != NULL && n->kind == NODE_LIST && n->count > 0 &&
	    s->c->type == CORR_VALUE_COUNT)
		s->c->fields = n;
	else if (n != NULL && !is_name(n))
		finding_error(s->found, n->at, "value-type", "\"field\" takes a text");
	else if (n != NULL && counts)
		finding_warning(s->found, n->at, "correlation-field",
		    "this type of correlation looks at no field");
	else if (n != NULL)
		s->c->field = rule_field(s->arena, s->rule, n->text);
}

static void
read_condition(struct section *s)
{
	bool needed = !is_temporal(s->c->type);
	const struct node *n = member(s, "condition", needed);
	struct place at;

	if (n == NULL)
		return;
	at = node_key(s->map, "condition")->at;
	if (is_name(n) && !needed) {
		s->c->text_condition = n;
		return;
	}
	if (n->kind != NODE_MAP) {
		finding_error(s->found, n->at, "value-type", "\"condition\" takes a map");
		return;
	}
	check_condition_keys(s, n);
	read_field(s, n, at);
	if (!read_bounds(s, n))
		finding_error(s->found, at, "missing-bound",
		    "the condition has none of gt, gte, lt, lte, eq, neq");
}

static void
read_rest(struct section *s)
{
	const struct node *generate = node_get(s->map, "generate");

	s->c->aliases = node_get(s->map, "aliases");
	if (s->c->aliases != NULL && s->c->aliases->kind != NODE_MAP)
		finding_error(
		    s->found, s->c->aliases->at, "value-type", "\"aliases\" takes a map");
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
	if (map->kind != NODE_MAP) {
		finding_error(f, map->at, "value-type", "\"correlation\" takes a map");
		return;
	}
	check_members(&s);
	read_type(&s);
	read_lists(&s);
	read_timespan(&s);
	read_condition(&s);
	read_rest(&s);
}
