#include "sigma/rule.h"

#include <ctype.h>

enum { FIELDS_INTERNED = 1000 }; /* beyond, a field named twice is kept twice */

/* What a member of a rule may be. */
enum form { FORM_TEXT, FORM_UUID, FORM_DATE, FORM_STATUS, FORM_LEVEL, FORM_TAGS, FORM_LIST };

/* The members that any document may have (specification 2.1, "Rule structure"), and our own. */
static const struct member {
	const char *name;
	enum form form;
	bool strict; /* an error and not a warning if it is wrong */
	size_t text; /* where its text goes in a rule; 0: nowhere */
	size_t at;   /* likewise its place */
} members[] = {
	{ "title", FORM_TEXT, true, offsetof(struct rule, title), 0 },
	{ "id", FORM_UUID, true, offsetof(struct rule, id), offsetof(struct rule, id_at) },
	{ "name", FORM_TEXT, true, offsetof(struct rule, name),
	    offsetof(struct rule, name_at) },
	{ "status", FORM_STATUS, true, 0, 0 },
	{ "level", FORM_LEVEL, true, 0, 0 },
	{ "date", FORM_DATE, true, 0, 0 },
	{ "modified", FORM_DATE, true, 0, 0 },
	{ "tags", FORM_TAGS, true, 0, 0 },
	{ "description", FORM_TEXT, false, offsetof(struct rule, description), 0 },
	{ "references", FORM_LIST, false, 0, 0 },
	{ "falsepositives", FORM_LIST, false, 0, 0 },
	{ "author", FORM_TEXT, false, 0, 0 },
	{ "license", FORM_TEXT, false, 0, 0 },
	{ "taxonomy", FORM_TEXT, false, 0, 0 },
	{ "response", FORM_TEXT, false, offsetof(struct rule, response), 0 },
	{ "alert_threshold", FORM_TEXT, false, offsetof(struct rule, alert_threshold), 0 },
	{ "timezone", FORM_TEXT, false, offsetof(struct rule, timezone), 0 },
};

static const char *const levels[] = { "", "informational", "low", "medium", "high",
	"critical" };
static const char *const loud_levels[] = { "", "INFORMATIONAL", "LOW", "MEDIUM", "HIGH",
	"CRITICAL" };
static const char *const statuses[] = { "stable", "test", "experimental", "deprecated",
	"unsupported", NULL };

const char *
level_text(enum level level)
{
	return loud_levels[level];
}

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

static bool
is_text(const struct node *n)
{
	return n->kind == NODE_SCALAR && node_type(n) == TYPE_TEXT;
}

static bool
is_uuid(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s.p[i] != '-' : !isxdigit((unsigned char)s.p[i]))
			return false;
	}
	return s.len == 36;
}

/* "2024-01-31", or with slashes as it was once written. */
static bool
is_date(struct slice s)
{
	unsigned v[3] = { 0 }, k = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (i == 4 || i == 7) {
			if (s.p[i] != '-' && s.p[i] != '/')
				return false;
			k++;
		} else if (!isdigit((unsigned char)s.p[i])) {
			return false;
		} else {
			v[k] = v[k] * 10 + (unsigned)(s.p[i] - '0');
		}
	}
	return s.len == 10 && v[1] >= 1 && v[1] <= 12 && v[2] >= 1 && v[2] <= 31;
}

static bool
is_one_of(struct slice s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (slice_is(s, *words))
			return true;
	return false;
}

/* namespace.value, neither of them empty. */
static bool
is_tag(const struct node *n)
{
	struct slice rest = n->text, space;

	if (n->kind != NODE_SCALAR || !slice_cut(&rest, '.', &space))
		return false;
	for (size_t i = 0; i < n->text.len; i++)
		if ((unsigned char)n->text.p[i] <= ' ')
			return false;
	return space.len > 0 && rest.len > 0;
}

