/* The correlation section (specification 2.1, "Sigma Correlation Rules"). */
#include "sigma/correlation.h"

static const char *const types[] = { "event_count", "value_count", "temporal",
	"temporal_ordered", "value_sum", "value_avg", "value_percentile", NULL };

bool
correlation_temporal(enum correlation_type type)
{
	return type == CORR_TEMPORAL || type == CORR_TEMPORAL_ORDERED;
}

bool
correlation_rises(const struct correlation *c)
{
	for (uint32_t i = 0; i < c->bound_count; i++)
		if (c->bounds[i].compare != CMP_GT && c->bounds[i].compare != CMP_GTE)
			return false;
	return c->type < CORR_VALUE_SUM && !expr_negates(c->seen);
}

bool
correlation_name(const struct node *n)
{
	return n->kind == NODE_SCALAR && n->text.len > 0;
}

const struct node *
correlation_member(struct section *s, const char *name, bool needed)
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
	const struct node *n = correlation_member(s, "type", true);

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

void
correlation_names(struct section *s, const struct node *n, const char *what, uint32_t most,
    void (*take)(struct section *, const struct node *))
{
	if (correlation_name(n)) {
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
		if (correlation_name(p->value))
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
read_lists(struct section *s)
{
	const struct node *condition = node_get(s->map, "condition");
	bool named = correlation_temporal(s->c->type) && condition != NULL &&
	    correlation_name(condition);
	const struct node *rules =
	    correlation_member(s, "rules", !named); /* else the condition names them */
	const struct node *group = correlation_member(s, "group-by", false);

	if (rules != NULL) {
		s->c->rules =
		    arena_get(s->arena, (rules->count + 1) * sizeof(struct reference));
		correlation_names(s, rules, "rules", NAMES_MAX, take_rule);
	}
	if (group != NULL) {
		s->c->group_by =
		    arena_get(s->arena, (group->count + 1) * sizeof(struct field *));
		s->c->group_at = arena_get(s->arena, (group->count + 1) * sizeof(struct place));
		correlation_names(s, group, "group-by", FIELDS_MAX, take_group);
	}
}

/* A number and one of the letters s m h d w M y. */
static void
read_timespan(struct section *s)
{
	const struct node *n = correlation_member(s, "timespan", true);
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
		if (correlation_name(m->value))
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
	correlation_condition(&s);
	if (correlation_temporal(s.c->type) && s.c->rule_count == 1)
		finding_warning(f, s.c->type_at, "correlation-single",
		    "a temporal correlation of a single rule");
	read_aliases(&s);
	read_generate(&s);
}
