#include "sigma/pipeline.h"

#include "sigma/modifier.h"
#include "sigma/ruleset.h"

enum action { ADD_CONDITION, MAP_FIELDS, CHANGE_LOGSOURCE };

static const struct {
	const char *name;
	enum action action;
} actions[] = {
	{ "add_condition", ADD_CONDITION },
	{ "field_name_mapping", MAP_FIELDS },
	{ "change_logsource", CHANGE_LOGSOURCE },
};

/* What pySigma's format has besides, so that a refusal can name it. */
static const char *const unsupported[] = { "add_field", "case", "convert_type",
	"detection_item_failure", "drop_detection_item", "field_name_prefix",
	"field_name_prefix_mapping", "field_name_suffix", "field_name_transform",
	"hashes_fields", "map_string", "nest", "query_expression_placeholders", "regex",
	"remove_field", "replace_string", "rule_failure", "set_custom_attribute", "set_field",
	"set_state", "set_value", "strict_field_mapping_failure", "value_placeholders",
	"wildcard_placeholders", "postprocessing", "finalizers", "vars", "template", "negated",
	"detection_item_conditions", "detection_item_cond_op", "detection_item_cond_not",
	"detection_item_cond_expression", "rule_cond_not", "rule_cond_expression",
	"field_name_cond_not", "field_name_cond_expression", "contains_detection_item",
	"processing_item_applied", "processing_state", "is_sigma_rule",
	"is_sigma_correlation_rule", "rule_attribute", "tag", "exclude_fields", "match_string",
	"include_regex", NULL };

struct item {
	enum action action;
	const struct node *conditions;  /* a list of maps, or NULL */
	bool any;                       /* rule_cond_op: or */
	const struct node *field_lists; /* likewise, of include_fields */
	bool any_field;                 /* field_name_cond_op: or */
	const struct node *value;       /* conditions, mapping, or the item itself */
	struct item *next;
};

struct pipeline {
	struct item *first, *last;
};

static void
refuse_name(struct findings *f, const struct node *n, const char *what)
{
	for (size_t i = 0; n->kind == NODE_SCALAR && unsupported[i] != NULL; i++)
		if (slice_is(n->text, unsupported[i])) {
			finding_error(f, n->at, "pipeline-unsupported",
			    arena_printf(f->arena, "\"%s\" is not supported in a pipeline",
				unsupported[i]));
			return;
		}
	finding_error(f, n->at, "pipeline-unknown", arena_printf(f->arena, "unknown %s", what));
}

/* Refuse members of map that are not named in known, a NULL-terminated list. */
static void
check_members(struct findings *f, const struct node *map, const char *const *known)
{
	for (const struct node_pair *p = map->first; p != NULL; p = p->next) {
		size_t i = 0;

		while (known[i] != NULL && !slice_is(p->key->text, known[i]))
			i++;
		if (known[i] == NULL)
			refuse_name(f, p->key, "member of a pipeline");
	}
}

static bool
is_text(const struct node *n)
{
	return n != NULL && n->kind == NODE_SCALAR && n->text.len > 0;
}

static void
want(struct findings *f, const struct node *n, bool right, const char *text)
{
	if (!right)
		finding_error(f, n->at, "pipeline-value", text);
}

/* A condition of the type given: {type: ..., ...}. */
static bool
check_condition(struct findings *f, const struct node *n, const char *type)
{
	const struct node *t = n->kind == NODE_MAP ? node_get(n, "type") : NULL;

	want(f, n, is_text(t), "a condition is a map with a \"type\"");
	if (!is_text(t) || slice_is(t->text, type))
		return is_text(t);
	refuse_name(f, t, "type of condition");
	return false;
}

static void
check_rule_conditions(struct findings *f, const struct node *list)
{
	static const char *const known[] = { "type", "category", "product", "service", NULL };

	want(f, list, list->kind == NODE_LIST, "\"rule_conditions\" takes a list");
	for (const struct node_pair *p = list->first; p != NULL; p = p->next) {
		if (!check_condition(f, p->value, "logsource"))
			continue;
		check_members(f, p->value, known);
		want(f, p->value, p->value->count > 1,
		    "a logsource condition without an attribute");
		for (const struct node_pair *m = p->value->first; m != NULL; m = m->next)
			want(f, m->value, is_text(m->value), "not a text");
	}
}

