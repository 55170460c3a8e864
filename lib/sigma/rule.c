#include "sigma/rule.h"

enum { FIELDS_INTERNED = 1000 }; /* beyond, a field named twice is kept twice */

struct field *
rule_field(struct arena *a, struct rule *r, struct slice name)
{
	struct field *x;

	if (r->field_count < FIELDS_INTERNED)
		for (x = r->fields; x != NULL; x = x->next)
			if (slice_eq(x->name, name))
				return x;
	x = arena_get(a, sizeof *x);
	x->name = x->mapped = name;
	x->next = r->fields;
	r->fields = x;
	r->field_count++;
	return x;
}

static void
read_logsource(struct findings *f, struct rule *r, const struct node *n)
{
	static const char *const names[] = { "category", "product", "service" };
	struct slice *parts[] = { &r->logsource.category, &r->logsource.product,
		&r->logsource.service };
	unsigned given = 0;

	if (n->kind != NODE_MAP) {
		finding_error(f, n->at, "value-type", "\"logsource\" takes a map");
		return;
	}
	for (size_t i = 0; i < 3; i++) {
		const struct node *v = node_get(n, names[i]);

		if (v == NULL)
			continue;
		given++;
		if (v->kind == NODE_SCALAR && node_type(v) == TYPE_TEXT && v->text.len > 0)
			*parts[i] = v->text;
		else
			finding_error(f, v->at, "value-type",
			    arena_printf(f->arena, "\"%s\" takes a text", names[i]));
	}
	for (const struct node_pair *p = n->first; p != NULL; p = p->next)
		if (!slice_is(p->key->text, "category") && !slice_is(p->key->text, "product") &&
		    !slice_is(p->key->text, "service") && !slice_is(p->key->text, "definition"))
			finding_warning(f, p->key->at, "logsource-member",
			    "unknown member of \"logsource\"");
	if (given == 0)
		finding_error(f, node_key(r->root, "logsource")->at, "missing-logsource",
		    "\"logsource\" has none of category, product and service");
}

/* "fields": the names of what to show. */
static void
read_fields(struct arena *a, struct findings *f, struct rule *r, const struct node *list)
{
	if (list->kind != NODE_LIST) {
		finding_error(f, list->at, "value-type", "\"fields\" takes a list of texts");
		return;
	}
	r->table = arena_get(a, list->count * sizeof(struct field *));
	list_twice(f, list);
	for (const struct node_pair *p = list->first; p != NULL; p = p->next) {
		if (p->value->kind != NODE_SCALAR || p->value->text.len == 0)
			finding_error(
			    f, p->value->at, "value-type", "a field's name is a text");
		else
			r->table[r->table_count++] = rule_field(a, r, p->value->text);
	}
}

/* A document is one of three; what it has besides would be passed over. */
static void
check_kind(struct findings *f, const struct rule *r)
{
	static const char *const sections[] = { "detection", "correlation", "filter" };

	for (int i = 0; i < 3; i++) {
		const struct node *key = node_key(r->root, sections[i]);

		if (key != NULL && i != (int)r->kind)
			finding_error(f, key->at, "document-kind",
			    arena_printf(f->arena, "\"%s\" in a document that has \"%s\"",
				sections[i], sections[r->kind]));
	}
}

/* What a filter has not. */
static void
check_filter(struct findings *f, const struct rule *r)
{
	static const char *const names[] = { "level", "status" };

	for (int i = 0; i < 2; i++)
		if (node_key(r->root, names[i]) != NULL)
			finding_warning(f, node_key(r->root, names[i])->at, "filter-member",
			    arena_printf(f->arena, "a filter has no \"%s\"", names[i]));
}

static void
read_section(struct arena *a, struct findings *f, struct rule *r, bool cut)
{
	const struct node *source = node_get(r->root, "logsource");
	const struct node *fields = node_get(r->root, "fields");

	if (source != NULL && r->kind == RULE_CORRELATION)
		finding_warning(f, node_key(r->root, "logsource")->at, "logsource-unused",
		    "a correlation has the logsources of its rules");
	if (source != NULL)
		read_logsource(f, r, source);
	else if (r->kind != RULE_CORRELATION)
		finding_error(f, r->at, "missing-logsource", "no \"logsource\"");
	if (r->kind == RULE_CORRELATION)
		correlation_read(a, f, r);
	else
		detection_read(a, f, r, cut);
	if (fields != NULL) {
		r->table_at = node_key(r->root, "fields")->at;
		read_fields(a, f, r, fields);
	}
}

struct rule *
rule_read(struct arena *a, struct findings *f, const struct document *doc)
{
	struct rule *r = arena_get(a, sizeof *r);
	size_t from = f->n, errors = f->errors;

	r->root = doc->root;
	r->at = doc->root->at;
	r->file_number = f->file;
	r->document = f->document;
	if (doc->root->kind != NODE_MAP) {
		finding_error(f, r->at, "value-type", "a rule is a map");
	} else if (node_get(doc->root, "action") != NULL) {
		finding_error(f, node_key(doc->root, "action")->at, "deprecated-action",
		    "\"action\" documents are gone from Sigma");
	} else {
		if (node_get(doc->root, "correlation") != NULL)
			r->kind = RULE_CORRELATION;
		else if (node_get(doc->root, "filter") != NULL)
			r->kind = RULE_FILTER;
		if (node_get(doc->root, "title") == NULL)
			finding_error(f, r->at, "missing-title", "no \"title\"");
		check_kind(f, r);
		if (r->kind == RULE_FILTER)
			check_filter(f, r);
		members_read(f, r);
		read_section(a, f, r, doc->cut);
	}
	if (doc->cut)
		findings_drop(f, from, doc->end);
	r->broken = doc->cut || f->errors > errors;
	return r;
}
