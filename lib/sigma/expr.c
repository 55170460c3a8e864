#include "sigma/expr.h"

#include <stdlib.h>

#include "base/mem.h"

void
operands_add(struct operands *o, struct expr *e)
{
	if (o->n == o->cap) {
		o->cap = o->cap == 0 ? 8 : o->cap * 2;
		o->v = xrealloc(o->v, o->cap, sizeof(struct expr *));
	}
	o->v[o->n++] = e;
}

static struct expr *
new_expr(struct arena *a, enum expr_op op)
{
	struct expr *e = arena_get(a, sizeof *e);

	e->op = op;
	return e;
}

struct expr *
expr_known(struct arena *a, bool yes)
{
	return new_expr(a, yes ? EXPR_TRUE : EXPR_FALSE);
}

struct expr *
expr_term(struct arena *a, const struct term *t)
{
	struct expr *e = new_expr(a, EXPR_TERM);

	e->term = arena_get(a, sizeof *t);
	*e->term = *t;
	return e;
}

struct expr *
expr_not(struct arena *a, struct expr *kid)
{
	struct expr *e;

	if (kid->op <= EXPR_TRUE)
		return expr_known(a, kid->op == EXPR_FALSE);
	e = new_expr(a, EXPR_NOT);
	e->n = 1;
	e->kids = arena_get(a, sizeof(struct expr *));
	e->kids[0] = kid;
	return e;
}

struct expr *
expr_join(struct arena *a, enum expr_op op, struct operands *o)
{
	enum expr_op neutral = op == EXPR_AND ? EXPR_TRUE : EXPR_FALSE;
	enum expr_op decides = op == EXPR_AND ? EXPR_FALSE : EXPR_TRUE;
	struct expr *e = NULL;
	size_t n = 0;

	for (size_t i = 0; i < o->n; i++) {
		if (o->v[i]->op == decides)
			e = o->v[i];
		else if (o->v[i]->op != neutral)
			o->v[n++] = o->v[i];
	}
	if (e == NULL && n == 0)
		e = expr_known(a, neutral == EXPR_TRUE);
	else if (e == NULL && n == 1)
		e = o->v[0];
	if (e == NULL) {
		e = new_expr(a, op);
		e->n = (uint32_t)n;
		e->kids = arena_get(a, n * sizeof(struct expr *));
		memcpy(e->kids, o->v, n * sizeof(struct expr *));
	}
	free(o->v);
	*o = (struct operands){ 0 };
	return e;
}

enum { VACUOUS_KIDS = 100 };

static bool
has_opposite(const struct expr *e, const struct expr *kid)
{
	for (uint32_t i = 0; i < e->n; i++)
		if (e->kids[i]->op == EXPR_NOT && e->kids[i]->kids[0] == kid)
			return true;
	return false;
}

bool
expr_vacuous(const struct expr *e, bool *yes)
{
	uint32_t neutral = 0;

	if (e->op == EXPR_TERM || e->n > VACUOUS_KIDS)
		return false;
	if (e->op <= EXPR_TRUE) {
		*yes = e->op == EXPR_TRUE;
		return true;
	}
	if (e->op == EXPR_NOT) {
		if (!expr_vacuous(e->kids[0], yes))
			return false;
		*yes = !*yes;
		return true;
	}
	for (uint32_t i = 0; i < e->n; i++) {
		bool known = expr_vacuous(e->kids[i], yes);

		if (has_opposite(e, e->kids[i]) || (known && *yes == (e->op == EXPR_OR))) {
			*yes = e->op == EXPR_OR;
			return true;
		}
		neutral += known;
	}
	*yes = e->op == EXPR_AND;
	return neutral == e->n;
}

bool
expr_negates(const struct expr *e)
{
	bool any = e != NULL && e->op == EXPR_NOT;

	for (uint32_t i = 0; e != NULL && i < e->n && !any; i++)
		any = expr_negates(e->kids[i]);
	return any;
}

struct expr *
expr_copy(struct arena *a, const struct expr *e, const struct field *from, struct field *to)
{
	struct expr *copy = arena_get(a, sizeof *copy);

	*copy = *e;
	copy->judged = false;
	if (e->op == EXPR_TERM) {
		copy->term = arena_get(a, sizeof *copy->term);
		*copy->term = *e->term;
		if (copy->term->field == from)
			copy->term->field = to;
		if (copy->term->other == from)
			copy->term->other = to;
	}
	if (e->n > 0)
		copy->kids = arena_get(a, e->n * sizeof(struct expr *));
	for (uint32_t i = 0; i < e->n; i++)
		copy->kids[i] = expr_copy(a, e->kids[i], from, to);
	return copy;
}
