#include "sigma/clause.h"

#include <stdlib.h>

#include "base/mem.h"

struct clause *
clause_new(struct arena *a, enum clause_kind kind, struct slice text, struct expr *e)
{
	struct clause *c = arena_get(a, sizeof *c);

	c->kind = kind;
	c->text = text;
	c->expr = e;
	return c;
}

void
clauses_add(struct clauses *list, struct clause *c)
{
	if (list->n == list->cap) {
		list->cap = list->cap == 0 ? 8 : list->cap * 2;
		list->v = xrealloc(list->v, list->cap, sizeof(struct clause *));
	}
	list->v[list->n++] = c;
}

struct clause *
clauses_over(struct arena *a, enum clause_kind kind, struct slice text, enum expr_op op,
    struct clauses *list)
{
	struct operands o = { 0 };
	struct clause *c;

	for (size_t i = 0; i < list->n; i++)
		operands_add(&o, list->v[i]->expr);
	c = clause_new(a, kind, text, expr_join(a, op, &o));
	c->n = (uint32_t)list->n;
	c->kids = arena_get(a, list->n * sizeof(struct clause *));
	if (list->n > 0)
		memcpy(c->kids, list->v, list->n * sizeof(struct clause *));
	free(list->v);
	*list = (struct clauses){ 0 };
	return c;
}

struct clause *
clauses_join(struct arena *a, enum expr_op op, struct clauses *list)
{
	struct clause *only = list->n == 1 ? list->v[0] : NULL;

	if (only == NULL)
		return clauses_over(
		    a, op == EXPR_AND ? CLAUSE_AND : CLAUSE_OR, SLICE(""), op, list);
	free(list->v);
	*list = (struct clauses){ 0 };
	return only;
}
