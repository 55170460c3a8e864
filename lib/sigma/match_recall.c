/* What the index says of values that come again and again. */
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/match_inner.h"

enum { RECALL_SLOTS = 1024, RECALL_TEXT = 56, RECALL_TESTS = 8, NOTHING = 255 };

/* A value as it was written, in one cache line, and the tests that the index finds of it. */
struct recalled {
	_Alignas(64) uint64_t text[RECALL_TEXT / 8]; /* zeros behind it */
	uint32_t field;
	uint8_t kind, escaped, len, n; /* kind NOTHING: the slot is free */
	uint32_t tests[RECALL_TESTS];
};

struct recall {
	struct recalled slots[RECALL_SLOTS];
};

struct recall *
recall_new(void)
{
	void *p;
	struct recall *r;

	if (posix_memalign(&p, _Alignof(struct recall), sizeof *r) != 0)
		p = xzalloc(1, SIZE_MAX); /* which ends the process */
	r = memset(p, 0, sizeof *r);
	for (size_t i = 0; i < RECALL_SLOTS; i++)
		r->slots[i].kind = NOTHING;
	return r;
}

void
recall_free(struct recall *r)
{
	free(r);
}

/* The value's i-th word: what of it is behind the text, which the reader's padding is, is 0. */
static inline uint64_t
word(const struct match_value *v, size_t i)
{
	uint64_t w;
	size_t left = v->raw.len - i * 8;

	memcpy(&w, v->raw.p + i * 8, sizeof w);
	return left < 8 ? w & (UINT64_MAX >> (64 - 8 * left)) : w;
}

/* Of the field, the length and the first and last bytes: who makes values meet here gains nothing. */
static inline struct recalled *
slot_of(struct recall *r, const struct match_value *v)
{
	uint64_t hash = v->raw.len + (uint64_t)v->field * 64;

	if (v->raw.len > 0) {
		hash = (hash ^ word(v, 0)) * UINT64_C(0x9e3779b97f4a7c15);
		hash = (hash ^ hash >> 29 ^ word(v, (v->raw.len - 1) / 8)) *
		    UINT64_C(0xbf58476d1ce4e5b9);
	}
	return &r->slots[hash >> 32 & (RECALL_SLOTS - 1)];
}

const uint32_t *
recall_get(struct recall *r, const struct match_value *v, uint32_t *n)
{
	const struct recalled *s;

	if (v->raw.len > RECALL_TEXT)
		return NULL;
	s = slot_of(r, v);
	if (s->field != v->field || s->len != v->raw.len || s->kind != v->kind ||
	    s->escaped != v->escaped)
		return NULL;
	for (size_t i = 0; i * 8 < s->len; i++)
		if (s->text[i] != word(v, i))
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
	s->field = v->field;
	s->kind = (uint8_t)v->kind;
	s->escaped = v->escaped;
	s->len = (uint8_t)v->raw.len;
	s->n = (uint8_t)n;
	for (size_t i = 0; i * 8 < s->len; i++)
		s->text[i] = word(v, i);
	memcpy(s->tests, tests, n * sizeof *tests);
}
