#include "sigma/modifier.h"

#include "sigma/pattern.h"
#include "sigma/value.h"
#include "sigma/variants.h"

/* What a modifier changes in a chain. */
enum effect {
	EFFECT_ALL,
	EFFECT_NEQ,
	EFFECT_CASED,
	EFFECT_STEP, /* .step works on the text */
	EFFECT_KIND, /* .value is the kind of term */
	EFFECT_EXPAND,
	EFFECT_COMPARE, /* .value is the comparison */
	EFFECT_PART,    /* .value is the part */
	EFFECT_FLAG,    /* .value is the letter */
};

static const struct modifier {
	const char *name;
	enum effect effect;
	int value;
	variants_step *step;
} modifiers[] = {
	{ "all", EFFECT_ALL, 0, NULL },
	{ "neq", EFFECT_NEQ, 0, NULL },
	{ "cased", EFFECT_CASED, 0, NULL },
	{ "contains", EFFECT_STEP, 0, variants_contains },
	{ "startswith", EFFECT_STEP, 0, variants_startswith },
	{ "endswith", EFFECT_STEP, 0, variants_endswith },
	{ "windash", EFFECT_STEP, 0, variants_windash },
	{ "base64", EFFECT_STEP, 0, variants_base64 },
	{ "base64offset", EFFECT_STEP, 0, variants_base64offset },
	{ "wide", EFFECT_STEP, 0, variants_utf16le },
	{ "utf16le", EFFECT_STEP, 0, variants_utf16le },
	{ "utf16be", EFFECT_STEP, 0, variants_utf16be },
	{ "utf16", EFFECT_STEP, 0, variants_utf16 },
	{ "re", EFFECT_KIND, TERM_REGEX, NULL },
	{ "cidr", EFFECT_KIND, TERM_CIDR, NULL },
	{ "exists", EFFECT_KIND, TERM_EXISTS, NULL },
	{ "fieldref", EFFECT_KIND, TERM_FIELD, NULL },
	{ "expand", EFFECT_EXPAND, 0, NULL },
	{ "gt", EFFECT_COMPARE, CMP_GT, NULL },
	{ "gte", EFFECT_COMPARE, CMP_GTE, NULL },
	{ "lt", EFFECT_COMPARE, CMP_LT, NULL },
	{ "lte", EFFECT_COMPARE, CMP_LTE, NULL },
	{ "minute", EFFECT_PART, PART_MINUTE, NULL },
	{ "hour", EFFECT_PART, PART_HOUR, NULL },
	{ "day", EFFECT_PART, PART_DAY, NULL },
	{ "week", EFFECT_PART, PART_WEEK, NULL },
	{ "month", EFFECT_PART, PART_MONTH, NULL },
	{ "year", EFFECT_PART, PART_YEAR, NULL },
	{ "i", EFFECT_FLAG, 'i', NULL },
	{ "m", EFFECT_FLAG, 'm', NULL },
	{ "s", EFFECT_FLAG, 's', NULL },
};

static const struct modifier *
find_modifier(struct slice name)
{
	for (size_t i = 0; i < sizeof modifiers / sizeof modifiers[0]; i++)
		if (slice_is(name, modifiers[i].name))
			return &modifiers[i];
	return NULL;
}

static void
add_flag(struct chain *c, char letter)
{
	size_t n = strlen(c->flags);

	if (strchr(c->flags, letter) == NULL && n + 1 < sizeof c->flags)
		c->flags[n] = letter;
}

/* Does the step say which ends of a value are open? */
static bool
is_end(variants_step *step)
{
	return step == variants_contains || step == variants_startswith ||
	    step == variants_endswith;
}

/* Add m to the chain.  Returns false if it cannot stand there. */
static bool
chain_add(struct chain *c, const struct modifier *m)
{
	bool fresh = c->kind == TERM_TEXT && c->steps == 0 && c->compare == CMP_EQ;

	switch (m->effect) {
	case EFFECT_ALL: c->all = true; return true;
	case EFFECT_NEQ: c->neq = true; return true;
	case EFFECT_CASED: c->cased = true; return c->kind == TERM_TEXT;
	case EFFECT_EXPAND: c->expand = true; return c->kind != TERM_EXISTS;
	case EFFECT_STEP:
		if ((c->kind != TERM_TEXT && !(c->kind == TERM_FIELD && is_end(m->step))) ||
		    c->compare != CMP_EQ || c->part != PART_NONE || c->steps == CHAIN_STEPS)
			return false;
		c->step[c->steps++] = m->step;
		return true;
	case EFFECT_KIND:
		c->kind = (enum term_kind)m->value;
		return fresh && c->part == PART_NONE && !c->cased;
	case EFFECT_COMPARE: c->compare = (enum compare)m->value; return fresh;
	case EFFECT_PART: c->part = (enum part)m->value; return fresh;
	case EFFECT_FLAG: add_flag(c, (char)m->value); return c->kind == TERM_REGEX;
	}
	return false;
}

/* What is right, and yet not what is meant. */
static void
check_chain(struct findings *f, const struct node *key, const struct chain *c)
{
	variants_step *end = NULL;
	bool offset = false, several = false;

	for (size_t i = 0; i < c->steps; i++) {
		variants_step *step = c->step[i];

		several = several || (is_end(step) && end != NULL && step != end);
		end = is_end(step) ? step : end;
		offset = offset || step == variants_base64offset;
	}
	if (several)
		finding_warning(f, key->at, "modifier-conflict",
		    "more than one of contains, startswith and endswith");
	if (offset && end == NULL)
		finding_warning(f, key->at, "modifier-offset",
		    "\"base64offset\" makes parts of a value: \"contains\" is missing");
}