static void
check_field_conditions(struct findings *f, const struct node *list)
{
	static const char *const known[] = { "type", "fields", NULL };

	want(f, list, list->kind == NODE_LIST, "\"field_name_conditions\" takes a list");
	for (const struct node_pair *p = list->first; p != NULL; p = p->next) {
		const struct node *fields;

		if (!check_condition(f, p->value, "include_fields"))
			continue;
		check_members(f, p->value, known);
		fields = node_get(p->value, "fields");
		want(f, p->value,
		    fields != NULL && fields->kind == NODE_LIST && fields->count > 0,
		    "include_fields needs a list of \"fields\"");
	}
}

static void
check_mapping(struct findings *f, const struct node *map)
{
	for (const struct node_pair *p = map->first; p != NULL; p = p->next) {
		if (p->value->kind == NODE_LIST)
			finding_error(f, p->value->at, "pipeline-unsupported",
			    "a field mapped to several is not supported yet");
		else
			want(f, p->value, is_text(p->value), "a field's name is a text");
	}
}

/* What the transformation works with, checked; NULL with findings if it is wrong. */
static const struct node *
get_value(struct arena *a, struct findings *f, enum action action, const struct node *item)
{
	static const char *const names[] = { "conditions", "mapping" };
	const struct node *n =
	    action == CHANGE_LOGSOURCE ? item : node_get(item, names[action]);
	struct rule scratch = { .kind = RULE_DETECTION };

	if (n == NULL || n->kind != NODE_MAP || n->count == 0) {
		finding_error(f, n != NULL ? n->at : item->at, "pipeline-value",
		    arena_printf(f->arena,
			"a transformation of this type needs a map of \"%s\"", names[action]));
		return NULL;
	}
	if (action == MAP_FIELDS)
		check_mapping(f, n);
	for (const struct node_pair *p = n->first; p != NULL && action == ADD_CONDITION;
	     p = p->next)
		item_read(a, f, &scratch, p->key, p->value);
	return n;
}

static void
read_operator(struct findings *f, const struct node *item, const char *name, bool *any)
{
	const struct node *n = node_get(item, name);

	if (n == NULL)
		return;
	*any = n->kind == NODE_SCALAR && slice_is(n->text, "or");
	want(f, n, *any || (n->kind == NODE_SCALAR && slice_is(n->text, "and")),
	    "an operator is \"and\" or \"or\"");
}

static struct item *
read_item(struct arena *a, struct findings *f, const struct node *n)
{
	static const char *const common[] = { "id", "type", "rule_conditions", "rule_cond_op",
		"field_name_conditions", "field_name_cond_op", "conditions", "mapping",
		"category", "product", "service", NULL };
	struct item *item = arena_get(a, sizeof *item);
	const struct node *type = n->kind == NODE_MAP ? node_get(n, "type") : NULL;
	size_t i = 0;

	want(f, n, is_text(type), "a transformation is a map with a \"type\"");
	if (!is_text(type))
		return item;
	while (i < 3 && !slice_is(type->text, actions[i].name))
		i++;
	if (i == 3) {
		refuse_name(f, type, "type of transformation");
		return item;
	}
	check_members(f, n, common);
	item->action = actions[i].action;
	item->value = get_value(a, f, item->action, n);
	item->conditions = node_get(n, "rule_conditions");
	item->field_lists = node_get(n, "field_name_conditions");
	if (item->conditions != NULL)
		check_rule_conditions(f, item->conditions);
	if (item->field_lists != NULL)
		check_field_conditions(f, item->field_lists);
	read_operator(f, n, "rule_cond_op", &item->any);
	read_operator(f, n, "field_name_cond_op", &item->any_field);
	return item;
}

static void
read_items(struct arena *a, struct findings *f, const struct node *root, struct pipeline *p)
{
	static const char *const known[] = { "name", "priority", "allowed_backends",
		"transformations", NULL };
	const struct node *list;

	want(f, root, root->kind == NODE_MAP, "a pipeline is a map");
	if (root->kind != NODE_MAP)
		return;
	check_members(f, root, known);
	list = node_get(root, "transformations");
	if (list == NULL || list->kind != NODE_LIST) {
		finding_error(f, root->at, "pipeline-value", "no list of \"transformations\"");
		return;
	}
	for (const struct node_pair *n = list->first; n != NULL; n = n->next) {
		struct item *item = read_item(a, f, n->value);

		if (p->last == NULL)
			p->first = item;
		else
			p->last->next = item;
		p->last = item;
	}
}

