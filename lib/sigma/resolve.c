/* What rules have to do with one another: references, aliases, filters, ids and names used twice. */
#include <ctype.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "sigma/ruleset.h"

enum {
	FIELDS_ASKED = 500000,
	FILTERS_MAX = 100,    /* for one rule */
	LOOKS_MAX = 50000000, /* of filters for any rule at rules */
};

static void
blame(struct ruleset *s, struct rule *r, struct place at, const char *id, const char *text)
{
	s->found.file = r->file_number;
	s->found.document = r->document;
	finding_error(&s->found, at, id, text);
	r->broken = true;
}

static void
hint(struct ruleset *s, const struct rule *r, struct place at, const char *id, const char *text)
{
	s->found.file = r->file_number;
	s->found.document = r->document;
	finding_warning(&s->found, at, id, text);
}

/* The rules by one of their words. */
struct index {
	struct map *words;
	struct rule **rules;
	size_t cap;
};

/* All that resolving needs. */
struct resolver {
	struct ruleset *set;
	struct index ids, names;
	uint64_t asked;           /* fields of the rules of correlations */
	struct rule **detections; /* what filters may be for */
	uint64_t detection_count;
	uint64_t looks; /* of filters at them */
	uint64_t built; /* nodes of filters, once for each rule they were added to */
};

static struct rule *
index_find(const struct index *x, struct slice word)
{
	uint32_t i = map_find(x->words, word);

	return i == MAP_NONE ? NULL : x->rules[i];
}

/* Returns false if the word is another rule's. */
static bool
index_add(struct index *x, struct slice word, struct rule *r)
{
	bool added = true;
	uint32_t i;

	if (word.len == 0)
		return true;
	i = map_add(x->words, word, &added);
	if (!added)
		return false;
	if (i >= x->cap) {
		x->cap = x->cap == 0 ? 64 : x->cap * 2;
		x->rules = xrealloc(x->rules, x->cap, sizeof(struct rule *));
	}
	x->rules[i] = r;
	return true;
}

/* An id in small letters: RFC 9562 has them in either case. */
static struct slice
small(struct slice id, char *room, size_t size)
{
	if (id.len > size)
		return id;
	for (size_t i = 0; i < id.len; i++)
		room[i] = (char)tolower((unsigned char)id.p[i]);
	return (struct slice){ room, id.len };
}

static void
index_rules(struct resolver *x)
{
	char room[64];

	for (struct rule *r = x->set->first; r != NULL; r = r->next) {
		if (!index_add(&x->ids, small(r->id, room, sizeof room), r))
			blame(x->set, r, r->id_at, "duplicate-id", "another rule has this id");
		if (!index_add(&x->names, r->name, r))
			blame(x->set, r, r->name_at, "duplicate-name",
			    "another rule has this name");
	}
}

/* The rule that a word names, or NULL. */
static struct rule *
find(const struct resolver *x, struct slice word)
{
	char room[64];
	struct rule *r = index_find(&x->names, word);

	return r != NULL ? r : index_find(&x->ids, small(word, room, sizeof room));
}

static void
resolve_rules(struct resolver *x, struct rule *r)
{
	struct correlation *c = r->correlation;

	for (uint32_t i = 0; i < c->rule_count; i++) {
		struct reference *ref = &c->rules[i];

		ref->rule = find(x, ref->word);
		if (ref->rule == NULL)
			blame(x->set, r, ref->at, "reference-unknown",
			    "no rule of this name or id");
		else if (ref->rule->kind == RULE_FILTER)
			blame(x->set, r, ref->at, "reference-filter", "a filter is no rule");
		else
			ref->rule->referred = true;
	}
}

/* Is the part of an alias about the rule that ref refers to? */
static bool
is_for(const struct alias_part *part, const struct reference *ref)
{
	return ref->rule != NULL && part->rule == ref->rule;
}

/* Each part of an alias has to be about one of the rules; a rule without a part is worth a word. */
static void
check_alias(struct resolver *x, struct rule *r, const struct alias *alias)
{
	const struct correlation *c = r->correlation;

	for (uint32_t k = 0; k < alias->n; k++) {
		uint32_t i = 0;

		alias->parts[k].rule = find(x, alias->parts[k].word);
		while (i < c->rule_count && !is_for(&alias->parts[k], &c->rules[i]))
			i++;
		if (i == c->rule_count)
			blame(x->set, r, alias->parts[k].at, "alias-rule",
			    "an alias of a rule that the correlation has not");
	}
	for (uint32_t i = 0; i < c->rule_count; i++) {
		uint32_t k = 0;

		while (k < alias->n && !is_for(&alias->parts[k], &c->rules[i]))
			k++;
		if (k == alias->n)
			hint(x->set, r, alias->at, "alias-missing",
			    "the alias has no field for one of the rules");
		if (k == alias->n)
			return;
	}
}

