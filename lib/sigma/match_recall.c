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
	struct recall *r = xmalloc_aligned(_Alignof(struct recall), sizeof *r);

	memset(r, 0, sizeof *r);
	for (size_t i = 0; i < RECALL_SLOTS; i++)
		r->slots[i].kind = NOTHING;
	return r;
}

void
recall_free(struct recall *r)
{
	free(r);
}

/* Its last word, at most 8 bytes: what is behind the text, which the reader's padding is, is 0. */
static inline uint64_t
last_word(const struct match_value *v)
{
	size_t at = (v->raw.len - 1) / 8 * 8;
	uint64_t w;

	memcpy(&w, v->raw.p + at, sizeof w);
	return w & UINT64_MAX >> (64 - 8 * (v->raw.len - at));
}

/* Of the field, the length and the first and last bytes: who makes values meet here gains nothing. */
static inline struct recalled *
slot_of(struct recall *r, const struct match_value *v, uint64_t last)
{
	uint64_t hash = v->raw.len + (uint64_t)v->field * 64, first = last;

	if (v->raw.len > sizeof first)
		memcpy(&first, v->raw.p, sizeof first);
	hash = (hash ^ first) * UINT64_C(0x9e3779b97f4a7c15);
	hash = (hash ^ hash >> 29 ^ last) * UINT64_C(0xbf58476d1ce4e5b9);
	return &r->slots[hash >> 32 & (RECALL_SLOTS - 1)];
}

const uint32_t *
recall_get(struct recall *r, const struct match_value *v, uint32_t *n)
{
	const struct recalled *s;
	uint64_t last = v->raw.len == 0 ? 0 : last_word(v), w;
	size_t i = 0;

	if (v->raw.len > RECALL_TEXT)
		return NULL;
	s = slot_of(r, v, last);
	if (s->field != v->field || s->len != v->raw.len || s->kind != v->kind ||
	    s->escaped != v->escaped)
		return NULL;
	for (; i * 8 + 8 < s->len; i++) {
		memcpy(&w, v->raw.p + i * 8, sizeof w);
		if (s->text[i] != w)
			return NULL;
	}
	if (s->text[i] != last)
		return NULL;
	*n = s->n;
	return s->tests;
}

void
recall_put(struct recall *r, const struct match_value *v, const uint32_t *tests, uint32_t n)
{
	struct recalled *s;
	uint64_t last = v->raw.len == 0 ? 0 : last_word(v);

	if (v->raw.len > RECALL_TEXT || n > RECALL_TESTS)
		return;
	s = slot_of(r, v, last);
	s->field = v->field;
	s->kind = (uint8_t)v->kind;
	s->escaped = v->escaped;
	s->len = (uint8_t)v->raw.len;
	s->n = (uint8_t)n;
	memset(s->text, 0, sizeof s->text);
	memcpy(s->text, v->raw.p, v->raw.len);
	memcpy(s->tests, tests, n * sizeof *tests);
}