struct pipeline *
pipeline_read(struct arena *a, struct findings *f, struct slice text)
{
	struct documents *r = documents_open(a, f, text);
	struct pipeline *p = arena_get(a, sizeof *p);
	struct document doc = { 0 }, more;
	size_t errors = f->errors;
	int any = documents_next(r, &doc);

	if (any == 1 && doc.root != NULL && !doc.cut)
		read_items(a, f, doc.root, p);
	else if (f->errors == errors)
		finding_error(f, (struct place){ 1, 1 }, "pipeline-value", "no pipeline");
	if (any == 1 && documents_next(r, &more) == 1)
		finding_error(f, more.root != NULL ? more.root->at : doc.root->at,
		    "pipeline-value", "more than one document");
	documents_free(r);
	return f->errors == errors ? p : NULL;
}

static bool
same_attribute(const struct node *condition, const char *name, struct slice value)
{
	const struct node *n = node_get(condition, name);

	return n == NULL || slice_eq(n->text, value);
}

static bool
applies(const struct item *item, const struct logsource *l)
{
	bool all = true, any = false;

	if (item->conditions == NULL || item->conditions->count == 0)
		return true;
	for (const struct node_pair *p = item->conditions->first; p != NULL; p = p->next) {
		bool holds = same_attribute(p->value, "category", l->category) &&
		    same_attribute(p->value, "product", l->product) &&
		    same_attribute(p->value, "service", l->service);

		all = all && holds;
		any = any || holds;
	}
	return item->any ? any : all;
}

static bool
is_listed(const struct node *list, struct slice name)
{
	for (const struct node_pair *p = list->first; p != NULL; p = p->next)
		if (p->value->kind == NODE_SCALAR && slice_eq(p->value->text, name))
			return true;
	return false;
}

/* Do the field name conditions take in the field? */
static bool
takes_field(const struct item *item, const struct field *field)
{
	if (item->field_lists == NULL || item->field_lists->count == 0)
		return true;
	for (const struct node_pair *p = item->field_lists->first; p != NULL; p = p->next)
		if (is_listed(node_get(p->value, "fields"), field->mapped) == item->any_field)
			return item->any_field;
	return !item->any_field;
}

static void
map_fields(const struct item *item, struct rule *r)
{
	for (struct field *field = r->fields; field != NULL; field = field->next) {
		if (!takes_field(item, field))
			continue;
		for (const struct node_pair *p = item->value->first; p != NULL; p = p->next)
			if (slice_eq(p->key->text, field->mapped)) {
				field->mapped = p->value->text;
				break;
			}
	}
}

/* The added conditions have fields of their own, which only later mappings rename. */
static void
add_condition(const struct item *item, struct arena *a, struct rule *r)
{
	struct findings none = { .arena = a };
	struct rule scratch = { .kind = RULE_DETECTION };
	struct operands o = { 0 };
	struct field **end = &scratch.fields;

	if (r->query == NULL)
		return;
	for (const struct node_pair *p = item->value->first; p != NULL; p = p->next)
		operands_add(&o, item_read(a, &none, &scratch, p->key, p->value));
	operands_add(&o, r->query);
	r->query = expr_join(a, EXPR_AND, &o);
	while (*end != NULL)
		end = &(*end)->next;
	*end = r->fields;
	r->fields = scratch.fields;
	findings_free(&none);
}

static void
change_logsource(const struct item *item, struct logsource *l)
{
	const struct node *category = node_get(item->value, "category");
	const struct node *product = node_get(item->value, "product");
	const struct node *service = node_get(item->value, "service");

	*l = (struct logsource){ 0 };
	if (is_text(category))
		l->category = category->text;
	if (is_text(product))
		l->product = product->text;
	if (is_text(service))
		l->service = service->text;
}

void
pipeline_apply(const struct pipeline *p, struct arena *a, struct rule *r)
{
	const struct logsource *source = rule_source(r);
	struct logsource now = source != NULL ? *source : (struct logsource){ 0 };

	for (const struct item *item = p->first; item != NULL; item = item->next) {
		if (!applies(item, &now))
			continue;
		if (item->action == MAP_FIELDS)
			map_fields(item, r);
		else if (item->action == ADD_CONDITION)
			add_condition(item, a, r);
		else
			change_logsource(item, &now);
	}
	if (r->kind != RULE_CORRELATION)
		r->logsource = now;
}
