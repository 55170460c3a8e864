/* The detection section of a rule: its search identifiers, and the condition that joins them. */
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "sigma/condition.h"
#include "sigma/modifier.h"
#include "sigma/pattern.h"

enum { REPORTS = 1000 }; /* findings on one rule's conditions: a place takes a walk to find */

struct identifier {
	struct slice name;
	struct place at;
	struct expr *expr;
	bool used;
};

struct builder {
	struct arena *arena;
	struct findings *found;
	struct rule *rule;
	struct map *names;
	struct identifier *ids;
	uint32_t count;
	uint64_t budget;         /* how much work the condition may still make */
	const struct node *text; /* the condition being built */
	size_t errors;           /* how many there were before this section */
	bool dead;               /* it has been reported that the budget is gone */
	bool cut;                /* the document is: not all identifiers are known */
	bool failed;             /* a condition could not be parsed */
	unsigned reported;       /* names and patterns found wrong */
};

/* All members of a map have to hold. */
static struct expr *
build_map(struct builder *b, const struct node *map)
{
	struct operands o = { 0 };

	if (map->count == 0)
		finding_error(b->found, map->at, "missing-value", "an empty map");
	for (const struct node_pair *p = map->first; p != NULL; p = p->next)
		operands_add(&o, item_read(b->arena, b->found, b->rule, p->key, p->value));
	return expr_join(b->arena, EXPR_AND, &o);
}

/* Any element of a list has to hold: a map, or a keyword. */
static struct expr *
build_list(struct builder *b, const struct node *list)
{
	struct operands o = { 0 };

	if (list->count == 0)
		finding_error(b->found, list->at, "missing-value", "an empty list");
	for (const struct node_pair *p = list->first; p != NULL; p = p->next) {
		const struct node *n = p->value;

		if (n->kind == NODE_LIST)
			finding_error(b->found, n->at, "value-kind", "a list in a list");
		else
			operands_add(&o,
			    n->kind == NODE_MAP ? build_map(b, n)
						: keyword_read(b->arena, b->found, b->rule, n));
	}
	return expr_join(b->arena, EXPR_OR, &o);
}

static bool
is_identifier(const struct builder *b, struct slice key)
{
	if (slice_is(key, "condition"))
		return false;
	return b->rule->kind != RULE_FILTER || !slice_is(key, "rules");
}

static void
build_identifiers(struct builder *b, const struct node *section)
{
	b->ids = xzalloc(section->count, sizeof *b->ids);
	for (const struct node_pair *p = section->first; p != NULL; p = p->next) {
		const struct node *n = p->value;
		struct identifier *id = &b->ids[b->count];
		bool added;

		if (!is_identifier(b, p->key->text))
			continue;
		if (slice_is(p->key->text, "timeframe")) {
			finding_error(b->found, p->key->at, "deprecated-timeframe",
			    "\"timeframe\" is gone from Sigma: write a correlation");
			continue;
		}
		map_add(b->names, p->key->text, &added);
		if (!added)
			continue; /* a duplicate key, reported by the reader */
		id->name = p->key->text;
		id->at = p->key->at;
		id->expr = n->kind == NODE_MAP ? build_map(b, n)
		    : n->kind == NODE_LIST     ? build_list(b, n)
					       : keyword_read(b->arena, b->found, b->rule, n);
		b->count++;
	}
}

/* Pay for work; false once there is nothing left. */
static bool
pay(struct builder *b, uint64_t price)
{
	if (price <= b->budget) {
		b->budget -= price;
		return true;
	}
	if (!b->dead)
		finding_error(b->found, b->text->at, "condition-limit",
		    "the condition asks for more than a million comparisons");
	b->dead = true;
	b->budget = 0;
	return false;
}

static void
report(struct builder *b, const struct condition *c, const char *id, const char *text)
{
	if (b->reported++ < REPORTS)
		finding_error(b->found, node_place(b->text, c->offset), id, text);
}

static struct expr *
build_name(struct builder *b, const struct condition *c)
{
	uint32_t i = map_find(b->names, c->word);

	if (i == MAP_NONE) {
		report(b, c, "condition-name", "no search identifier of this name");
		return expr_known(b->arena, false);
	}
	b->ids[i].used = true;
	return b->ids[i].expr;
}

/* Does a pattern, or "them", take in an identifier?  One with '_' in front has to be asked for. */
static bool
selects(const struct condition *c, struct slice name)
{
	bool hidden = slice_starts(name, SLICE("_"));

	if (slice_is(c->word, "them"))
		return !hidden;
	if (hidden && !slice_starts(c->word, SLICE("_")))
		return false;
	return pattern_glob(c->word, name);
}

static struct expr *
build_selector(struct builder *b, const struct condition *c)
{
	struct operands o = { 0 };

	for (uint32_t i = 0; i < b->count; i++) {
		struct identifier *id = &b->ids[i];

		if (!pay(b, 1 + c->word.len * id->name.len / 256))
			break;
		if (selects(c, id->name)) {
			id->used = true;
			operands_add(&o, id->expr);
		}
	}
	if (o.n == 0) {
		free(o.v);
		if (!b->dead && b->reported++ < REPORTS)
			finding_warning(b->found, node_place(b->text, c->offset),
			    "condition-none",
			    "no search identifier fits: this part never holds");
		return expr_known(b->arena, false);
	}
	return expr_join(b->arena, c->op == COND_ALL_OF ? EXPR_AND : EXPR_OR, &o);
}

