#include "sigma/ruleset.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

enum { CHAIN_MAX = 64 }; /* correlations that may rest on one another */

void
ruleset_init(struct ruleset *s)
{
	*s = (struct ruleset){ 0 };
	s->found.arena = &s->arena;
}

static uint32_t
add_file(struct ruleset *s, const char *name)
{
	s->files = xrealloc(s->files, (size_t)s->file_count + 1, sizeof *s->files);
	s->files[s->file_count] = arena_slice(&s->arena, slice_of(name)).p;
	s->found.file = s->file_count;
	return s->file_count++;
}

void
ruleset_refuse(struct ruleset *s, const char *name, const char *id, const char *text)
{
	add_file(s, name);
	s->found.document++;
	finding_error(&s->found, (struct place){ 1, 1 }, id, text);
}

static bool
is_empty(const struct node *root)
{
	return root == NULL || (root->kind == NODE_SCALAR && node_type(root) == TYPE_NULL);
}

void
ruleset_add(struct ruleset *s, const char *name, struct slice text)
{
	struct documents *reader;
	struct document doc;
	uint32_t file;

	s->bytes += text.len;
	if (s->bytes > RULESET_BYTES || s->nodes > RULESET_NODES) {
		ruleset_refuse(s, name, "yaml-limit",
		    "more than 256 MiB of rules, or 2,000,000 nodes, in all");
		return;
	}
	file = add_file(s, name);
	reader = documents_open(&s->arena, &s->found, text);
	for (;;) {
		size_t errors = s->found.errors;
		struct rule *r;

		s->found.document++;
		if (documents_next(reader, &doc) == 0)
			break;
		if (is_empty(doc.root))
			continue;
		r = rule_read(&s->arena, &s->found, &doc);
		r->file = s->files[file];
		r->broken = r->broken || s->found.errors > errors;
		if (s->last == NULL)
			s->first = r;
		else
			s->last->next = r;
		s->last = r;
		s->count++;
	}
	s->nodes += documents_nodes(reader);
	documents_free(reader);
}

static void
blame(struct ruleset *s, struct rule *r, struct place at, const char *id, const char *text)
{
	s->found.file = r->file_number;
	s->found.document = r->document;
	finding_error(&s->found, at, id, text);
	r->broken = true;
}

/* The rules by one of their words. */
struct index {
	struct map *words;
	struct rule **rules;
	size_t cap;
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

static void
index_rules(struct ruleset *s, struct index *ids, struct index *names)
{
	for (struct rule *r = s->first; r != NULL; r = r->next) {
		if (!index_add(ids, r->id, r))
			blame(s, r, r->id_at, "duplicate-id", "another rule has this id");
		if (!index_add(names, r->name, r))
			blame(s, r, r->name_at, "duplicate-name", "another rule has this name");
	}
}

static void
resolve(struct ruleset *s, struct rule *r, const struct index *ids, const struct index *names)
{
	struct correlation *c = r->correlation;

	for (uint32_t i = 0; i < c->rule_count; i++) {
		struct reference *ref = &c->rules[i];

		ref->rule = index_find(names, ref->word);
		if (ref->rule == NULL)
			ref->rule = index_find(ids, ref->word);
		if (ref->rule == NULL)
			blame(s, r, ref->at, "reference-unknown", "no rule of this name or id");
		else if (ref->rule->kind == RULE_FILTER)
			blame(s, r, ref->at, "reference-filter", "a filter is no rule");
		else
			ref->rule->referred = true;
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

/* Mark the rules that a filter is for: those it names, or all. */
static void
mark_filtered(struct ruleset *s, const struct rule *filter, const struct index *ids,
    const struct index *names)
{
	const struct node *section = node_get(filter->root, "filter"), *rules;
	struct node_pair single = { 0 };

	rules = section->kind == NODE_MAP ? node_get(section, "rules") : NULL;
	if (rules == NULL || rules->kind == NODE_MAP)
		return;
	if (rules->kind == NODE_SCALAR && slice_is(rules->text, "any")) {
		for (struct rule *r = s->first; r != NULL; r = r->next)
			r->filtered = true;
		return;
	}
	single.value = (struct node *)(uintptr_t)rules;
	for (const struct node_pair *p = rules->kind == NODE_LIST ? rules->first : &single;
	     p != NULL; p = p->next) {
		struct rule *r =
		    p->value->kind == NODE_SCALAR ? index_find(names, p->value->text) : NULL;

		if (r == NULL && p->value->kind == NODE_SCALAR)
			r = index_find(ids, p->value->text);
		if (r != NULL)
			r->filtered = true;
	}
}

/* How many correlations rest on one another from r down; more than CHAIN_MAX for a ring. */
static unsigned
chain_length(struct rule *r, unsigned above)
{
	unsigned longest = 0;

	if (r->correlation == NULL || above > CHAIN_MAX)
		return above > CHAIN_MAX ? CHAIN_MAX + 1 : 0;
	if (r->chain != 0)
		return r->chain;
	for (uint32_t i = 0; i < r->correlation->rule_count; i++) {
		struct rule *part = r->correlation->rules[i].rule;
		unsigned n = part == NULL ? 0 : chain_length(part, above + 1);

		longest = n > longest ? n : longest;
		if (longest > CHAIN_MAX)
			break;
	}
	r->chain = longest > CHAIN_MAX ? CHAIN_MAX + 1 : longest + 1;
	return r->chain;
}

void
ruleset_close(struct ruleset *s)
{
	struct index ids = { .words = map_new() }, names = { .words = map_new() };

	index_rules(s, &ids, &names);
	for (struct rule *r = s->first; r != NULL; r = r->next)
		if (r->correlation != NULL)
			resolve(s, r, &ids, &names);
	for (struct rule *r = s->first; r != NULL; r = r->next)
		if (r->kind == RULE_FILTER)
			mark_filtered(s, r, &ids, &names);
	keep_generated(s);
	for (struct rule *r = s->first; r != NULL; r = r->next)
		if (chain_length(r, 0) > CHAIN_MAX)
			blame(s, r, r->at, "reference-ring",
			    "correlations that rest on one another in a ring, or more than 64 "
			    "of them");
	findings_sort(&s->found);
	map_free(ids.words);
	map_free(names.words);
	free(ids.rules);
	free(names.rules);
}

bool
rule_reported(const struct rule *r)
{
	return !r->referred;
}

const struct logsource *
rule_source(const struct rule *r)
{
	for (unsigned i = 0; r != NULL && i <= CHAIN_MAX; i++) {
		if (r->correlation == NULL)
			return &r->logsource;
		r = r->correlation->rule_count > 0 ? r->correlation->rules[0].rule : NULL;
	}
	return NULL;
}

struct slice
rule_key(const struct rule *r)
{
	return r->name.len > 0 ? r->name : r->id.len > 0 ? r->id : r->title;
}

enum level
rule_level(const struct rule *r)
{
	enum level highest = r->level;

	if (highest != LEVEL_NONE || r->correlation == NULL)
		return highest;
	for (uint32_t i = 0; i < r->correlation->rule_count; i++) {
		const struct rule *part = r->correlation->rules[i].rule;

		if (part != NULL && part->level > highest)
			highest = part->level;
	}
	return highest;
}

void
ruleset_free(struct ruleset *s)
{
	findings_free(&s->found);
	free(s->files);
	arena_free(&s->arena);
}