/* What a field of the correlation is called in the events of ref. */
static struct slice
name_in(const struct correlation *c, const struct field *f, const struct reference *ref)
{
	for (const struct alias *alias = c->aliases; alias != NULL; alias = alias->next)
		for (uint32_t k = 0; alias->field == f && k < alias->n; k++)
			if (is_for(&alias->parts[k], ref))
				return alias->parts[k].name;
	return f->name;
}

static struct field **
fields_in(const struct resolver *x, const struct correlation *c, struct field *const *fields,
    uint32_t n, const struct reference *ref)
{
	struct field **in = arena_get(&x->set->arena, (n + 1) * sizeof(struct field *));

	for (uint32_t i = 0; i < n; i++)
		in[i] = rule_field(&x->set->arena, ref->rule, name_in(c, fields[i], ref));
	return in;
}

static bool
has_group(const struct correlation *c, struct slice name)
{
	for (uint32_t i = 0; i < c->group_count; i++)
		if (slice_eq(c->group_by[i]->name, name))
			return true;
	return false;
}

/* What comes of a correlation has its groups as fields, and no other. */
static void
check_inner_fields(struct resolver *x, const struct rule *r, const struct reference *ref)
{
	const struct correlation *c = r->correlation, *inner = ref->rule->correlation;
	bool right = true;

	for (uint32_t i = 0; i < c->group_count; i++)
		right = right && has_group(inner, ref->group[i]->name);
	for (uint32_t i = 0; i < c->value_count; i++)
		right = right && has_group(inner, ref->value[i]->name);
	if (!right)
		hint(x->set, r, ref->at, "reference-field",
		    "this correlation does not group by all fields that are asked of it");
}

static void
resolve_fields(struct resolver *x, struct rule *r)
{
	struct correlation *c = r->correlation;

	x->asked += (uint64_t)c->rule_count * (c->group_count + c->value_count);
	if (x->asked > FIELDS_ASKED) {
		blame(x->set, r, c->at, "correlation-limit",
		    "all correlations ask for more than 500,000 fields of their rules");
		return;
	}
	for (const struct alias *alias = c->aliases; alias != NULL; alias = alias->next)
		check_alias(x, r, alias);
	for (uint32_t i = 0; i < c->rule_count; i++) {
		struct reference *ref = &c->rules[i];

		if (ref->rule == NULL)
			continue;
		ref->group = fields_in(x, c, c->group_by, c->group_count, ref);
		ref->value = fields_in(x, c, c->values, c->value_count, ref);
		if (ref->rule->correlation != NULL)
			check_inner_fields(x, r, ref);
	}
}

/* With "generate: true" in any of the correlations that have it as a part, a rule is reported. */
static void
keep_generated(struct ruleset *s)
{
	for (struct rule *r = s->first; r != NULL; r = r->next)
		for (uint32_t i = 0; r->correlation != NULL && i < r->correlation->rule_count;
		     i++)
			if (r->correlation->generate && r->correlation->rules[i].rule != NULL)
				r->correlation->rules[i].rule->referred = false;
}

/* Has the rule's logsource all that the filter's has? */
static bool
covers(const struct logsource *filter, const struct logsource *rule)
{
	return (filter->category.len == 0 || slice_eq(filter->category, rule->category)) &&
	    (filter->product.len == 0 || slice_eq(filter->product, rule->product)) &&
	    (filter->service.len == 0 || slice_eq(filter->service, rule->service));
}

/* Returns whether it is for the rule. */
static bool
filter_rule(struct resolver *x, struct rule *filter, struct rule *r)
{
	if (r->kind != RULE_DETECTION || !covers(&filter->logsource, &r->logsource))
		return false;
	if (filter->broken) {
		r->lacks = filter;
		return true;
	}
	if (r->broken || r->clause == NULL)
		return true;
	x->built += filter->root->size;
	if (x->built <= RULESET_NODES && r->filter_count < FILTERS_MAX) {
		r->filter_count++;
		detection_filter(&x->set->arena, filter, r);
		return true;
	}
	r->lacks = filter;
	blame(x->set, filter, filter->at, "filter-limit",
	    "more than 100 filters for a rule, or 2,000,000 nodes of filters for all");
	return true;
}