static struct expr *
build_condition(struct builder *b, const struct condition *c)
{
	struct operands o = { 0 };

	if (!pay(b, 1))
		return expr_known(b->arena, false);
	switch (c->op) {
	case COND_NAME: return build_name(b, c);
	case COND_ONE_OF:
	case COND_ALL_OF: return build_selector(b, c);
	case COND_NOT: return expr_not(b->arena, build_condition(b, c->kids));
	case COND_AND:
	case COND_OR: break;
	}
	for (const struct condition *k = c->kids; k != NULL; k = k->next)
		operands_add(&o, build_condition(b, k));
	return expr_join(b->arena, c->op == COND_AND ? EXPR_AND : EXPR_OR, &o);
}

static const char *
condition_text(const char *rule)
{
	static const struct {
		const char *rule, *text;
	} texts[] = {
		{ "condition-case", "operators are lower case" },
		{ "condition-pipe", "aggregations are gone from Sigma: write a correlation" },
		{ "condition-limit", "longer than 64 KiB, or nested deeper than 64 levels" },
		{ "condition-count", "only \"1 of\", \"any of\" and \"all of\" are there" },
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (strcmp(texts[i].rule, rule) == 0)
			return texts[i].text;
	return "syntax error";
}

/* One condition; NULL with findings if it is wrong. */
static struct expr *
read_condition(struct builder *b, const struct node *n)
{
	struct condition *c;
	struct diag d = { 0 };

	b->failed = true;
	if (n->kind != NODE_SCALAR || node_type(n) == TYPE_NULL) {
		finding_error(b->found, n->at, "value-type", "a condition is a text");
		return NULL;
	}
	b->text = n;
	c = condition_get(b->arena, n->text, &d);
	if (c == NULL) {
		finding_error(
		    b->found, node_place(n, d.offset), d.rule, condition_text(d.rule));
		return NULL;
	}
	if (b->cut)
		return NULL;
	b->failed = false;
	return build_condition(b, c);
}

static void
read_conditions(struct builder *b, const struct node *n)
{
	struct operands o = { 0 };
	bool failed = false;
	struct expr *e;

	if (n->kind == NODE_LIST && n->count > 0) {
		for (const struct node_pair *p = n->first; p != NULL; p = p->next) {
			e = read_condition(b, p->value);
			failed = failed || b->failed;
			if (e != NULL)
				operands_add(&o, e);
		}
		e = expr_join(b->arena, EXPR_OR, &o);
	} else {
		e = read_condition(b, n);
		failed = b->failed;
	}
	b->failed = failed;
	b->rule->query = e;
	if (e != NULL && e->op <= EXPR_TRUE && b->found->errors == b->errors)
		finding_error(b->found, n->at, "condition-known",
		    e->op == EXPR_TRUE ? "the condition always holds"
				       : "the condition never holds");
}

static void
report_unused(const struct builder *b)
{
	for (uint32_t i = 0; i < b->count; i++)
		if (!b->ids[i].used)
			finding_warning(b->found, b->ids[i].at, "unused-identifier",
			    "no condition names this search identifier");
}

/* Which rules a filter is for: "any", or names and ids. */
static void
read_filter_rules(struct findings *f, const struct node *section, struct place at)
{
	const struct node *rules = node_get(section, "rules");

	if (rules == NULL)
		finding_error(f, at, "missing-rules", "a filter needs \"rules\"");
	else if (rules->kind == NODE_MAP)
		finding_error(
		    f, rules->at, "value-type", "\"rules\" takes a list of names or ids");
}

void
detection_read(struct arena *a, struct findings *f, struct rule *r, bool cut)
{
	const char *name = r->kind == RULE_FILTER ? "filter" : "detection";
	const struct node *section = node_get(r->root, name), *condition;
	struct builder b = { .arena = a,
		.found = f,
		.rule = r,
		.budget = EXPR_KIDS,
		.errors = f->errors,
		.cut = cut };
	struct place at;

	if (section == NULL) {
		finding_error(f, r->at, "missing-detection", "no \"detection\"");
		return;
	}
	if (section->kind != NODE_MAP) {
		finding_error(f, section->at, "value-type",
		    arena_printf(f->arena, "\"%s\" takes a map", name));
		return;
	}
	at = node_key(r->root, name)->at;
	b.names = map_new();
	build_identifiers(&b, section);
	if (r->kind == RULE_FILTER)
		read_filter_rules(f, section, at);
	if (b.count == 0)
		finding_error(f, at, "missing-identifier", "no search identifier");
	condition = node_get(section, "condition");
	if (condition == NULL)
		finding_error(f, at, "missing-condition", "no \"condition\"");
	else
		read_conditions(&b, condition);
	if (condition != NULL && !b.failed)
		report_unused(&b);
	map_free(b.names);
	free(b.ids);
}
