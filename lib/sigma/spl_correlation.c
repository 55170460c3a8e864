/*
 * Correlations.  The one on top ends in stats by bucket and group, a row for each; one within another
 * leaves of its events those that complete it, so that the outer one can go on with their time.
 */
#include "sigma/spl_correlation.h"
#include "base/map.h"

void
spl_span(struct buf *b, const struct correlation *c)
{
	unsigned long long n = c->unit == 'y' ? c->span * 12 : c->span;

	/* bin has no unit for a year. */
	if (c->unit == 'M' || c->unit == 'y')
		buf_printf(b, "%llumon", n);
	else
		buf_printf(b, "%llu%c", n, c->unit);
}

void
spl_bin(struct spl *s, const struct correlation *c)
{
	buf_str(s->out, " | bin _time span=");
	spl_span(s->out, c);
}

void
spl_keep_time(struct spl *s, struct slice time)
{
	buf_printf(s->out, " | eval %.*s=_time", (int)time.len, time.p);
}

void
spl_by(struct spl *s, const struct branch *b)
{
	const struct correlation *c = b->rule->correlation;
	struct map *seen = map_new();

	map_add(seen, SLICE("_time"), NULL);
	buf_str(s->out, " by _time");
	for (uint32_t i = 0; i < c->group_count; i++) {
		bool fresh = false;

		map_add(seen, b->keys[i], &fresh);
		if (!fresh)
			continue;
		buf_byte(s->out, ' ');
		spl_name(s, b->keys[i], c->group_at[i]);
	}
	map_free(seen);
}

void
spl_is_tag(struct spl *s, const struct tree *t, const struct branch *b)
{
	buf_slice(s->out, t->tag);
	buf_byte(s->out, '=');
	spl_quote(s->out, b->tag);
}

void
spl_is_kid(struct spl *s, const struct tree *t, const struct branch *b)
{
	for (uint32_t i = 0; i < b->n; i++) {
		buf_str(s->out, i == 0 ? "(" : " OR ");
		spl_is_tag(s, t, b->kids[i]);
	}
	buf_byte(s->out, ')');
}

void
spl_bounds(struct spl *s, const struct correlation *c, struct slice name, const char *between)
{
	static const char *const signs[] = { "=", "!=", ">", ">=", "<", "<=" };

	for (uint32_t i = 0; i < c->bound_count; i++) {
		buf_str(s->out, i == 0 ? between : " AND ");
		buf_slice(s->out, name);
		buf_printf(s->out, " %s ", signs[c->bounds[i].compare]);
		buf_slice(s->out, c->bounds[i].number);
	}
}

/* What a temporal condition's text says, of counts of rows by rule: sigma_rule_1 > 0 and so on. */
void
spl_seen(struct spl *s, const struct branch *b, const struct expr *e, struct slice *counts)
{
	const struct correlation *c = b->rule->correlation;

	if (!spl_step(s, 1))
		return;
	if (e->op == EXPR_TERM) {
		uint32_t k = 0;

		while (b->kids[k]->rule != c->rules[e->term->rule].rule)
			k++;
		buf_slice(s->out, counts[k]);
		buf_str(s->out, " > 0");
		return;
	}
	if (e->op == EXPR_NOT)
		buf_str(s->out, "NOT ");
	for (uint32_t i = 0; i < e->n; i++) {
		const struct expr *kid = e->kids[i];
		bool group = e->op == EXPR_NOT || (kid->op != EXPR_TERM && kid->op != e->op);

		if (i > 0)
			buf_str(s->out, e->op == EXPR_AND ? " AND " : " OR ");
		if (group)
			buf_byte(s->out, '(');
		spl_seen(s, b, kid, counts);
		if (group)
			buf_byte(s->out, ')');
	}
}

void
spl_counts(struct spl *s, const struct tree *t, const struct branch *b, struct slice *counts)
{
	for (uint32_t k = 0; k < b->n; k++) {
		counts[k] = spl_helper(s, "sigma_seen", k + 1);
		buf_str(s->out, " count(eval(");
		spl_is_tag(s, t, b->kids[k]);
		buf_str(s->out, ")) as ");
		buf_slice(s->out, counts[k]);
	}
}

/* The earliest time at which each step of an order has been made, by events of their own. */
void
spl_order(struct spl *s, const struct tree *t, const struct branch *b, struct slice time,
    struct slice *times)
{
	const struct correlation *c = b->rule->correlation;

	for (uint32_t i = 0; i < c->rule_count && spl_step(s, 1); i++) {
		times[i] = spl_helper(s, "sigma_step", i + 1 + (b->number - 1) * 1000);
		buf_str(s->out, " | eventstats min(eval(if(");
		spl_is_tag(s, t, branch_kid(b, i));
		if (i > 0) {
			buf_printf(s->out, " AND %.*s > ", (int)time.len, time.p);
			buf_slice(s->out, times[i - 1]);
		}
		buf_printf(s->out, ", %.*s, null()))) as ", (int)time.len, time.p);
		buf_slice(s->out, times[i]);
		spl_by(s, b);
	}
}

void
spl_correlation(struct spl *s, const struct rule *r)
{
	struct tree *t = tree_build(s, r);

	if (t == NULL)
		return;
	spl_leaves(s, t);
	if (s->why.id == NULL && t->correlation_count > 1) {
		buf_str(s->out, " | sort 0 _time");
		for (uint32_t i = 0; i < t->top->n; i++)
			spl_inner(s, t, t->top->kids[i]);
	}
	s->rule = r;
	if (s->why.id == NULL)
		spl_top(s, t, t->top);
}
