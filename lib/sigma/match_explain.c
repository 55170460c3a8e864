/* Why a rule holds: every part's own answer, nothing cut short. */
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/match_inner.h"
#include "json/write.h"

struct explain {
	const struct clause *clause;
	uint32_t branch, n;
	struct explain *kids;
};

static bool
fill(struct matcher *m, struct explain *e, const struct clause *c)
{
	struct finding why;

	e->clause = c;
	e->branch = matcher_expr(m, c->expr, &why);
	e->n = c->n;
	e->kids = xzalloc(c->n, sizeof *e->kids);
	for (uint32_t i = 0; i < c->n; i++)
		if (!fill(m, &e->kids[i], c->kids[i]))
			return false;
	return e->branch != MATCH_NONE;
}

static void
empty(struct explain *e)
{
	for (uint32_t i = 0; i < e->n; i++)
		empty(&e->kids[i]);
	free(e->kids);
}

struct explain *
explain_new(struct matcher *m, const struct clause *c)
{
	struct explain *e = xzalloc(1, sizeof *e);

	if (fill(m, e, c))
		return e;
	explain_free(e);
	return NULL;
}

void
explain_free(struct explain *e)
{
	if (e == NULL)
		return;
	empty(e);
	free(e);
}

static const char *const members[] = {
	[CLAUSE_AND] = "op",
	[CLAUSE_OR] = "op",
	[CLAUSE_NOT] = "op",
	[CLAUSE_SELECT] = "op",
	[CLAUSE_ID] = "id",
	[CLAUSE_FIELD] = "field",
	[CLAUSE_KEYWORD] = "keyword",
	[CLAUSE_FILTER] = "filter",
};

static struct slice
name_of(const struct clause *c)
{
	switch (c->kind) {
	case CLAUSE_AND: return SLICE("and");
	case CLAUSE_OR: return SLICE("or");
	case CLAUSE_NOT: return SLICE("not");
	default: return c->text;
	}
}

void
explain_put(struct buf *b, struct match *x, const struct explain *e)
{
	static const char *const held[] = { "false", "true", "null" };

	buf_printf(b, "{\"%s\": ", members[e->clause->kind]);
	json_put_string(b, name_of(e->clause), JSON_UTF8);
	buf_printf(b, ", \"held\": %s, \"of\": [", held[match_eval(x, e->branch)]);
	for (uint32_t i = 0; i < e->n; i++) {
		if (i > 0)
			buf_str(b, ", ");
		explain_put(b, x, &e->kids[i]);
	}
	buf_str(b, "]}");
}

static uint32_t
mark(struct match *x, const struct explain *e, unsigned char *marks)
{
	enum held held = match_eval(x, e->branch);
	uint32_t n = 1;

	*marks |= held == HELD_YES ? 1 : held == HELD_NO ? 2 : 0;
	for (uint32_t i = 0; i < e->n; i++)
		n += mark(x, &e->kids[i], marks + n);
	return n;
}

void
explain_mark(struct match *x, const struct explain *e, unsigned char *marks)
{
	mark(x, e, marks);
}

uint32_t
explain_parts(const struct explain *e)
{
	uint32_t n = 1;

	for (uint32_t i = 0; i < e->n; i++)
		n += explain_parts(&e->kids[i]);
	return n;
}

const struct clause *
explain_part(const struct explain *e, uint32_t i)
{
	if (i == 0)
		return e->clause;
	i--;
	for (uint32_t k = 0; k < e->n; k++) {
		uint32_t n = explain_parts(&e->kids[k]);

		if (i < n)
			return explain_part(&e->kids[k], i);
		i -= n;
	}
	return NULL;
}
