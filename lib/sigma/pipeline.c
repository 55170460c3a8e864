#include "sigma/pipeline.h"

#include "sigma/modifier.h"

static const struct {
	const char *name;
	enum action action;
} actions[] = {
	{ "add_condition", ADD_CONDITION },
	{ "field_name_mapping", MAP_FIELDS },
	{ "change_logsource", CHANGE_LOGSOURCE },
	{ "value_placeholders", FILL_VALUES },
	{ "wildcard_placeholders", FILL_WILDCARDS },
};

enum { ACTIONS = sizeof actions / sizeof actions[0] };

/* What pySigma's format has besides, so that a refusal can name it. */
static const char *const unsupported[] = { "add_field", "case", "convert_type",
	"detection_item_failure", "drop_detection_item", "field_name_prefix",
	"field_name_prefix_mapping", "field_name_suffix", "field_name_transform",
	"hashes_fields", "map_string", "nest", "query_expression_placeholders", "regex",
	"remove_field", "replace_string", "rule_failure", "set_custom_attribute", "set_field",
	"set_state", "set_value", "strict_field_mapping_failure", "postprocessing",
	"finalizers", "template", "negated", "detection_item_conditions",
	"detection_item_cond_op", "detection_item_cond_not", "detection_item_cond_expression",
	"rule_cond_not", "rule_cond_expression", "field_name_cond_not",
	"field_name_cond_expression", "contains_detection_item", "processing_item_applied",
	"processing_state", "is_sigma_rule", "is_sigma_correlation_rule", "rule_attribute",
	"tag", "exclude_fields", "match_string", "include_regex", NULL };

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
		const struct node *n = p->value;

		want(f, n, is_text(n) || (n->kind == NODE_LIST && n->count > 0),
		    "a field's name is a text, or a list of them");
		for (const struct node_pair *m = n->first; n->kind == NODE_LIST && m != NULL;
		     m = m->next)
			want(f, m->value, is_text(m->value), "a field's name is a text");
	}
}

/* "include" and "exclude" of a transformation of placeholders: lists of their names. */
static void
check_names(struct findings *f, const struct node *item)
{
	static const char *const lists[] = { "include", "exclude" };

	for (size_t i = 0; i < 2; i++) {
		const struct node *n = node_get(item, lists[i]);

		if (n == NULL)
			continue;
		want(f, n, n->kind == NODE_LIST, "a list of placeholders");
		for (const struct node_pair *p = n->first; p != NULL; p = p->next)
			want(f, p->value, is_text(p->value), "a placeholder's name is a text");
	}
}

/* "vars": {name: value or list of values} */
static void
check_vars(struct findings *f, const struct node *vars)
{
	want(f, vars, vars->kind == NODE_MAP, "\"vars\" takes a map");
	for (const struct node_pair *p = vars->first; vars->kind == NODE_MAP && p != NULL;
	     p = p->next) {
		const struct node *n = p->value;

		want(f, n, n->kind == NODE_SCALAR || (n->kind == NODE_LIST && n->count > 0),
		    "a variable is a value, or a list of values");
		for (const struct node_pair *m = n->first; n->kind == NODE_LIST && m != NULL;
		     m = m->next)
			want(f, m->value, m->value->kind == NODE_SCALAR, "not a value");
	}
}

/* What the transformation works with, checked; NULL with findings if it is wrong. */
static const struct node *
get_value(struct arena *a, struct findings *f, enum action action, const struct node *item)
{
	static const char *const names[] = { "conditions", "mapping" };
	const struct node *n = action > MAP_FIELDS ? item : node_get(item, names[action]);
	struct rule scratch = { .kind = RULE_DETECTION };

	if (action >= FILL_VALUES)
		check_names(f, item);
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

static struct step *
read_item(struct arena *a, struct findings *f, const struct node *n)
{
	static const char *const common[] = { "id", "type", "rule_conditions", "rule_cond_op",
		"field_name_conditions", "field_name_cond_op", "conditions", "mapping",
		"category", "product", "service", "include", "exclude", NULL };
	struct step *item = arena_get(a, sizeof *item);
	const struct node *type = n->kind == NODE_MAP ? node_get(n, "type") : NULL;
	size_t i = 0;

	want(f, n, is_text(type), "a transformation is a map with a \"type\"");
	if (!is_text(type))
		return item;
	while (i < ACTIONS && !slice_is(type->text, actions[i].name))
		i++;
	if (i == ACTIONS) {
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
	static const char *const known[] = { "name", "priority", "allowed_backends", "vars",
		"transformations", NULL };
	const struct node *list, *vars;

	want(f, root, root->kind == NODE_MAP, "a pipeline is a map");
	if (root->kind != NODE_MAP)
		return;
	check_members(f, root, known);
	vars = node_get(root, "vars");
	if (vars != NULL)
		check_vars(f, vars);
	list = node_get(root, "transformations");
	if (list == NULL || list->kind != NODE_LIST) {
		finding_error(f, root->at, "pipeline-value", "no list of \"transformations\"");
		return;
	}
	for (const struct node_pair *n = list->first; n != NULL; n = n->next) {
		struct step *item = read_item(a, f, n->value);

		item->vars = vars;
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
