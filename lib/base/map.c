#include "base/map.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/mem.h"

struct key {
	uint64_t hash;
	char *p; /* owned */
	size_t len;
};

struct map {
	struct key *keys;
	uint32_t count, cap;
	uint32_t *slots; /* number + 1, 0 for an empty one; nslots is a power of two */
	size_t nslots;
};

static uint64_t
seed(void)
{
	static uint64_t value;
	uint64_t v = __atomic_load_n(&value, __ATOMIC_RELAXED);

	if (v == 0) {
		uint64_t fresh = 0x9e3779b97f4a7c15u, none = 0;

		(void)!getrandom(&fresh, sizeof fresh, GRND_NONBLOCK);
		fresh |= 1;
		/* The first thread to get here decides for all. */
		v = __atomic_compare_exchange_n(
			&value, &none, fresh, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)
		    ? fresh
		    : none;
	}
	return v;
}

static uint64_t
mix(uint64_t a, uint64_t b)
{
	__uint128_t m = (__uint128_t)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* After wyhash (Wang Yi, public domain): 64x64 multiplies folded, keyed by the seed. */
uint64_t
map_hash(struct slice s)
{
	uint64_t k = seed(), h = k ^ s.len * 0xa0761d6478bd642fu, a = 0, b = 0;
	size_t n = s.len;
	const char *p = s.p;

	for (; n > 16; n -= 16, p += 16) {
		memcpy(&a, p, 8);
		memcpy(&b, p + 8, 8);
		h = mix(a ^ 0xe7037ed1a0b428dbu ^ k, b ^ h);
	}
	a = b = 0;
	if (n >= 8) {
		memcpy(&a, p, 8);
		memcpy(&b, p + n - 8, 8);
	} else if (n >= 4) {
		memcpy(&a, p, 4);
		memcpy(&b, p + n - 4, 4);
	} else if (n > 0) {
		a = (unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << 8 |
		    (uint64_t)(unsigned char)p[n - 1] << 16;
	}
	return mix(mix(a ^ 0x8ebc6af09c88c6e3u ^ k, b ^ h), 0x589965cc75374cc3u ^ k);
}

struct map *
map_new(void)
{
	struct map *m = xzalloc(1, sizeof *m);

	m->nslots = 16;
	m->slots = xzalloc(m->nslots, sizeof *m->slots);
	return m;
}

/* The slot that holds key, or the empty one where it belongs. */
static size_t
probe(const struct map *m, uint64_t hash, struct slice key)
{
	size_t at = hash & (m->nslots - 1);

	for (; m->slots[at] != 0; at = (at + 1) & (m->nslots - 1)) {
		const struct key *k = &m->keys[m->slots[at] - 1];

		if (k->hash == hash && slice_eq((struct slice){ k->p, k->len }, key))
			break;
	}
	return at;
}

uint32_t
map_find(const struct map *m, struct slice key)
{
	uint32_t number = m->slots[probe(m, map_hash(key), key)];

	return number == 0 ? MAP_NONE : number - 1;
}

static void
rehash(struct map *m)
{
	free(m->slots);
	m->nslots *= 2;
	m->slots = xzalloc(m->nslots, sizeof *m->slots);
	for (uint32_t i = 0; i < m->count; i++) {
		const struct key *k = &m->keys[i];

		m->slots[probe(m, k->hash, (struct slice){ k->p, k->len })] = i + 1;
	}
}

uint32_t
map_add(struct map *m, struct slice key, bool *added)
{
	uint64_t hash = map_hash(key);
	size_t at = probe(m, hash, key);

	if (added != NULL)
		*added = m->slots[at] == 0;
	if (m->slots[at] != 0)
		return m->slots[at] - 1;
	if (m->count == m->cap) {
		m->cap = m->cap == 0 ? 16 : m->cap * 2;
		m->keys = xrealloc(m->keys, m->cap, sizeof *m->keys);
	}
	m->keys[m->count] = (struct key){ hash, xstrndup(key.p, key.len), key.len };
	m->slots[at] = ++m->count;
	if (m->count > m->nslots / 2)
		rehash(m);
	return m->count - 1;
}

struct slice
map_key(const struct map *m, uint32_t i)
{
	return (struct slice){ m->keys[i].p, m->keys[i].len };
}

uint32_t
map_count(const struct map *m)
{
	return m->count;
}

void
map_clear(struct map *m)
{
	for (uint32_t i = 0; i < m->count; i++)
		free(m->keys[i].p);
	m->count = 0;
	memset(m->slots, 0, m->nslots * sizeof *m->slots);
}

void
map_free(struct map *m)
{
	if (m == NULL)
		return;
	map_clear(m);
	free(m->keys);
	free(m->slots);
	free(m);
}
