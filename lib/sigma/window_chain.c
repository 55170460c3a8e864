/* Correlations of correlations: what is found is an event with the group as its fields. */
#include "sigma/window_inner.h"
#include "json/write.h"

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

/* The outer group, from the inner one's members; false if it lacks one. */
static bool
outer_group(struct windows *w, const struct spec *from, const struct spec *to,
    struct slice inner, struct buf *out)
{
	struct slice value;
	bool text;

	buf_reset(out);
	buf_byte(out, '{');
	for (uint32_t i = 0; i < to->n; i++) {
		if (!member(w, inner, from->names[i], &value, &text))
			return false;
		if (i > 0)
			buf_str(out, ", ");
		buf_slice(out, to->names[i]);
		buf_str(out, ": ");
		buf_slice(out, value);
	}
	buf_byte(out, '}');
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
		v->hash = (v->hash ^ map_hash(value)) * 0x9e3779b97f4a7c15u + (v->hash >> 29);
	}
	v->hash += v->hash == 0;
	if (!amount_get(bare(value, text), &v->amount))
		v->amount.approx = __builtin_nan("");
	return true;
}

void
chain(struct windows *w, struct corr *c, const struct group *g)
{
	struct buf inner = { 0 }, outer = { 0 };

	for (uint32_t i = 0; i < c->outputs.n; i++) {
		const struct input *to = &c->outputs.v[i];
		struct arrival a = { .corr = w->corrs[to->corr],
			.ref = to->ref,
			.t = g->last,
			.line = g->last_line,
			.chained = true };
		struct feed_value v;
		struct slice group;

		buf_reset(&inner);
		buf_slice(&inner, group_text(g));
		buf_reserve(&inner, JSON_PADDING);
		group = (struct slice){ inner.p, g->len };
		if (!outer_group(w, &w->specs[to->inner], &w->specs[to->group], group, &outer))
			continue;
		if (to->value != MATCH_NONE) {
			if (!outer_value(w, &w->specs[to->value], group, &v))
				continue;
			a.values = &v;
			a.count = 1;
		}
		a.group = buf_view(&outer);
		a.hash = map_hash(a.group);
		charge(w, a.corr);
		arrive(w, &a);
		charge(w, c);
	}
	buf_free(&inner);
	buf_free(&outer);
}
