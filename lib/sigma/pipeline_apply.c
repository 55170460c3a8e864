/* A pipeline at work on a rule. */
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/modifier.h"
#include "sigma/pattern.h"
#include "sigma/pipeline.h"
#include "sigma/ruleset.h"
#include "sigma/value.h"

enum { FILLED_MAX = 10000 }; /* texts that one value with placeholders may become */

static bool
same_attribute(const struct node *condition, const char *name, struct slice value)
{
	const struct node *n = node_get(condition, name);

	return n == NULL || slice_eq(n->text, value);
}

static bool
applies(const struct step *step, const struct logsource *l)
{
	bool all = true, any = false;

	if (step->conditions == NULL || step->conditions->count == 0)
		return true;
	for (const struct node_pair *p = step->conditions->first; p != NULL; p = p->next) {
		bool holds = same_attribute(p->value, "category", l->category) &&
		    same_attribute(p->value, "product", l->product) &&
		    same_attribute(p->value, "service", l->service);

		all = all && holds;
		any = any || holds;
	}
	return step->any ? any : all;
}

static bool
is_text(const struct node *n)
{
	return n != NULL && n->kind == NODE_SCALAR && n->text.len > 0;
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
takes_field(const struct step *step, const struct field *field)
{
	if (step->field_lists == NULL || step->field_lists->count == 0)
		return true;
	for (const struct node_pair *p = step->field_lists->first; p != NULL; p = p->next)
		if (is_listed(node_get(p->value, "fields"), field->mapped) == step->any_field)
			return step->any_field;
	return !step->any_field;
}

static struct field *
add_field(struct arena *a, struct rule *r, struct slice name, struct slice mapped)
{
	struct field *f = arena_get(a, sizeof *f);

	*f = (struct field){ .name = name, .mapped = mapped, .next = r->fields };
	r->fields = f;
	return f;
}

static bool
mentions(const struct expr *e, const struct field *f)
{
	if (e->op == EXPR_TERM)
		return e->term->field == f || e->term->other == f;
	for (uint32_t i = 0; i < e->n; i++)
		if (mentions(e->kids[i], f))
			return true;
	return false;
}

/* A member that looks at field, which the pipeline has under several names, looks at any of them. */
static void
spread_item(struct arena *a, struct rule *r, struct item *item, struct field *field)
{
	struct operands o = { 0 };
	struct expr *made;

	item->expr = expr_copy(a, made = item->expr, NULL, NULL);
	operands_add(&o, item->expr);
	for (const struct node_pair *p = field->names->first->next; p != NULL; p = p->next) {
		struct item *more = arena_get(a, sizeof *more);
		struct field *other = add_field(a, r, field->name, p->value->text);

		more->expr = expr_copy(a, item->expr, field, other);
		more->field = item->field == field ? other : item->field;
		more->next = r->items;
		r->items = more;
		operands_add(&o, more->expr);
	}
	*made = *expr_join(a, EXPR_OR, &o);
}

/* The fields under "fields" are shown under all their names. */
static void
spread_table(struct arena *a, struct rule *r)
{
	struct field **old = r->table, **table;
	size_t n = 0;

	for (uint32_t i = 0; i < r->table_count; i++)
		n += old[i]->names != NULL ? old[i]->names->count : 1;
	if (n == r->table_count)
		return;
	table = arena_get(a, n * sizeof *table);
	n = 0;
	for (uint32_t i = 0; i < r->table_count; i++) {
		const struct node *names = old[i]->names;

		table[n++] = old[i];
		for (const struct node_pair *p = names == NULL ? NULL : names->first->next;
		     p != NULL; p = p->next)
			table[n++] = add_field(a, r, old[i]->name, p->value->text);
	}
	r->table = table;
	r->table_count = (uint32_t)n;
}

static void
spread(struct arena *a, struct rule *r)
{
	struct field *fields = r->fields;

	for (struct item *x = r->items; x != NULL; x = x->next)
		if (x->field->names != NULL)
			spread_item(a, r, x, x->field);
	for (struct field *f = fields; f != NULL; f = f->next)
		for (struct item *x = r->items; f->names != NULL && x != NULL; x = x->next)
			if (x->field != f && x->expr->op != EXPR_OR && mentions(x->expr, f))
				spread_item(a, r, x, f);
	spread_table(a, r);
	for (struct field *f = fields; f != NULL; f = f->next)
		f->names = NULL;
}

static void
map_fields(const struct step *step, struct arena *a, struct rule *r)
{
	bool several = false;

	for (struct field *field = r->fields; field != NULL; field = field->next) {
		if (field->alias || !takes_field(step, field))
			continue;
		for (const struct node_pair *p = step->value->first; p != NULL; p = p->next) {
			const struct node *n = p->value;

			if (!slice_eq(p->key->text, field->mapped))
				continue;
			field->mapped = n->kind == NODE_LIST ? n->first->value->text : n->text;
			field->names = n->kind == NODE_LIST && n->count > 1 ? n : NULL;
			field->several = field->several || field->names != NULL;
			several = several || field->names != NULL;
			break;
		}
	}
	if (several)
		spread(a, r);
}

/* Is the placeholder called name one that the step is for? */
static bool
fills(const struct step *step, struct slice name)
{
	const struct node *include = node_get(step->value, "include");
	const struct node *exclude = node_get(step->value, "exclude");

	if (step->action == FILL_VALUES &&
	    (step->vars == NULL || node_get_slice(step->vars, name) == NULL))
		return false;
	return (include == NULL || is_listed(include, name)) &&
	    (exclude == NULL || !is_listed(exclude, name));
}

/* The k-th value that a placeholder stands for, as a pattern, and as text if raw. */
static bool
value_of(const struct step *step, struct slice name, size_t k, bool raw, struct buf *out)
{
	const struct node *n;

	if (step->action == FILL_WILDCARDS) {
		if (k == 0)
			buf_byte(out, raw ? '*' : PATTERN_MANY);
		return k == 0;
	}
	n = node_get_slice(step->vars, name);
	if (n->kind == NODE_LIST) {
		const struct node_pair *p = n->first;

		for (; p != NULL && k > 0; p = p->next)
			k--;
		n = p != NULL ? p->value : NULL;
	} else if (k > 0) {
		n = NULL;
	}
	if (n != NULL && raw)
		buf_slice(out, n->text);
	else if (n != NULL)
		pattern_get(n->text, out);
	return n != NULL;
}

/* Texts in the making. */
struct texts {
	struct slice *v;
	size_t n, cap;
};

static void
texts_add(struct texts *t, struct slice s)
{
	if (t->n == t->cap) {
		t->cap = t->cap == 0 ? 16 : t->cap * 2;
		t->v = xrealloc(t->v, t->cap, sizeof *t->v);
	}
	t->v[t->n++] = s;
}

/*
 * Put text, from an offset on, with all values for the first placeholder that the step is for, into
 * out; returns false if it has none.
 */
static bool
fill_first(
    const struct step *step, struct arena *a, struct slice text, bool raw, struct texts *out)
{
	struct slice name;
	size_t from = 0;

	for (;; from = (size_t)(name.p - text.p) + name.len + 1) {
		if (!value_placeholder(text, from, &name))
			return false;
		if (fills(step, name))
			break;
	}
	for (size_t k = 0; out->n <= FILLED_MAX; k++) {
		struct buf b = { 0 };
		bool any;

		buf_add(&b, text.p, (size_t)(name.p - text.p) - 1);
		any = value_of(step, name, k, raw, &b);
		from = (size_t)(name.p - text.p) + name.len + 1;
		buf_add(&b, text.p + from, text.len - from);
		if (any)
			texts_add(out, arena_slice(a, buf_view(&b)));
		buf_free(&b);
		if (!any)
			break;
	}
	return true;
}

/* Replace what the step is for in one value; what is left for another step stays a placeholder. */
static void
fill(const struct step *step, struct arena *a, struct findings *f, struct placeholder *ph)
{
	struct texts now = { 0 }, next = { 0 };
	bool raw = ph->chain->kind != TERM_TEXT, any = true, full = false;
	struct slice name;

	texts_add(&now, ph->text);
	for (unsigned round = 0; any && !full && round < 64; round++) {
		any = false;
		next.n = 0;
		for (size_t i = 0; i < now.n && !full; i++) {
			if (fill_first(step, a, now.v[i], raw, &next))
				any = true;
			else
				texts_add(&next, now.v[i]);
			full = next.n > FILLED_MAX;
		}
		if (any) {
			struct texts swap = now;

			now = next;
			next = swap;
		}
	}
	if (full)
		finding_error(
		    f, ph->at, "placeholder", "a value of more than 10,000 spellings");
	else if (now.n > 0 && !value_placeholder(now.v[0], 0, &name))
		value_fill(a, f, ph, now.v, now.n);
	else if (now.n == 1)
		ph->text = now.v[0];
	free(now.v);
	free(next.v);
}

static void
fill_all(const struct step *step, struct arena *a, struct findings *f, struct rule *r)
{
	for (struct placeholder *ph = r->placeholders; ph != NULL; ph = ph->next)
		if (ph->expr->op == EXPR_TERM && ph->expr->term->placeholder)
			fill(step, a, f, ph);
}

/* The added conditions have fields of their own, which only later mappings rename. */
static void
add_condition(const struct step *step, struct arena *a, struct rule *r)
{
	struct findings none = { .arena = a };
	struct rule scratch = { .kind = RULE_DETECTION };
	struct operands o = { 0 };
	struct field **end = &scratch.fields;

	if (r->query == NULL)
		return;
	for (const struct node_pair *p = step->value->first; p != NULL; p = p->next)
		operands_add(&o, item_read(a, &none, &scratch, p->key, p->value));
	for (struct item **tail = &scratch.items;; tail = &(*tail)->next)
		if (*tail == NULL) {
			*tail = r->items;
			break;
		}
	r->items = scratch.items;
	operands_add(&o, r->query);
	r->query = expr_join(a, EXPR_AND, &o);
	while (*end != NULL)
		end = &(*end)->next;
	*end = r->fields;
	r->fields = scratch.fields;
	findings_free(&none);
}

static void
change_logsource(const struct step *step, struct logsource *l)
{
	const struct node *category = node_get(step->value, "category");
	const struct node *product = node_get(step->value, "product");
	const struct node *service = node_get(step->value, "service");

	*l = (struct logsource){ 0 };
	if (is_text(category))
		l->category = category->text;
	if (is_text(product))
		l->product = product->text;
	if (is_text(service))
		l->service = service->text;
}

/* "{}" behind a name is Splunk's for the elements of an array. */
static void
trim_names(struct rule *r)
{
	for (struct field *f = r->fields; f != NULL; f = f->next)
		if (f->mapped.len > 2 && slice_ends(f->mapped, SLICE("{}")))
			f->mapped.len -= 2;
}

static void
take_step(const struct step *step, struct arena *a, struct findings *f, struct rule *r,
    bool local, struct logsource *now)
{
	switch (step->action) {
	case MAP_FIELDS: map_fields(step, a, r); break;
	case CHANGE_LOGSOURCE: change_logsource(step, now); break;
	case ADD_CONDITION:
		if (!local)
			add_condition(step, a, r);
		break;
	case FILL_VALUES:
	case FILL_WILDCARDS: fill_all(step, a, f, r); break;
	}
}

void
pipeline_apply(
    const struct pipeline *p, struct arena *a, struct findings *f, struct rule *r, bool local)
{
	const struct logsource *source = rule_source(r);
	struct logsource now = source != NULL ? *source : (struct logsource){ 0 };
	size_t errors = f->errors;

	f->file = r->file_number;
	f->document = r->document;
	for (const struct step *step = p->first; step != NULL; step = step->next)
		if (applies(step, &now))
			take_step(step, a, f, r, local, &now);
	if (local)
		trim_names(r);
	if (r->kind != RULE_CORRELATION)
		r->logsource = now;
	r->broken = r->broken || f->errors > errors;
}
