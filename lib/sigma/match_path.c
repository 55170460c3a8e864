/* Where fields are in an event: what a member's name means, at the end of a path. */
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/match_inner.h"

static struct path *
slot_of(struct path *paths, uint32_t slots, uint32_t prefix, struct slice name, uint64_t hash)
{
	uint32_t at = (uint32_t)hash;

	for (;; at++) {
		struct path *p = &paths[at & (slots - 1)];

		if (!p->used ||
		    (p->hash == hash && p->prefix == prefix && slice_eq(p->name, name)))
			return p;
	}
}

static void
grow(struct matcher *m)
{
	uint32_t slots = m->path_slots == 0 ? 64 : m->path_slots * 2;
	struct path *paths = xzalloc(slots, sizeof *paths);

	for (uint32_t i = 0; i < m->path_slots; i++) {
		const struct path *p = &m->paths[i];

		if (p->used)
			*slot_of(paths, slots, p->prefix, p->name, p->hash) = *p;
	}
	free(m->paths);
	m->paths = paths;
	m->path_slots = slots;
}

static struct path *
get(struct matcher *m, uint32_t prefix, struct slice name)
{
	uint64_t hash = path_hash(prefix, name);
	struct path *p;

	if (m->path_count * 2 >= m->path_slots)
		grow(m);
	p = slot_of(m->paths, m->path_slots, prefix, name, hash);
	if (!p->used) {
		*p = (struct path){ .used = true,
			.prefix = prefix,
			.field = MATCH_NONE,
			.child = MATCH_NONE,
			.hash = hash,
			.name = arena_slice(&m->arena, name) };
		m->path_count++;
	}
	return p;
}

enum { PARTS_MAX = JSON_DEPTH }; /* of a field's name: an event nests no deeper */

/*
 * In the object that the first parts of a name lead to, the rest of it is the field, and the next
 * part leads on.
 */
void
paths_add(struct matcher *m, uint32_t field)
{
	struct slice rest = m->fields[field].name, whole = rest, part;
	uint32_t prefix = 0;

	for (unsigned i = 0; i < PARTS_MAX; i++) {
		struct path *p = get(m, prefix, rest);
		bool more;

		p->field = field;
		p->dotted = memchr(rest.p, '.', rest.len) != NULL;
		more = slice_cut(&rest, '.', &part);
		if (!more)
			break;
		p = get(m, prefix, part);
		if (p->child == MATCH_NONE)
			p->child = map_add(m->prefixes,
			    (struct slice){ whole.p, (size_t)(rest.p - whole.p) }, NULL);
		prefix = p->child;
	}
}

const struct path *
paths_find(const struct matcher *m, uint32_t prefix, struct slice name)
{
	const struct path *p;

	if (m->path_slots == 0)
		return NULL;
	p = slot_of(m->paths, m->path_slots, prefix, name, path_hash(prefix, name));
	return p->used ? p : NULL;
}
