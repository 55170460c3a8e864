/*
 * keys - the member names of the objects that are open, to notice one given twice.
 *
 * Names live on one stack, an object's on top of its parents'.  The first KEYS_FEW of an object are
 * told apart by a filter of 256 bits, and by looking at each where it cannot; an object with more
 * has them in one hash table, whose seeded hash hostile names cannot be made to collide in.  Memory
 * is kept from text to text and bounded by the largest.
 */
#ifndef JSON_KEYS_H
#define JSON_KEYS_H

#include <stdint.h>

#include "base/buf.h"

enum { KEYS_FEW = 32 };

struct key {
	struct slice raw; /* in the text, escapes as given */
	uint32_t tag;     /* of the unescaped name: see keys_tag */
	bool escaped;
};

struct key_slot {
	uint64_t object; /* its serial; free if it is not of this text */
	uint64_t hash;
	size_t key; /* index on the stack */
};

struct keys {
	struct key *stack;
	size_t len, cap;
	struct key_slot *slots; /* a power of two of them, or none */
	size_t slot_count, used;
	uint64_t serial; /* of the object opened last, over all texts */
	uint64_t oldest; /* of this text */
	struct buf name, other;
};

/* An open object. */
struct key_scope {
	uint64_t seen[4];
	uint64_t serial;
	size_t first; /* its names on the stack begin here */
	size_t count;
};

/* Forget everything: a new text begins. */
void keys_begin(struct keys *k);
void keys_free(struct keys *k);

/* The part of keys_add that is seldom needed. */
bool keys_add_slow(struct keys *k, struct key_scope *s, struct slice raw, bool escaped);

static inline void
keys_open(struct keys *k, struct key_scope *s)
{
	*s = (struct key_scope){ .serial = ++k->serial, .first = k->len };
}

static inline void
keys_close(struct keys *k, const struct key_scope *s)
{
	k->len = s->first;
}

static inline uint64_t
keys_load(const char *p, size_t len)
{
	uint64_t v = 0;

	memcpy(&v, p, len);
	return v;
}

/* A cheap mix of a name's length and of its first and last 8 bytes. */
static inline uint32_t
keys_tag(struct slice name)
{
	const char *p = name.p;
	size_t n = name.len;
	uint64_t a = 0, b = 0;

	if (n >= 8) {
		a = keys_load(p, 8);
		b = keys_load(p + n - 8, 8);
	} else if (n >= 4) {
		a = keys_load(p, 4);
		b = keys_load(p + n - 4, 4);
	} else if (n > 0) {
		a = (unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << 8;
		b = (unsigned char)p[n - 1];
	}
	a = (a ^ n) * 0x9e3779b97f4a7c15;
	b = (b ^ a >> 29) * 0xbf58476d1ce4e5b9;
	return (uint32_t)((a ^ b) >> 32);
}

/* Field by field: a key copied whole would be loaded before the stores that make it are done. */
static inline void
keys_push(struct keys *k, struct key_scope *s, struct slice raw, bool escaped, uint32_t tag)
{
	struct key *key = &k->stack[k->len++];

	key->raw.p = raw.p;
	key->raw.len = raw.len;
	key->tag = tag;
	key->escaped = escaped;
	s->seen[tag >> 30] |= UINT64_C(1) << (tag >> 24 & 63);
	s->count++;
}

/*
 * keys_add(k, s, raw, escaped):
 * Add a name to the innermost open object s.  Returns false if it has it already.
 */
static inline bool
keys_add(struct keys *k, struct key_scope *s, struct slice raw, bool escaped)
{
	if (!escaped && s->count < KEYS_FEW && k->len < k->cap) {
		uint32_t tag = keys_tag(raw);

		if ((s->seen[tag >> 30] >> (tag >> 24 & 63) & 1) == 0) {
			keys_push(k, s, raw, false, tag);
			return true;
		}
	}
	return keys_add_slow(k, s, raw, escaped);
}

#endif