static void
check_tags(struct findings *f, const struct node *list)
{
	if (list->kind != NODE_LIST) {
		finding_error(f, list->at, "value-type", "\"tags\" takes a list");
		return;
	}
	for (const struct node_pair *p = list->first; p != NULL; p = p->next)
		if (!is_tag(p->value))
			finding_error(f, p->value->at, "value-tag", "a tag is namespace.value");
}

/* A list of texts; a single one is as good. */
static bool
is_list(const struct node *n)
{
	if (n->kind == NODE_SCALAR)
		return true;
	for (const struct node_pair *p = n->first; p != NULL; p = p->next)
		if (p->value->kind != NODE_SCALAR)
			return false;
	return n->kind == NODE_LIST;
}

static enum level
get_level(struct slice s)
{
	for (int i = LEVEL_INFORMATIONAL; i <= LEVEL_CRITICAL; i++)
		if (slice_is(s, levels[i]))
			return (enum level)i;
	return LEVEL_NONE;
}

/* Does n have the form of m?  If not: the id of what is wrong, and how to say it. */
static const char *
form_wrong(const struct member *m, const struct node *n, const char **say)
{
	enum node_type type = n->kind == NODE_SCALAR ? node_type(n) : TYPE_NULL;

	*say = "takes a text";
	switch (m->form) {
	case FORM_TEXT:
		if (m->strict && n->text.len == 0)
			return "value-type";
		return type == TYPE_TEXT ? NULL : "value-type";
	case FORM_UUID:
		*say = "is no UUID";
		return type == TYPE_TEXT && is_uuid(n->text) ? NULL : "value-id";
	case FORM_DATE:
		*say = "is no date YYYY-MM-DD";
		return n->kind == NODE_SCALAR && is_date(n->text) ? NULL : "value-date";
	case FORM_STATUS:
		*say = "is none of stable, test, experimental, deprecated, unsupported";
		return type == TYPE_TEXT && is_one_of(n->text, statuses) ? NULL
									 : "value-status";
	case FORM_LEVEL:
		*say = "is none of informational, low, medium, high, critical";
		return type == TYPE_TEXT && get_level(n->text) != LEVEL_NONE ? NULL
									     : "value-level";
	case FORM_LIST: *say = "takes a list of texts"; return is_list(n) ? NULL : "value-type";
	case FORM_TAGS: return NULL;
	}
	return NULL;
}

static void
read_member(struct findings *f, struct rule *r, const struct member *m, const struct node *n)
{
	const char *say, *id;

	if (m->form == FORM_TAGS)
		check_tags(f, n);
	id = form_wrong(m, n, &say);
	if (id != NULL) {
		const char *text = arena_printf(f->arena, "\"%s\" %s", m->name, say);

		if (m->strict)
			finding_error(f, n->at, id, text);
		else
			finding_warning(f, n->at, id, text);
		return;
	}
	if (m->text != 0)
		*(struct slice *)(void *)((char *)r + m->text) = n->text;
	if (m->at != 0)
		*(struct place *)(void *)((char *)r + m->at) = n->at;
	if (m->form == FORM_LEVEL)
		r->level = get_level(n->text);
	if (m->form == FORM_DATE && n->text.p[4] == '/')
		finding_warning(f, n->at, "deprecated-date", "a date is written YYYY-MM-DD");
}

static void
read_members(struct findings *f, struct rule *r)
{
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		const struct node *n = node_get(r->root, members[i].name);

		if (n != NULL)
			read_member(f, r, &members[i], n);
	}
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
		if (is_text(v) && v->text.len > 0)
			*parts[i] = v->text;
		else
			finding_error(f, v->at, "value-type",
			    arena_printf(f->arena, "\"%s\" takes a text", names[i]));
	}
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

static void
read_section(struct arena *a, struct findings *f, struct rule *r, bool cut)
{
	const struct node *source = node_get(r->root, "logsource");
	const struct node *fields = node_get(r->root, "fields");

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
		read_members(f, r);
		read_section(a, f, r, doc->cut);
	}
	if (doc->cut)
		findings_drop(f, from, doc->end);
	r->broken = doc->cut || f->errors > errors;
	return r;
}
