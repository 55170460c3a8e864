/* Rules into branches and tests. */
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/match_inner.h"

struct matcher *
matcher_new(bool zoned)
{
	struct matcher *m = xzalloc(1, sizeof *m);

	m->zoned = zoned;
	m->field_names = map_new();
	m->prefixes = map_new();
	m->test_keys = map_new();
	m->branch_keys = map_new();
	map_add(m->prefixes, SLICE(""), NULL); /* 0: the event itself */
	m->longs = prefilter_new(LONG_LITERAL);
	m->shorts = prefilter_new(SHORT_LITERAL);
	return m;
}

uint32_t
matcher_field(struct matcher *m, struct slice name)
{
	bool added;
	uint32_t i = map_add(m->field_names, name, &added);

	if (!added)
		return i;
	GROW(m->fields, m->field_count, m->field_cap);
	m->fields[m->field_count] = (struct match_field){ .name = map_key(m->field_names, i) };
	return m->field_count++;
}

/* Expressions that have been compiled, by their address: identifiers are shared. */
struct compiled {
	const struct expr *e;
	uint32_t branch;
};

struct compiler {
	struct matcher *m;
	struct finding *why;
	struct compiled *slots; /* a power of two of them */
	size_t count, used;
};

static struct compiled *
find_slot(struct compiled *slots, size_t count, const struct expr *e)
{
	size_t at = ((uintptr_t)e >> 4) * 0x9e3779b97f4a7c15u >> 20;

	while (slots[at & (count - 1)].e != NULL && slots[at & (count - 1)].e != e)
		at++;
	return &slots[at & (count - 1)];
}

static struct compiled *
slot_of(struct compiler *c, const struct expr *e)
{
	if (c->used * 2 >= c->count) {
		size_t count = c->count == 0 ? 64 : c->count * 2;
		struct compiled *slots = xzalloc(count, sizeof *slots);

		for (size_t i = 0; i < c->count; i++)
			if (c->slots[i].e != NULL)
				*find_slot(slots, count, c->slots[i].e) = c->slots[i];
		free(c->slots);
		c->slots = slots;
		c->count = count;
	}
	return find_slot(c->slots, c->count, e);
}

/* The branch with these kids; equal ones are one. */
static uint32_t
add_branch(struct matcher *m, struct branch b, const uint32_t *kids)
{
	struct buf key = { 0 };
	uint32_t number;
	bool added;

	buf_add(&key, &b.op, sizeof b.op);
	buf_add(&key, &b.test, sizeof b.test);
	buf_add(&key, kids, b.n * sizeof *kids);
	number = map_add(m->branch_keys, buf_view(&key), &added);
	buf_free(&key);
	if (!added) {
		m->branches[number].shared = true;
		return number;
	}
	b.first = (uint32_t)m->kid_count;
	for (uint32_t i = 0; i < b.n; i++) {
		GROW(m->kids, m->kid_count, m->kid_cap);
		m->kids[m->kid_count++] = kids[i];
	}
	GROW(m->branches, m->branch_count, m->branch_cap);
	m->branches[m->branch_count] = b;
	return m->branch_count++;
}

/* MATCH_NONE if a term cannot run.  Conditions nest at most some 70 deep (sigma/condition.h). */
static uint32_t
compile(struct compiler *c, const struct expr *e)
{
	struct matcher *m = c->m;
	struct compiled *known = slot_of(c, e);
	struct branch b = { .op = e->op, .n = e->n, .test = MATCH_NONE, .cost = -1 };
	uint32_t *kids, number;

	if (known->e != NULL) {
		m->branches[known->branch].shared = true;
		return known->branch;
	}
	if (e->op == EXPR_TERM && (b.test = test_add(m, e->term, c->why)) == MATCH_NONE)
		return MATCH_NONE;
	kids = xzalloc(e->n, sizeof *kids);
	for (uint32_t i = 0; i < e->n; i++)
		if ((kids[i] = compile(c, e->kids[i])) == MATCH_NONE) {
			free(kids);
			return MATCH_NONE;
		}
	number = add_branch(m, b, kids);
	free(kids);
	known = slot_of(c, e);
	*known = (struct compiled){ e, number };
	c->used++;
	return number;
}

uint32_t
matcher_expr(struct matcher *m, const struct expr *e, struct finding *why)
{
	struct compiler c = { .m = m, .why = why };
	uint32_t root = compile(&c, e);

	free(c.slots);
	return root;
}

uint32_t
matcher_add(struct matcher *m, const struct rule *r, struct finding *why)
{
	uint32_t root = matcher_expr(m, r->query, why);

	if (root == MATCH_NONE)
		return MATCH_NONE;
	GROW(m->rules, m->rule_count, m->rule_cap);
	m->rules[m->rule_count] = (struct match_rule){ r, root, MATCH_NONE };
	return m->rule_count++;
}

void
matcher_ready(struct matcher *m)
{
	for (uint32_t i = 0; i < m->field_count; i++)
		paths_add(m, i);
	index_make(m);
	prefilter_ready(m->longs);
	prefilter_ready(m->shorts);
	map_free(m->test_keys);
	map_free(m->branch_keys);
	m->test_keys = m->branch_keys = NULL;
	m->ready = true;
}

uint32_t
matcher_count(const struct matcher *m)
{
	return m->rule_count;
}

void
matcher_free(struct matcher *m)
{
	if (m == NULL)
		return;
	for (uint32_t i = 0; i < m->test_count; i++) {
		match_regex_free(m->tests[i].regex);
		if (m->waiting == NULL)
			continue;
		free(m->waiting[i].rules.v);
		free(m->waiting[i].ors.v);
	}
	for (uint32_t i = 0; i < m->field_count; i++) {
		free(m->fields[i].rules.v);
		free(m->fields[i].any.v);
	}
	map_free(m->field_names);
	map_free(m->prefixes);
	map_free(m->test_keys);
	map_free(m->branch_keys);
	prefilter_free(m->longs);
	prefilter_free(m->shorts);
	free(m->waiting);
	free(m->fields);
	free(m->tests);
	free(m->branches);
	free(m->kids);
	free(m->rules);
	free(m->always);
	free(m->paths);
	free(m->exacts);
	arena_free(&m->arena);
	free(m);
}
