/*
 * habit - what stood between the values of the last line's object.  Part of the scanner, and of it alone.
 *
 * Who writes JSON lines writes the same names in the same order with the same blanks.  So all that
 * is between two values of an outermost object, comma, name and colon, is remembered and compared
 * whole: a member that is where it was needs no look at its bytes, and, so long as all before it were
 * too, none at the names before it, which differ among themselves.  The first that is otherwise ends
 * that for this object (its names so far are then entered as usual), and is learnt for the next.
 */
#ifndef JSON_HABIT_H
#define JSON_HABIT_H

#include "json/keys.h"
#include "json/scan.h"
#include "json/span.h"

enum { HABIT_TEXT = 2 * SPAN, HABIT_MEMBERS = KEYS_FEW };

struct habit_member {
	char text[HABIT_TEXT];
	uint64_t want;               /* bit i: byte i is part of it */
	uint8_t len, name, name_len; /* of text; where its name begins, and how long that is */
};

struct habit {
	struct habit_member members[HABIT_MEMBERS]; /* their names all differ */
	unsigned known;                             /* how many there are */
	unsigned at;                                /* the present object's next */
	enum { HABIT_OFF, HABIT_KEPT, HABIT_LEARN } mode;
};

/* An outermost object begins. */
static inline void
habit_begin(struct habit *h)
{
	h->at = 0;
	h->mode = HABIT_KEPT;
}

#ifdef __SSE2__
/* Bit i: byte i of 16 is equal. */
static inline uint64_t
habit_equal_16(const char *a, const char *b)
{
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)a);
	__m128i y = _mm_loadu_si128((const __m128i *)(const void *)b);

	return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, y));
}
#endif

static inline bool
habit_equal(const struct habit_member *m, const char *p, bool portable)
{
#ifdef __SSE2__
	if (LIKELY(!portable)) {
		uint64_t equal =
		    habit_equal_16(m->text, p) | habit_equal_16(m->text + 16, p + 16) << 16;

		if (m->len > SPAN)
			equal |= habit_equal_16(m->text + 32, p + 32) << 32 |
			    habit_equal_16(m->text + 48, p + 48) << 48;
		return (m->want & ~equal) == 0;
	}
#else
	(void)portable;
#endif
	return memcmp(m->text, p, m->len) == 0;
}

/*
 * habit_next(h, p, end, t, portable):
 * If the next member is as it was, from p, put its name into t and return where its value begins.
 * Else NULL: see habit_leave.  HABIT_TEXT bytes at p are readable.
 */
static inline const char *
habit_next(struct habit *h, const char *p, const char *end, struct json_token *t, bool portable)
{
	const struct habit_member *m = &h->members[h->at];

	if (UNLIKELY(h->at >= h->known || end - p <= m->len || !habit_equal(m, p, portable)))
		return NULL;
	t->key.p = p + m->name;
	t->key.len = m->name_len;
	h->at++;
	return p + m->len;
}

/* A member is otherwise: enter the names before it, and learn from it on. */
static __attribute__((noinline, unused)) void
habit_leave(struct habit *h, struct keys *k, struct key_scope *s)
{
	for (unsigned i = 0; i < h->at; i++) {
		const struct habit_member *m = &h->members[i];

		keys_add(k, s, (struct slice){ m->text + m->name, m->name_len }, false);
	}
	h->known = h->at;
	h->mode = HABIT_LEARN;
}

/* Learn the member that stands from p to its value, its name being new to the object. */
static __attribute__((noinline, unused)) void
habit_learn(struct habit *h, const char *p, const char *value, const struct json_token *t)
{
	struct habit_member *m = &h->members[h->known];
	size_t len = (size_t)(value - p);

	if (h->known == HABIT_MEMBERS || len > HABIT_TEXT || t->key_escaped) {
		h->mode = HABIT_OFF;
		return;
	}
	memcpy(m->text, p, len);
	m->want = UINT64_MAX >> (HABIT_TEXT - len);
	m->len = (uint8_t)len;
	m->name = (uint8_t)(t->key.p - p);
	m->name_len = (uint8_t)t->key.len;
	h->known++;
}

#endif
