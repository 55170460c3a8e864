/* The detection section of a rule: its search identifiers, and the condition that joins them. */
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "sigma/clause.h"
#include "sigma/condition.h"
#include "sigma/modifier.h"
#include "sigma/pattern.h"

enum { REPORTS = 1000 }; /* findings on one rule's conditions: a place takes a walk to find */

struct identifier {
	struct slice name;
	struct place at;
	struct clause *clause;
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
	bool filter;             /* it is a filter's section */
	bool quiet;              /* what is wrong is known already, and the text is gone */
	bool dead;               /* it has been reported that the budget is gone */
	bool cut;                /* the document is: not all identifiers are known */
	bool failed;             /* a condition could not be parsed */
	unsigned reported;       /* names and patterns found wrong */
};

/* All members of a map have to hold. */
static struct clause *
build_map(struct builder *b, const struct node *map)
{
	struct clauses list = { 0 };

	if (map->count == 0)
		finding_error(b->found, map->at, "missing-value", "an empty map");
	for (const struct node_pair *p = map->first; p != NULL; p = p->next)
		clauses_add(&list,
		    clause_new(b->arena, CLAUSE_FIELD, p->key->text,
			item_read(b->arena, b->found, b->rule, p->key, p->value)));
	return clauses_join(b->arena, EXPR_AND, &list);
}

static struct clause *
build_keyword(struct builder *b, const struct node *n)
{
	return clause_new(
	    b->arena, CLAUSE_KEYWORD, n->text, keyword_read(b->arena, b->found, b->rule, n));
}

/* Any element of a list has to hold: a map, or a keyword. */
static struct clause *
build_list(struct builder *b, const struct node *list)
{
	struct clauses any = { 0 };

	if (list->count == 0)
		finding_error(b->found, list->at, "missing-value", "an empty list");
	for (const struct node_pair *p = list->first; p != NULL; p = p->next) {
		const struct node *n = p->value;

		if (n->kind == NODE_LIST)
			finding_error(b->found, n->at, "value-kind", "a list in a list");
		else
			clauses_add(
			    &any, n->kind == NODE_MAP ? build_map(b, n) : build_keyword(b, n));
	}
	return clauses_join(b->arena, EXPR_OR, &any);
}

static bool
is_identifier(const struct builder *b, struct slice key)
{
	if (slice_is(key, "condition"))
		return false;
	return !b->filter || !slice_is(key, "rules");
}

/* A name that stands in no condition, as it is a word of the language or more than one word. */
static void
check_name(struct builder *b, const struct node *key)
{
	static const char *const words[] = { "and", "or", "not", "them", "" };
	bool odd = false;

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		odd = odd || slice_is(key->text, words[i]);
	for (size_t i = 0; i < key->text.len; i++)
		odd = odd || (unsigned char)key->text.p[i] <= ' ' ||
		    strchr("()|", key->text.p[i]) != NULL;
	if (odd)
		finding_warning(b->found, key->at, "identifier-name",
		    "no condition can name this search identifier");
}

static struct clause *
name_clause(struct builder *b, struct slice name, struct clause *kid)
{
	struct clause *c = clause_new(b->arena, CLAUSE_ID, name, kid->expr);

	c->n = 1;
	c->kids = arena_get(b->arena, sizeof(struct clause *));
	c->kids[0] = kid;
	return c;
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
		check_name(b, p->key);
		id->name = p->key->text;
		id->at = p->key->at;
		id->clause = name_clause(b, p->key->text,
		    n->kind == NODE_MAP        ? build_map(b, n)
			: n->kind == NODE_LIST ? build_list(b, n)
					       : build_keyword(b, n));
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
report(struct builder *b, const struct condition *c, enum severity severity, const char *id,
    const char *text)
{
	struct place at;

	if (b->quiet || b->reported++ >= REPORTS)
		return;
	at = node_place(b->text, c->offset);
	if (severity == SEVERITY_ERROR)
		finding_error(b->found, at, id, text);
	else
		finding_warning(b->found, at, id, text);
}

static struct clause *
known_clause(struct builder *b, bool yes)
{
	return clause_new(b->arena, CLAUSE_OR, SLICE(""), expr_known(b->arena, yes));
}

static struct clause *
build_name(struct builder *b, const struct condition *c)
{
	uint32_t i = map_find(b->names, c->word);

	if (i == MAP_NONE) {
		report(b, c, SEVERITY_ERROR, "condition-name",
		    "no search identifier of this name");
		return known_clause(b, false);
	}
	b->ids[i].used = true;
	return b->ids[i].clause;
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

/* "1 of sel_*", as it was written. */
static struct slice
selector_text(struct builder *b, const struct condition *c)
{
	struct buf text = { 0 };
	struct slice s;

	condition_put(&text, c);
	s = arena_slice(b->arena, buf_view(&text));
	buf_free(&text);
	return s;
}

static struct clause *
build_selector(struct builder *b, const struct condition *c)
{
	struct clauses list = { 0 };
	struct clause *clause;
	bool all = c->op == COND_ALL_OF;

	for (uint32_t i = 0; i < b->count; i++) {
		struct identifier *id = &b->ids[i];

		if (!pay(b, 1 + c->word.len * id->name.len / 256))
			break;
		if (selects(c, id->name)) {
			id->used = true;
			clauses_add(&list, id->clause);
		}
	}
	if (list.n == 0 && !b->dead)
		report(b, c, SEVERITY_WARNING, "condition-none",
		    "no search identifier fits: this part never holds");
	clause = clauses_over(
	    b->arena, CLAUSE_SELECT, selector_text(b, c), all ? EXPR_AND : EXPR_OR, &list);
	if (clause->n == 0)
		clause->expr = expr_known(b->arena, false);
	return clause;
}

static struct clause *
build_condition(struct builder *b, const struct condition *c)
{
	struct clauses list = { 0 };
	struct clause *kid, *clause;

	if (!pay(b, 1))
		return known_clause(b, false);
	switch (c->op) {
	case COND_NAME: return build_name(b, c);
	case COND_ONE_OF:
	case COND_ALL_OF: return build_selector(b, c);
	case COND_NOT:
		kid = build_condition(b, c->kids);
		clauses_add(&list, kid);
		clause = clauses_over(b->arena, CLAUSE_NOT, SLICE(""), EXPR_AND, &list);
		clause->expr = expr_not(b->arena, kid->expr);
		return clause;
	case COND_AND:
	case COND_OR: break;
	}
	for (const struct condition *k = c->kids; k != NULL; k = k->next)
		clauses_add(&list, build_condition(b, k));
	return clauses_join(b->arena, c->op == COND_AND ? EXPR_AND : EXPR_OR, &list);
}

const char *
detection_condition_text(const char *rule)
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
static struct clause *
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
		finding_error(b->found, node_place(n, d.offset), d.rule,
		    detection_condition_text(d.rule));
		return NULL;
	}
	if (b->cut)
		return NULL;
	b->failed = false;
	return build_condition(b, c);
}

