/*
 * The events that a correlation rests on.
 *
 * An event that several rules take in counts once, as it does for match.  Where rows need no more than
 * their own fields that is one search for any of the rules.  Where they do, of tags or of fields that
 * are called otherwise in each rule's events, there is a search for each rule; if rows are counted or
 * added up, it passes over events that are in the search of an earlier one under the same groups.
 */
#include "sigma/spl_correlation.h"

/* The value a leaf has: a field, or for several fields all of them with their lengths. */
static void
put_value(struct spl *s, const struct branch *b, const struct branch *leaf)
{
	const struct correlation *c = b->rule->correlation;

	if (c->type == CORR_VALUE_PERCENTILE) {
		buf_str(s->out, "tonumber(");
		spl_eval_field(s, branch_field(b, leaf, false, 0), c->condition_at);
		buf_byte(s->out, ')');
		return;
	}
	if (c->value_count == 1) {
		spl_eval_field(s, branch_field(b, leaf, false, 0), c->condition_at);
		return;
	}
	for (uint32_t i = 0; i < c->value_count; i++) {
		buf_str(s->out, i == 0 ? "if(isnotnull(" : " AND isnotnull(");
		spl_eval_field(s, branch_field(b, leaf, false, i), c->condition_at);
		buf_byte(s->out, ')');
	}
	for (uint32_t i = 0; i < c->value_count; i++) {
		const struct field *f = branch_field(b, leaf, false, i);

		buf_str(s->out, i == 0 ? ", " : ".");
		if (i + 1 < c->value_count) {
			buf_str(s->out, "len(");
			spl_eval_field(s, f, c->condition_at);
			buf_str(s->out, ").\":\".");
		}
		spl_eval_field(s, f, c->condition_at);
	}
	buf_str(s->out, ", null())");
}

/* What a leaf's rows need besides their own fields. */
static void
put_leaf_fields(struct spl *s, const struct tree *t, const struct branch *leaf)
{
	const char *between = " | eval ";

	if (t->tagged) {
		buf_str(s->out, between);
		between = ", ";
		spl_is_tag(s, t, leaf);
	}
	for (const struct branch *b = leaf->parent; b != NULL; b = b->parent) {
		const struct correlation *c = b->rule->correlation;

		s->rule = b->rule;
		for (uint32_t i = 0; i < c->group_count; i++) {
			if (!b->key_helps[i])
				continue;
			buf_str(s->out, between);
			between = ", ";
			buf_slice(s->out, b->keys[i]);
			buf_byte(s->out, '=');
			spl_eval_field(s, branch_field(b, leaf, true, i), c->group_at[i]);
		}
		if (b->value_helps) {
			buf_str(s->out, between);
			between = ", ";
			buf_slice(s->out, b->value);
			buf_byte(s->out, '=');
			put_value(s, b, leaf);
		}
	}
}

/* Values that need a helper: of several names or fields, or of a name that an aggregate cannot say. */
static void
name_values(struct spl *s, struct branch *b)
{
	const struct correlation *c = b->rule->correlation;
	bool calls = c != NULL && (c->value_count > 1 || c->type == CORR_VALUE_PERCENTILE);

	if (c == NULL)
		return;
	b->value_helps = c->value_count > 0 && (b->value_helps || calls || !spl_bare(b->value));
	if (b->value_helps)
		b->value = spl_helper(s, "sigma_value", b->number > 1 ? b->number : 0);
	for (uint32_t i = 0; i < b->n; i++)
		name_values(s, b->kids[i]);
}

static bool
counts_rows(const struct branch *b)
{
	enum correlation_type type = b->rule->correlation->type;

	return type == CORR_EVENT_COUNT || type == CORR_VALUE_SUM || type == CORR_VALUE_AVG ||
	    type == CORR_VALUE_PERCENTILE;
}

/* In the order in which match takes an event's rules. */
static bool
is_earlier(const struct rule *a, const struct rule *b)
{
	return a->file_number != b->file_number ? a->file_number < b->file_number
						: a->document < b->document;
}

