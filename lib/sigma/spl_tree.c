#include "sigma/spl_tree.h"

#include "base/map.h"
#include "sigma/ruleset.h"

struct branch *
branch_kid(const struct branch *b, uint32_t i)
{
	const struct rule *r = b->rule->correlation->rules[i].rule;

	for (uint32_t k = 0; k < b->n; k++)
		if (b->kids[k]->rule == r)
			return b->kids[k];
	return NULL;
}

bool
branch_above(const struct branch *b, const struct branch *leaf)
{
	while (leaf != NULL && leaf != b)
		leaf = leaf->parent;
	return leaf == b;
}

/* The kid of b on the way to leaf. */
static const struct branch *
way_to(const struct branch *b, const struct branch *leaf)
{
	while (leaf->parent != b)
		leaf = leaf->parent;
	return leaf;
}

const struct field *
branch_field(const struct branch *b, const struct branch *leaf, bool group, uint32_t i)
{
	for (;;) {
		const struct branch *kid = way_to(b, leaf);
		const struct reference *ref = &b->rule->correlation->rules[kid->index];
		const struct field *f = group ? ref->group[i] : ref->value[i];
		const struct correlation *c = kid->rule->correlation;
		uint32_t k = 0;

		if (c == NULL)
			return f;
		while (k < c->group_count && !slice_eq(c->group_by[k]->name, f->name))
			k++;
		if (k == c->group_count)
			return NULL;
		b = kid;
		group = true;
		i = k;
	}
}

static bool
check_reference(struct spl *s, const struct rule *r, const struct reference *ref)
{
	s->rule = r;
	if (ref->rule == NULL || ref->rule->broken || ref->rule->kind == RULE_FILTER)
		spl_refuse(s, ref->at, "reference-broken", "this rule cannot be rendered");
	return s->why.id == NULL;
}

static struct branch *
grow(struct spl *s, struct tree *t, const struct rule *r, struct branch *parent, uint32_t index)
{
	struct branch *b = arena_get(s->arena, sizeof *b);
	const struct correlation *c = r->correlation;

	*b = (struct branch){ .rule = r, .parent = parent, .index = index };
	spl_take(s, r);
	if (c == NULL) {
		if (t->leaf_count == TREE_LEAVES)
			spl_refuse(s, r->at, "query-limit", "more than 500 searches");
		else
			t->leaves[t->leaf_count++] = b;
		return b;
	}
	b->number = ++t->correlation_count;
	b->kids = arena_get(s->arena, c->rule_count * sizeof(struct branch *));
	for (uint32_t i = 0; i < c->rule_count && s->why.id == NULL; i++)
		if (check_reference(s, r, &c->rules[i]) && branch_kid(b, i) == NULL)
			b->kids[b->n++] = grow(s, t, c->rules[i].rule, b, i);
	return b;
}

static bool
is_temporal(const struct branch *b)
{
	return b->rule->correlation != NULL &&
	    (b->rule->correlation->type == CORR_TEMPORAL ||
		b->rule->correlation->type == CORR_TEMPORAL_ORDERED);
}

static bool
any_temporal(const struct branch *b)
{
	bool any = is_temporal(b);

	for (uint32_t i = 0; i < b->n; i++)
		any = any || any_temporal(b->kids[i]);
	return any;
}

/* A branch's tag: the key of its rule, which gets a number if it is another's too. */
static void
name_tag(struct spl *s, struct map *seen, struct branch *b)
{
	struct slice key = rule_key(b->rule);
	struct buf tag = { 0 };
	bool fresh = false;

	spl_clean(&tag, key);
	map_add(seen, buf_view(&tag), &fresh);
	for (uint32_t i = 2; !fresh; i++) {
		buf_reset(&tag);
		spl_clean(&tag, key);
		buf_printf(&tag, " (%u)", i);
		map_add(seen, buf_view(&tag), &fresh);
	}
	b->tag = arena_slice(s->arena, buf_view(&tag));
	buf_free(&tag);
	for (uint32_t i = 0; i < b->n; i++)
		name_tag(s, seen, b->kids[i]);
}

/* Have all leaves below b the same name for a field?  It is left in name. */
static bool
same_name(struct spl *s, const struct tree *t, const struct branch *b, bool group, uint32_t i,
    struct slice *name)
{
	const struct correlation *c = b->rule->correlation;
	bool same = true, first = true;

	for (uint32_t k = 0; k < t->leaf_count; k++) {
		const struct branch *leaf = t->leaves[k];
		const struct field *f;

		if (!branch_above(b, leaf))
			continue;
		f = branch_field(b, leaf, group, i);
		s->rule = b->rule;
		if (f == NULL) {
			spl_refuse(s, c->rules[way_to(b, leaf)->index].at, "reference-field",
			    "this correlation does not group by a field that is asked of it");
			return false;
		}
		if (f->several)
			spl_refuse(s, group ? c->group_at[i] : c->condition_at, "field-several",
			    "a field that the pipeline has under several names");
		same = same && (first || slice_eq(f->mapped, *name));
		first = false;
		*name = f->mapped;
	}
	return same;
}

static void
name_fields(struct spl *s, struct tree *t, struct branch *b, uint32_t *number)
{
	const struct correlation *c = b->rule->correlation;

	if (c == NULL)
		return;
	b->keys = arena_get(s->arena, c->group_count * sizeof(struct slice));
	b->key_helps = arena_get(s->arena, c->group_count * sizeof(bool));
	for (uint32_t i = 0; i < c->group_count && spl_step(s, t->leaf_count); i++) {
		b->key_helps[i] = !same_name(s, t, b, true, i, &b->keys[i]) ||
		    (!spl_bare(b->keys[i]) &&
			!slice_eq(
			    b->keys[i], c->group_by[i]->mapped)); /* rename takes no quotes */
		if (b->key_helps[i])
			b->keys[i] = spl_helper(s, "sigma_group", ++*number);
	}
	for (uint32_t i = 0; i < c->value_count && spl_step(s, t->leaf_count); i++)
		b->value_helps = !same_name(s, t, b, false, i, &b->value) || b->value_helps;
	for (uint32_t i = 0; i < b->n && s->why.id == NULL; i++)
		name_fields(s, t, b->kids[i], number);
}

struct tree *
tree_build(struct spl *s, const struct rule *r)
{
	struct tree *t = arena_get(s->arena, sizeof *t);
	uint32_t number = 0;

	t->top = grow(s, t, r, NULL, 0);
	if (s->why.id != NULL)
		return NULL;
	t->tagged = any_temporal(t->top) || (t->correlation_count > 1 && t->leaf_count > 1);
	if (t->tagged) {
		struct map *seen = map_new();

		t->tag = spl_helper(s, "sigma_rule", 0);
		name_tag(s, seen, t->top);
		map_free(seen);
	}
	name_fields(s, t, t->top, &number);
	return s->why.id == NULL ? t : NULL;
}
