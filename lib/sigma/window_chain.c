/* Correlations of correlations: what is found is an event with the group as its fields. */
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/window_inner.h"

/* The value of a member of a group, as JSON; false if it has none of that name (a JSON string). */
static bool
member(
    struct windows *w, struct slice group, struct slice name, struct slice *value, bool *text)
{
	struct json_token t;

	/* Groups are texts of our own, with padding behind. */
	json_begin(w->json, group);
	if (json_next(w->json, &t) != 1)
		return false;
	while (json_next(w->json, &t) == 1 && t.type != JSON_CLOSE) {
		struct slice key = { t.key.p - 1, t.key.len + 2 };

		if (!slice_eq(key, name))
			continue;
		*text = t.type == JSON_STRING;
		*value = *text ? (struct slice){ t.text.p - 1, t.text.len + 2 } : t.text;
		return true;
	}
	return false;
}

/* What the value is without its quotes, for a number or a hash. */
static struct slice
bare(struct slice value, bool text)
{
	return text ? (struct slice){ value.p + 1, value.len - 2 } : value;
}

/* The outer group's values, from the inner one's members; false if it lacks one. */
static bool
outer_values(struct windows *w, const struct spec *from, const struct spec *to,
    struct slice inner, struct slice *values)
{
	bool text;

	for (uint32_t i = 0; i < to->n; i++)
		if (!member(w, inner, from->names[i], &values[i], &text))
			return false;
	return true;
}

static bool
outer_value(
    struct windows *w, const struct spec *from, struct slice inner, struct feed_value *v)
{
	struct slice value = { NULL, 0 };
	bool text = false;

	*v = (struct feed_value){ .hash = from->n };
	for (uint32_t i = 0; i < from->n; i++) {
		if (!member(w, inner, from->names[i], &value, &text))
			return false;
		v->hash = hash_join(v->hash, map_hash(value));
	}
	v->hash += v->hash == 0;
	if (!amount_get(bare(value, text), &v->amount))
		v->amount.approx = __builtin_nan("");
	return true;
}

/* Tell one of them; inner is g's text. */
static void
tell(struct windows *w, const struct input *to, const struct group *g, struct slice inner)
{
	const struct spec *spec = &w->specs[to->group];
	struct slice *values = xzalloc(spec->n, sizeof *values);
	struct arrival a = { .corr = w->corrs[to->corr],
		.ref = to->ref,
		.t = g->last,
		.line = g->last_line,
		.group = { .spec = spec, .values = values },
		.chained = true };
	struct feed_value v;
	bool has = outer_values(w, &w->specs[to->inner], spec, inner, values);

	if (to->value != MATCH_NONE) {
		has = has && outer_value(w, &w->specs[to->value], inner, &v);
		a.values = &v;
		a.count = 1;
	}
	if (has) {
		a.group.hash = key_hash(values, spec->n);
		charge(w, a.corr);
		arrive(w, &a);
	}
	free(values);
}

void
chain(struct windows *w, struct corr *c, const struct group *g)
{
	struct buf inner = { 0 };

	if (c->outputs.n == 0)
		return;
	buf_slice(&inner, group_text(g));
	buf_reserve(&inner, JSON_PADDING);
	for (uint32_t i = 0; i < c->outputs.n; i++)
		tell(w, &c->outputs.v[i], g, buf_view(&inner));
	buf_free(&inner);
	charge(w, c);
}
