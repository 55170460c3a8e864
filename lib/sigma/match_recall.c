/* What the index says of values that come again and again. */
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/match_inner.h"

enum { RECALL_SLOTS = 1024, RECALL_TEXT = 56, RECALL_TESTS = 8 };

/* A value as it was written, and the tests that the index finds of it. */
struct recalled {
	uint32_t field;
	uint8_t kind, escaped, len, n;
	bool used;
	char text[RECALL_TEXT];
	uint32_t tests[RECALL_TESTS];
};

struct recall {
	struct recalled slots[RECALL_SLOTS];
};

struct recall *
recall_new(void)
{
	return xzalloc(1, sizeof(struct recall));
}

void
recall_free(struct recall *r)
{
	free(r);
}

static struct recalled *
slot_of(struct recall *r, const struct match_value *v)
{
	uint64_t hash = map_hash(v->raw) + v->field * UINT64_C(0x9e3779b97f4a7c15);

	return &r->slots[hash & (RECALL_SLOTS - 1)];
}

const uint32_t *
recall_get(struct recall *r, const struct match_value *v, uint32_t *n)
{
	const struct recalled *s;

	if (v->raw.len > RECALL_TEXT)
		return NULL;
	s = slot_of(r, v);
	if (!s->used || s->field != v->field || s->len != v->raw.len || s->kind != v->kind ||
	    s->escaped != v->escaped || memcmp(s->text, v->raw.p, s->len) != 0)
		return NULL;
	*n = s->n;
	return s->tests;
}

void
recall_put(struct recall *r, const struct match_value *v, const uint32_t *tests, uint32_t n)
{
	struct recalled *s;

	if (v->raw.len > RECALL_TEXT || n > RECALL_TESTS)
		return;
	s = slot_of(r, v);
	s->used = true;
	s->field = v->field;
	s->kind = (uint8_t)v->kind;
	s->escaped = v->escaped;
	s->len = (uint8_t)v->raw.len;
	s->n = (uint8_t)n;
	memcpy(s->text, v->raw.p, s->len);
	memcpy(s->tests, tests, n * sizeof *tests);
}
