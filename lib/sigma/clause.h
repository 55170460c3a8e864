/*
 * clause - the parts of a rule as they were written, put together.
 */
#ifndef SIGMA_CLAUSE_H
#define SIGMA_CLAUSE_H

#include "sigma/expr.h"

/* A growing list of clauses, on its way to being one. */
struct clauses {
	struct clause **v;
	size_t n, cap;
};

struct clause *clause_new(
    struct arena *a, enum clause_kind kind, struct slice text, struct expr *e);

void clauses_add(struct clauses *list, struct clause *c);

/* A clause of the kind over all in the list, which is freed; op joins what decides them. */
struct clause *clauses_over(struct arena *a, enum clause_kind kind, struct slice text,
    enum expr_op op, struct clauses *list);

/* All in the list joined, a single one being itself. Frees the list. */
struct clause *clauses_join(struct arena *a, enum expr_op op, struct clauses *list);

#endif
