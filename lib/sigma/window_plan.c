/* What a set of rules that an event fits comes to: which fields are looked at, and what goes where. */
#include <stdlib.h>

#include "sigma/window_inner.h"

enum { PLANS_MAX = 4096 };

struct plans {
	const struct windows *w;
	struct map *sets; /* of rules: their numbers, as bytes */
	struct plan **v;
	uint32_t cap;
	struct arena arena;
};

struct plans *
plans_new(const struct windows *w)
{
	struct plans *p = xzalloc(1, sizeof *p);

	p->w = w;
	p->sets = map_new();
	return p;
}

void
plans_free(struct plans *p)
{
	map_free(p->sets);
	free(p->v);
	arena_free(&p->arena);
	free(p);
}

/* The place of a spec among those that are looked at, which it joins. */
static uint32_t
look_at(struct plan *p, uint32_t spec, bool value)
{
	uint32_t i = 0;

	while (i < p->look_count && (p->looks[i].spec != spec || p->looks[i].value != value))
		i++;
	if (i == p->look_count)
		p->looks[p->look_count++] = (struct look){ spec, value };
	return i;
}

static struct plan *
plan_make(const struct windows *w, struct arena *a, const uint32_t *rules, size_t n)
{
	struct plan *p = arena_get(a, sizeof *p);
	size_t parts = 0;

	for (size_t i = 0; i < n; i++)
		parts += w->inputs[rules[i]].n;
	p->parts = arena_get(a, (parts + 1) * sizeof *p->parts);
	p->looks = arena_get(a, (2 * parts + 1) * sizeof *p->looks);
	for (size_t i = 0; i < n; i++) {
		const struct inputs *in = &w->inputs[rules[i]];

		for (uint32_t k = 0; k < in->n; k++) {
			const struct input *to = &in->v[k];

			p->parts[p->part_count++] = (struct plan_part){
				.to = to,
				.rule = (uint32_t)i,
				.group = look_at(p, to->group, false),
				.value = to->value == MATCH_NONE ? MATCH_NONE
								 : look_at(p, to->value, true),
			};
		}
	}
	return p;
}

const struct plan *
plan_of(struct plans *p, const uint32_t *rules, size_t n, struct arena *other)
{
	struct slice set = { (const char *)rules, n * sizeof *rules };
	uint32_t i = map_find(p->sets, set);

	if (i != MAP_NONE)
		return p->v[i];
	if (map_count(p->sets) == PLANS_MAX)
		return plan_make(p->w, other, rules, n);
	i = map_add(p->sets, set, NULL);
	GROW(p->v, i, p->cap);
	p->v[i] = plan_make(p->w, &p->arena, rules, n);
	return p->v[i];
}
