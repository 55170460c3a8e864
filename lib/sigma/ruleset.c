#include "sigma/ruleset.h"

#include <stdlib.h>

#include "base/mem.h"

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

bool
rule_reported(const struct rule *r)
{
	return !r->referred && r->kind != RULE_FILTER;
}

const struct logsource *
rule_source(const struct rule *r)
{
	for (unsigned i = 0; r != NULL && i <= RULESET_CHAIN; i++) {
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
