/* The correlation on top of a query. */
#include <stdlib.h>

#include "base/map.h"
#include "sigma/spl_correlation.h"

/* What the query of one correlation is made with. */
struct top {
	struct spl *s;
	const struct tree *t;
	const struct branch *b;
	const struct correlation *c;
	struct slice name; /* of the result */
};

/* Is a field one of the groups? */
static bool
is_group(const struct top *x, const struct field *f)
{
	for (uint32_t i = 0; i < x->c->group_count; i++)
		if (x->c->group_by[i] == f || slice_eq(x->b->keys[i], f->mapped))
			return true;
	return spl_is_time(f);
}

/* The fields to show, with all their values. */
static void
put_kept(struct top *x)
{
	const struct rule *r = x->b->rule;
	struct map *seen = map_new();

	for (uint32_t i = 0; i < r->table_count; i++) {
		const struct field *f = r->table[i];
		struct slice name;
		bool fresh = false;

		map_add(seen, f->mapped, &fresh);
		if (is_group(x, f) || !fresh)
			continue;
		name = spl_bare(f->mapped) ? f->mapped : spl_helper(x->s, "sigma_field", i + 1);
		buf_printf(x->s->out, " values(%.*s) as %.*s", (int)name.len, name.p,
		    (int)name.len, name.p);
	}
	map_free(seen);
}

/* An aggregate cannot say a name that needs quotes: fields to show get one of ours first. */
static void
name_kept(struct top *x)
{
	const struct rule *r = x->b->rule;
	const char *between = " | eval ";

	for (uint32_t i = 0; i < r->table_count; i++) {
		if (spl_bare(r->table[i]->mapped) || is_group(x, r->table[i]))
			continue;
		buf_str(x->s->out, between);
		between = ", ";
		buf_slice(x->s->out, spl_helper(x->s, "sigma_field", i + 1));
		buf_byte(x->s->out, '=');
		spl_eval_field(x->s, r->table[i], r->table_at);
	}
}

/* " | stats AGGREGATE(value) as NAME values(...) by ..." */
static void
put_stats(struct top *x, const char *call)
{
	buf_printf(x->s->out, " | stats %s", call);
	if (strcmp(call, "count") != 0) {
		buf_byte(x->s->out, '(');
		spl_name(x->s, x->b->value, x->c->condition_at);
		buf_byte(x->s->out, ')');
	}
	buf_str(x->s->out, " as ");
	buf_slice(x->s->out, x->name);
	put_kept(x);
	spl_by(x->s, x->b);
}

/* A percentage as a fraction of whole numbers: 99.9 is 999/1000. */
static void
put_share(struct buf *b, struct slice percentile)
{
	size_t zeros = 2;
	bool point = false;

	for (size_t i = 0; i < percentile.len; i++) {
		if (percentile.p[i] == '.') {
			point = true;
			continue;
		}
		buf_byte(b, percentile.p[i]);
		zeros += point;
	}
	buf_str(b, "/1");
	for (size_t i = 0; i < zeros; i++)
		buf_byte(b, '0');
}

/* The nearest rank: the value at which that share of all values is reached. */
static void
put_percentile(struct top *x)
{
	struct buf *out = x->s->out;
	struct slice value = x->b->value;
	struct slice rank = spl_helper(x->s, "sigma_rank", 0);
	struct slice all = spl_helper(x->s, "sigma_values", 0);

	buf_printf(out, " | where isnotnull(%.*s)", (int)value.len, value.p);
	spl_bin(x->s, x->c);
	buf_printf(out, " | sort 0 %.*s | streamstats count as %.*s", (int)value.len, value.p,
	    (int)rank.len, rank.p);
	spl_by(x->s, x->b);
	buf_printf(out, " | eventstats count as %.*s", (int)all.len, all.p);
	spl_by(x->s, x->b);
	buf_printf(out, " | stats max(eval(if(%.*s=ceiling(%.*s*", (int)rank.len, rank.p,
	    (int)all.len, all.p);
	put_share(out, x->c->percentile);
	buf_printf(out, "), %.*s, null()))) as %.*s", (int)value.len, value.p, (int)x->name.len,
	    x->name.p);
	put_kept(x);
	spl_by(x->s, x->b);
}

static void
put_temporal(struct top *x)
{
	struct slice *counts = arena_get(x->s->arena, x->b->n * sizeof *counts);

	spl_bin(x->s, x->c);
	if (x->c->seen_text) {
		buf_str(x->s->out, " | stats");
		spl_counts(x->s, x->t, x->b, counts);
	} else {
		buf_str(x->s->out, " | stats dc(");
		buf_slice(x->s->out, x->t->tag);
		buf_str(x->s->out, ") as ");
		buf_slice(x->s->out, x->name);
	}
	put_kept(x);
	spl_by(x->s, x->b);
	if (x->c->seen_text) {
		buf_str(x->s->out, " | where ");
		spl_seen(x->s, x->b, x->c->seen, counts);
	} else if (x->c->bound_count == 0) {
		buf_printf(x->s->out, " | where %.*s >= %u", (int)x->name.len, x->name.p,
		    (unsigned)x->b->n);
	}
}