/* All conditions, ORed; NULL if there is none that can be read. */
static struct clause *
read_conditions(struct builder *b, const struct node *n)
{
	struct clauses list = { 0 };
	struct node_pair single = { .value = (struct node *)(uintptr_t)n };
	bool many = n->kind == NODE_LIST && n->count > 0, failed = false, yes = false;
	struct clause *c = NULL;

	for (const struct node_pair *p = many ? n->first : &single; p != NULL; p = p->next) {
		c = read_condition(b, p->value);
		failed = failed || b->failed;
		if (c != NULL)
			clauses_add(&list, c);
	}
	b->failed = failed;
	c = list.n > 0 ? clauses_join(b->arena, EXPR_OR, &list) : NULL;
	if (c == NULL || b->found->errors != b->errors || !expr_vacuous(c->expr, &yes))
		return c;
	if (c->expr->op <= EXPR_TRUE)
		finding_error(b->found, n->at, "condition-known",
		    yes ? "the condition always holds" : "the condition never holds");
	else
		finding_warning(b->found, n->at, "condition-vacuous",
		    yes ? "the condition holds whatever its parts do"
			: "the condition does not hold whatever its parts do");
	return c;
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

	if (rules == NULL) {
		finding_error(f, at, "missing-rules", "a filter needs \"rules\"");
	} else if (rules->kind == NODE_MAP ||
	    (rules->kind == NODE_SCALAR && rules->text.len == 0)) {
		finding_error(
		    f, rules->at, "value-type", "\"rules\" takes a list of names or ids");
	} else if (rules->kind == NODE_LIST && rules->count == 0) {
		finding_error(f, rules->at, "missing-value", "an empty list");
	}
	if (rules == NULL || rules->kind != NODE_LIST)
		return;
	for (const struct node_pair *p = rules->first; p != NULL; p = p->next)
		if (p->value->kind != NODE_SCALAR || p->value->text.len == 0)
			finding_error(f, p->value->at, "value-type",
			    "\"rules\" takes a list of names or ids");
}

static const char *
section_name(const struct rule *r)
{
	return r->kind == RULE_FILTER ? "filter" : "detection";
}

void
detection_read(struct arena *a, struct findings *f, struct rule *r, bool cut)
{
	const struct node *section = node_get(r->root, section_name(r)), *condition;
	struct builder b = { .arena = a,
		.found = f,
		.rule = r,
		.budget = EXPR_KIDS,
		.errors = f->errors,
		.filter = r->kind == RULE_FILTER,
		.cut = cut };
	struct place at;

	if (section == NULL) {
		finding_error(f, r->at, "missing-detection", "no \"detection\"");
		return;
	}
	if (section->kind != NODE_MAP) {
		finding_error(f, section->at, "value-type",
		    arena_printf(f->arena, "\"%s\" takes a map", section_name(r)));
		return;
	}
	at = node_key(r->root, section_name(r))->at;
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
		r->clause = read_conditions(&b, condition);
	r->query = r->clause != NULL ? r->clause->expr : NULL;
	if (condition != NULL && !b.failed)
		report_unused(&b);
	map_free(b.names);
	free(b.ids);
}

void
detection_filter(struct arena *a, const struct rule *filter, struct rule *target)
{
	const struct node *section = node_get(filter->root, "filter");
	struct findings none = { .arena = a };
	struct builder b = { .arena = a,
		.found = &none,
		.rule = target,
		.budget = EXPR_KIDS,
		.filter = true,
		.quiet = true };
	struct clauses both = { 0 };
	struct clause *c;

	b.names = map_new();
	build_identifiers(&b, section);
	c = read_conditions(&b, node_get(section, "condition"));
	clauses_add(&both, target->clause);
	clauses_add(&both, name_clause(&b, filter->title, c));
	both.v[1]->kind = CLAUSE_FILTER;
	target->clause = clauses_join(a, EXPR_AND, &both);
	target->query = target->clause->expr;
	map_free(b.names);
	free(b.ids);
	findings_free(&none);
}