/* Read "field|modifier|...".  Returns false with findings if a modifier is wrong. */
static bool
chain_get(struct chain *c, struct findings *f, const struct node *key, struct slice *field)
{
	struct slice rest = key->text, word;
	bool more = slice_cut(&rest, '|', field), right = true;

	uint64_t seen = 0;

	*c = (struct chain){ .kind = TERM_TEXT };
	while (more) {
		const struct modifier *m;

		more = slice_cut(&rest, '|', &word);
		m = find_modifier(word);
		if (m == NULL) {
			finding_error(f, key->at, "modifier-unknown", "unknown modifier");
			right = false;
		} else if (!chain_add(c, m)) {
			finding_error(f, key->at, "modifier-order",
			    arena_printf(
				f->arena, "modifier \"%s\" cannot stand here", m->name));
			right = false;
		} else if ((seen & UINT64_C(1) << (m - modifiers)) != 0) {
			finding_warning(f, key->at, "modifier-twice",
			    arena_printf(f->arena, "modifier \"%s\" twice", m->name));
		}
		if (m != NULL)
			seen |= UINT64_C(1) << (m - modifiers);
	}
	check_chain(f, key, c);
	return right;
}

static bool
any_wild(const struct node *list)
{
	for (const struct node_pair *p = list->first; p != NULL; p = p->next)
		if (p->value->kind == NODE_SCALAR && p->value->text.len > 0 &&
		    (memchr(p->value->text.p, '*', p->value->text.len) != NULL ||
			memchr(p->value->text.p, '?', p->value->text.len) != NULL))
			return true;
	return false;
}

/* The values of a list, joined. */
static struct expr *
read_list(struct arena *a, struct findings *f, const struct chain *c, struct field *field,
    const struct node *key, const struct node *list)
{
	struct operands o = { 0 };

	if (c->all && list->count == 1)
		finding_warning(f, key->at, "modifier-all", "\"all\" on a single value");
	else if (c->all && field != NULL && c->kind == TERM_TEXT && c->steps == 0 &&
	    c->compare == CMP_EQ && !any_wild(list))
		finding_warning(f, key->at, "modifier-equal",
		    "\"all\" of several whole values: only a list has them");
	list_twice(f, list);
	for (const struct node_pair *p = list->first; p != NULL; p = p->next) {
		if (p->value->kind != NODE_SCALAR)
			finding_error(
			    f, p->value->at, "value-kind", "a list or map is no value here");
		else
			operands_add(&o, value_read(a, f, c, field, p->value));
		if (list->count > 1 && p->value->kind == NODE_SCALAR &&
		    node_type(p->value) == TYPE_NULL)
			finding_warning(
			    f, p->value->at, "value-null", "null in a list of values");
	}
	return expr_join(a, c->all ? EXPR_AND : EXPR_OR, &o);
}

/* An empty list asks for nothing, which is what null asks for. */
static struct expr *
read_nothing(struct arena *a, struct findings *f, struct field *field, const struct node *value)
{
	const struct term t = { .kind = TERM_NULL, .field = field, .at = value->at };

	if (field == NULL)
		finding_error(f, value->at, "value-empty", "no keyword");
	else
		finding_warning(f, value->at, "value-empty", "an empty list is read as null");
	return expr_term(a, &t);
}

static void
note_item(struct arena *a, struct rule *r, struct field *field, struct expr *e)
{
	struct item *item = arena_get(a, sizeof *item);

	*item = (struct item){ e, field, r->items };
	r->items = item;
}

struct expr *
item_read(struct arena *a, struct findings *f, struct rule *r, const struct node *key,
    const struct node *value)
{
	struct chain c;
	struct slice name;
	struct field *field = NULL;
	const struct placeholder *before = r->placeholders;
	struct expr *e;

	if (!chain_get(&c, f, key, &name))
		return expr_known(a, false);
	if (name.len > 0)
		field = rule_field(a, r, name);
	c.rule = r;
	if (value->kind == NODE_MAP) {
		finding_error(f, value->at, "value-kind", "a map is no value of a field");
		return expr_known(a, false);
	}
	if (value->kind == NODE_LIST && value->count == 0) {
		e = read_nothing(a, f, field, value);
	} else if (value->kind == NODE_LIST) {
		e = read_list(a, f, &c, field, key, value);
	} else {
		if (c.all)
			finding_warning(
			    f, key->at, "modifier-all", "\"all\" on a single value");
		e = value_read(a, f, &c, field, value);
	}
	if (c.expand && r->placeholders == before && e->op != EXPR_FALSE)
		finding_warning(f, key->at, "placeholder-none",
		    "\"expand\" on values without a placeholder");
	if (field != NULL)
		note_item(a, r, field, e);
	return c.neq ? expr_not(a, e) : e;
}

struct expr *
keyword_read(struct arena *a, struct findings *f, struct rule *r, const struct node *value)
{
	const struct chain c = { .kind = TERM_TEXT, .rule = r };

	return value_read(a, f, &c, NULL, value);
}