/* How many steps have been made, from the times of each. */
static void
put_steps(struct top *x, const struct slice *times)
{
	buf_str(x->s->out, " | eval ");
	buf_slice(x->s->out, x->name);
	buf_str(x->s->out, "=case(");
	for (uint32_t i = x->c->rule_count; i > 0; i--)
		buf_printf(x->s->out, "isnotnull(%.*s), %u, ", (int)times[i - 1].len,
		    times[i - 1].p, (unsigned)i);
	buf_str(x->s->out, "true(), 0)");
	spl_bounds(x->s, x->c, x->name, " | where ");
}

static void
put_ordered(struct top *x)
{
	struct slice *times = arena_get(x->s->arena, x->c->rule_count * sizeof *times);
	struct slice time = spl_helper(x->s, "sigma_time", 0);

	spl_keep_time(x->s, time);
	spl_bin(x->s, x->c);
	spl_order(x->s, x->t, x->b, time, times);
	if (x->s->why.id != NULL)
		return;
	if (x->c->bound_count > 0)
		put_steps(x, times);
	else
		buf_printf(x->s->out, " | where isnotnull(%.*s)",
		    (int)times[x->c->rule_count - 1].len, times[x->c->rule_count - 1].p);
	x->name = spl_helper(x->s, "event_count", 0);
	put_stats(x, "count");
}

/* Groups get the names that the correlation has for them, and fields to show their own. */
static void
put_rename(struct top *x)
{
	const struct rule *r = x->b->rule;
	const char *between = " | rename ";
	struct map *seen = map_new();

	for (uint32_t i = 0; i < x->c->group_count; i++) {
		const struct field *f = x->c->group_by[i];

		if (slice_eq(x->b->keys[i], f->mapped) || slice_is(f->mapped, "_time"))
			continue;
		buf_str(x->s->out, between);
		between = ", ";
		spl_name(x->s, x->b->keys[i], x->c->group_at[i]);
		buf_str(x->s->out, " as ");
		spl_field(x->s, f, x->c->group_at[i]);
	}
	for (uint32_t i = 0; i < r->table_count; i++) {
		const struct field *f = r->table[i];
		bool fresh = false;

		map_add(seen, f->mapped, &fresh);
		if (spl_bare(f->mapped) || is_group(x, f) || !fresh)
			continue;
		buf_str(x->s->out, between);
		between = ", ";
		buf_slice(x->s->out, spl_helper(x->s, "sigma_field", i + 1));
		buf_str(x->s->out, " as ");
		spl_field(x->s, f, r->table_at);
	}
	map_free(seen);
}

static bool
zero_holds(const struct correlation *c)
{
	for (uint32_t i = 0; i < c->bound_count; i++) {
		double v = strtod(c->bounds[i].number.p, NULL);
		enum compare compare = c->bounds[i].compare;

		if ((compare == CMP_GT && v >= 0) || (compare == CMP_GTE && v > 0) ||
		    (compare == CMP_EQ && v != 0) || (compare == CMP_NEQ && v == 0) ||
		    (compare == CMP_LT && v <= 0) || (compare == CMP_LTE && v < 0))
			return false;
	}
	return true;
}

void
spl_top(struct spl *s, const struct tree *t, const struct branch *b)
{
	static const char *const names[] = { "event_count", "value_count", "rule_count",
		"step_count", "value_sum", "value_avg", "value_percentile" };
	static const char *const calls[] = { "count", "dc", NULL, NULL, "sum", "avg", NULL };
	const struct correlation *c = b->rule->correlation;
	struct top x = { s, t, b, c, spl_helper(s, names[c->type], 0) };

	name_kept(&x);
	switch (c->type) {
	case CORR_TEMPORAL: put_temporal(&x); break;
	case CORR_TEMPORAL_ORDERED: put_ordered(&x); break;
	case CORR_VALUE_PERCENTILE: put_percentile(&x); break;
	default:
		spl_bin(s, c);
		put_stats(&x, calls[c->type]);
		break;
	}
	if (c->type != CORR_TEMPORAL_ORDERED)
		spl_bounds(s, c, x.name, " | where ");
	/* Events without the value make no group of their own. */
	if (c->type == CORR_VALUE_COUNT && zero_holds(c)) {
		buf_str(s->out, " AND ");
		buf_slice(s->out, x.name);
		buf_str(s->out, " > 0");
	}
	put_rename(&x);
}