/* One that a filter names. */
static bool
filter_named(struct resolver *x, struct rule *filter, const struct node *n)
{
	struct rule *r = n->kind == NODE_SCALAR ? find(x, n->text) : NULL;

	if (n->kind != NODE_SCALAR || n->text.len == 0)
		return true; /* reported already */
	if (r == NULL)
		blame(x->set, filter, n->at, "reference-unknown", "no rule of this name or id");
	else if (r->kind != RULE_DETECTION)
		blame(x->set, filter, n->at, "reference-kind",
		    "a filter is for detection rules, not for this");
	else
		return filter_rule(x, filter, r);
	return true;
}

/* All that it is for.  Returns whether there is any. */
static bool
filter_any(struct resolver *x, struct rule *filter)
{
	bool any = false, lost = x->looks <= LOOKS_MAX;

	x->looks += x->detection_count;
	lost = lost && x->looks > LOOKS_MAX;
	if (x->looks > LOOKS_MAX)
		blame(x->set, filter, filter->at, "filter-limit",
		    "more than 50 million pairs of a rule and a filter for any");
	for (uint64_t i = 0; (lost || x->looks <= LOOKS_MAX) && i < x->detection_count; i++) {
		if (lost)
			x->detections[i]->lacks = filter;
		else
			any = filter_rule(x, filter, x->detections[i]) || any;
	}
	return any;
}

static void
list_detections(struct resolver *x)
{
	x->detections = xzalloc(x->set->count, sizeof(struct rule *));
	for (struct rule *r = x->set->first; r != NULL; r = r->next)
		if (r->kind == RULE_DETECTION)
			x->detections[x->detection_count++] = r;
}

static void
resolve_filter(struct resolver *x, struct rule *filter)
{
	const struct node *section = node_get(filter->root, "filter"), *rules;
	bool any = false, broken = filter->broken;

	rules = section->kind == NODE_MAP ? node_get(section, "rules") : NULL;
	if (rules == NULL || rules->kind == NODE_MAP)
		return;
	if (rules->kind == NODE_SCALAR && slice_is(rules->text, "any"))
		any = filter_any(x, filter);
	else if (rules->kind == NODE_SCALAR)
		any = filter_named(x, filter, rules);
	else
		for (const struct node_pair *p = rules->first; p != NULL; p = p->next)
			any = filter_named(x, filter, p->value) || any;
	if (!any && !broken && !filter->broken)
		hint(x->set, filter, node_key(section, "rules")->at, "filter-none",
		    "the filter is for no rule: the logsource of none has all of the filter's");
}

/* How many correlations rest on one another from r down; more than RULESET_CHAIN for a ring. */
static unsigned
chain_length(struct rule *r, unsigned above)
{
	unsigned longest = 0;

	if (r->correlation == NULL || above > RULESET_CHAIN)
		return above > RULESET_CHAIN ? RULESET_CHAIN + 1 : 0;
	if (r->chain != 0)
		return r->chain;
	for (uint32_t i = 0; i < r->correlation->rule_count; i++) {
		struct rule *part = r->correlation->rules[i].rule;
		unsigned n = part == NULL ? 0 : chain_length(part, above + 1);

		longest = n > longest ? n : longest;
		if (longest > RULESET_CHAIN)
			break;
	}
	r->chain = longest > RULESET_CHAIN ? RULESET_CHAIN + 1 : longest + 1;
	return r->chain;
}

/* Where a chain that is too long goes on from r. */
static struct place
chain_place(const struct rule *r)
{
	const struct correlation *c = r->correlation;

	for (uint32_t i = 0; i < c->rule_count; i++)
		if (c->rules[i].rule != NULL && c->rules[i].rule->chain > RULESET_CHAIN)
			return c->rules[i].at;
	return c->at;
}

void
ruleset_close(struct ruleset *s)
{
	struct resolver x = { .set = s, .ids.words = map_new(), .names.words = map_new() };

	index_rules(&x);
	for (struct rule *r = s->first; r != NULL; r = r->next)
		if (r->correlation != NULL)
			resolve_rules(&x, r);
	for (struct rule *r = s->first; r != NULL; r = r->next)
		if (r->correlation != NULL)
			resolve_fields(&x, r);
	list_detections(&x);
	for (struct rule *r = s->first; r != NULL; r = r->next)
		if (r->kind == RULE_FILTER)
			resolve_filter(&x, r);
	keep_generated(s);
	for (struct rule *r = s->first; r != NULL; r = r->next)
		if (chain_length(r, 0) > RULESET_CHAIN)
			blame(s, r, chain_place(r), "reference-ring",
			    "correlations that rest on one another in a ring, or more than 64 "
			    "of them");
	findings_sort(&s->found);
	map_free(x.ids.words);
	map_free(x.names.words);
	free(x.detections);
	free(x.ids.rules);
	free(x.names.rules);
}
