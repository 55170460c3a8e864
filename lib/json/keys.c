#include "json/keys.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "json/scan.h"

void
keys_begin(struct keys *k)
{
	k->len = k->used = 0;
	k->oldest = k->serial + 1;
}

void
keys_free(struct keys *k)
{
	free(k->stack);
	free(k->slots);
	buf_free(&k->name);
	buf_free(&k->other);
}

/* Is the stacked key the name? */
static bool
is_name(struct keys *k, const struct key *key, struct slice name)
{
	return slice_eq(json_text(key->raw, key->escaped, &k->other), name);
}

/* The slot of an object's name: where it is, or is to go. */
static struct key_slot *
slot_of(struct keys *k, uint64_t object, uint64_t hash, struct slice name)
{
	size_t mask = k->slot_count - 1;
	size_t i = (size_t)(hash ^ object * 0x9e3779b97f4a7c15) & mask;

	for (;; i = (i + 1) & mask) {
		struct key_slot *slot = &k->slots[i];

		if (slot->object < k->oldest)
			return slot;
		if (slot->object == object && slot->hash == hash &&
		    is_name(k, &k->stack[slot->key], name))
			return slot;
	}
}

static void
grow_slots(struct keys *k)
{
	struct key_slot *old = k->slots;
	size_t count = k->slot_count;

	k->slot_count = count == 0 ? 256 : count * 2;
	k->slots = xzalloc(k->slot_count, sizeof *k->slots);
	for (size_t i = 0; i < count; i++) {
		size_t mask = k->slot_count - 1, at;

		if (old[i].object < k->oldest)
			continue;
		at = (size_t)(old[i].hash ^ old[i].object * 0x9e3779b97f4a7c15) & mask;
		while (k->slots[at].object != 0)
			at = (at + 1) & mask;
		k->slots[at] = old[i];
	}
	free(old);
}

/* Enter the name that is key i of the stack, or is to be.  Returns false if s has it. */
static bool
enter(struct keys *k, const struct key_scope *s, struct slice name, size_t i)
{
	uint64_t hash = map_hash(name);
	struct key_slot *slot;

	if (k->used >= k->slot_count / 2)
		grow_slots(k);
	slot = slot_of(k, s->serial, hash, name);
	if (slot->object == s->serial)
		return false;
	*slot = (struct key_slot){ s->serial, hash, i };
	k->used++;
	return true;
}

/* An object has come to more than a few names: they go to the table. */
static void
enter_all(struct keys *k, const struct key_scope *s)
{
	for (size_t i = s->first; i < k->len; i++)
		enter(k, s, json_text(k->stack[i].raw, k->stack[i].escaped, &k->name), i);
}

static bool
among_few(struct keys *k, const struct key_scope *s, struct slice name, uint32_t tag)
{
	for (size_t i = s->first; i < k->len; i++)
		if (k->stack[i].tag == tag && is_name(k, &k->stack[i], name))
			return true;
	return false;
}

bool
keys_add_slow(struct keys *k, struct key_scope *s, struct slice raw, bool escaped)
{
	struct slice name;
	uint32_t tag;

	if (k->len == k->cap) {
		k->cap = k->cap == 0 ? 64 : k->cap * 2;
		k->stack = xrealloc(k->stack, k->cap, sizeof *k->stack);
	}
	if (s->count == KEYS_FEW)
		enter_all(k, s);
	name = json_text(raw, escaped, &k->name);
	tag = keys_tag(name);
	if (s->count < KEYS_FEW ? among_few(k, s, name, tag) : !enter(k, s, name, k->len))
		return false;
	keys_push(k, s, raw, escaped, tag);
	return true;
}