/* Has the event a number in f? */
static struct expr *
is_number(struct spl *s, struct field *f, struct place at)
{
	struct term t = { .kind = TERM_NUMBER, .text = SLICE("0"), .field = f, .at = at };
	struct operands o = { 0 };

	t.compare = CMP_GTE;
	operands_add(&o, expr_term(s->arena, &t));
	t.compare = CMP_LT;
	operands_add(&o, expr_term(s->arena, &t));
	return expr_join(s->arena, EXPR_OR, &o);
}

/* The events of which leaf's rows are there already: those that other takes in, under the same groups. */
static struct expr *
counted_by(struct spl *s, const struct branch *leaf, const struct branch *other)
{
	const struct correlation *c = leaf->parent->rule->correlation;
	const struct reference *own = &c->rules[leaf->index], *its = &c->rules[other->index];
	struct operands o = { 0 };

	operands_add(&o, other->rule->query);
	for (uint32_t i = 0; i < c->group_count; i++) {
		struct term same = { .kind = TERM_FIELD,
			.field = own->group[i],
			.other = its->group[i],
			.at = c->group_at[i] };

		if (!slice_eq(same.field->mapped, same.other->mapped))
			operands_add(&o, expr_term(s->arena, &same));
	}
	for (uint32_t i = 0; i < c->value_count; i++)
		if (!slice_eq(own->value[i]->mapped, its->value[i]->mapped))
			operands_add(&o, is_number(s, its->value[i], c->condition_at));
	return expr_join(s->arena, EXPR_AND, &o);
}

/* What leaf's rows are to be made of. */
static struct expr *
leaf_query(struct spl *s, const struct branch *leaf)
{
	const struct branch *b = leaf->parent;
	struct operands o = { 0 };

	operands_add(&o, leaf->rule->query);
	for (uint32_t i = 0; counts_rows(b) && i < b->n; i++) {
		const struct branch *other = b->kids[i];

		if (other->rule->correlation == NULL && is_earlier(other->rule, leaf->rule) &&
		    spl_step(s, 1))
			operands_add(&o, expr_not(s->arena, counted_by(s, leaf, other)));
	}
	return expr_join(s->arena, EXPR_AND, &o);
}

/* What cannot be said of any one rule is refused where it stands. */
static bool
try_leaves(struct spl *s, const struct tree *t)
{
	size_t start = s->out->len;

	for (uint32_t i = 0; i < t->leaf_count && s->why.id == NULL; i++) {
		spl_detection(s, t->leaves[i]->rule);
		s->out->len = start;
	}
	return s->why.id == NULL;
}

static bool
any_helps(const struct branch *b)
{
	const struct correlation *c = b->rule->correlation;
	bool any = b->value_helps;

	for (uint32_t i = 0; c != NULL && i < c->group_count; i++)
		any = any || b->key_helps[i];
	for (uint32_t i = 0; i < b->n && !any; i++)
		any = any_helps(b->kids[i]);
	return any;
}

static void
put_any(struct spl *s, const struct tree *t)
{
	struct operands o = { 0 };

	for (uint32_t i = 0; i < t->leaf_count; i++)
		operands_add(&o, t->leaves[i]->rule->query);
	s->rule = t->top->rule;
	spl_events(s, expr_join(s->arena, EXPR_OR, &o));
}

static void
put_leaf(struct spl *s, const struct branch *leaf)
{
	if (leaf->parent->n == 1) {
		spl_detection(s, leaf->rule);
		return;
	}
	s->rule = leaf->rule;
	spl_events(s, leaf_query(s, leaf));
}

void
spl_leaves(struct spl *s, struct tree *t)
{
	bool many = t->leaf_count > 1;

	name_values(s, t->top);
	if (many && !try_leaves(s, t))
		return;
	if (many && !t->tagged && !any_helps(t->top)) {
		put_any(s, t);
		return;
	}
	if (many)
		buf_str(s->out, "| multisearch");
	for (uint32_t i = 0; i < t->leaf_count && s->why.id == NULL; i++) {
		if (many)
			buf_str(s->out, " [ search ");
		put_leaf(s, t->leaves[i]);
		put_leaf_fields(s, t, t->leaves[i]);
		if (many)
			buf_str(s->out, " ]");
	}
}
