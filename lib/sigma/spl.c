#include "sigma/spl.h"

#include <stdlib.h>

#include "base/map.h"

/* Parts of a time: what strftime calls them, by enum part. */
static const struct {
	const char *name, *format;
} parts[] = {
	{ "", "" },
	{ "sigma_minute", "%M" },
	{ "sigma_hour", "%H" },
	{ "sigma_day", "%d" },
	{ "sigma_week", "%V" },
	{ "sigma_month", "%m" },
	{ "sigma_year", "%Y" },
};

void
spl_refuse(struct spl *s, struct place at, const char *id, const char *text)
{
	if (s->why.id == NULL)
		s->why = (struct refusal){ at, s->rule->file, id, text };
}

bool
spl_step(struct spl *s, uint64_t n)
{
	s->steps += n;
	if (s->steps > SPL_STEPS || s->out->len > SPL_MAX)
		spl_refuse(s, s->rule->at, "query-limit",
		    "a query of more than 16 MiB, or too much in it");
	return s->why.id == NULL;
}

/* The operands that all have to hold, without those that search has said exactly. */
static void
collect_inexact(struct spl *s, struct operands *o, struct expr *e)
{
	if (e->exact || !spl_step(s, e->n))
		return;
	if (e->op != EXPR_AND) {
		operands_add(o, e);
		return;
	}
	for (uint32_t i = 0; i < e->n; i++)
		collect_inexact(s, o, e->kids[i]);
}

static void
put_parts(struct spl *s)
{
	const char *between = " | eval ";

	for (size_t i = 1; i < sizeof parts / sizeof parts[0]; i++) {
		if ((s->parts & 1U << i) == 0)
			continue;
		buf_str(s->out, between);
		between = ", ";
		spl_helper(s, parts[i].name);
		buf_printf(s->out, "=tonumber(strftime(_time, \"%s\"))", parts[i].format);
	}
}

/* The base search of a detection rule, and the where behind it. */
static void
put_detection(struct spl *s, const struct rule *r)
{
	struct operands rest = { 0 };
	struct buf where = { 0 }, *out = s->out;

	s->rule = r;
	s->parts = 0;
	if (r->lacks != NULL)
		spl_refuse(s, r->at, "filter-broken", "a filter for this rule is wrong");
	spl_judge(r->query);
	if (r->query->wide)
		buf_byte(out, '*');
	else
		spl_search(s, r->query);
	collect_inexact(s, &rest, r->query);
	s->out = &where;
	for (size_t i = 0; i < rest.n && s->why.id == NULL; i++) {
		buf_str(&where, i == 0 ? " | where " : " AND ");
		spl_where(s, rest.v[i], rest.n > 1);
	}
	s->out = out;
	put_parts(s);
	buf_slice(out, buf_view(&where));
	buf_free(&where);
	free(rest.v);
}

static void
put_table(struct spl *s, const struct rule *r)
{
	for (uint32_t i = 0; i < r->table_count; i++) {
		buf_str(s->out, i == 0 ? " | table " : ",");
		spl_field(s, r->table[i], r->table_at);
	}
}

static bool
named_before(const struct correlation *c, uint32_t i)
{
	for (uint32_t k = 0; k < i; k++)
		if (c->rules[k].rule == c->rules[i].rule)
			return true;
	return false;
}

/* One search for a single rule, multisearch for several. */
static void
put_bases(struct spl *s, const struct rule *r)
{
	const struct correlation *c = r->correlation;
	uint32_t distinct = 0;

	for (uint32_t i = 0; i < c->rule_count; i++)
		distinct += !named_before(c, i);
	if (distinct > 1)
		buf_str(s->out, "| multisearch");
	for (uint32_t i = 0; i < c->rule_count && s->why.id == NULL; i++) {
		if (named_before(c, i))
			continue;
		if (distinct > 1)
			buf_str(s->out, " [ search ");
		put_detection(s, c->rules[i].rule);
		if (distinct > 1)
			buf_str(s->out, " ]");
	}
	s->rule = r;
}

/* bin has no unit for a year. */
static void
put_span(struct buf *b, const struct correlation *c)
{
	unsigned long long n = c->unit == 'y' ? c->span * 12 : c->span;

	if (c->unit == 'M' || c->unit == 'y')
		buf_printf(b, "%llumon", n);
	else
		buf_printf(b, "%llu%c", n, c->unit);
}

static void
put_groups(struct spl *s, const struct rule *r)
{
	const struct correlation *c = r->correlation;
	struct map *seen = map_new();

	map_add(seen, slice_of("_time"), NULL);
	buf_str(s->out, " by _time");
	for (uint32_t i = 0; i < c->group_count; i++) {
		bool fresh = false;

		map_add(seen, c->group_by[i]->mapped, &fresh);
		if (!fresh)
			continue;
		buf_byte(s->out, ' ');
		spl_field(s, c->group_by[i], r->at);
	}
	map_free(seen);
}

/* dc() of a name that needs quotes goes through a field of ours: its quoting is not documented. */
static void
put_aggregate(struct spl *s, const struct rule *r, const char *name)
{
	const struct correlation *c = r->correlation;
	bool count = c->type == CORR_EVENT_COUNT;
	bool bare = count || spl_bare(c->values[0]->mapped);

	if (!bare) {
		buf_str(s->out, " | eval ");
		spl_helper(s, "sigma_value");
		buf_byte(s->out, '=');
		spl_eval_field(s, c->values[0], r->at);
	}
	buf_str(s->out, " | bin _time span=");
	put_span(s->out, c);
	buf_str(s->out, count ? " | stats count as " : " | stats dc(");
	if (!count && bare)
		spl_field(s, c->values[0], r->at);
	else if (!count)
		spl_helper(s, "sigma_value");
	if (!count)
		buf_str(s->out, ") as ");
	spl_helper(s, name);
	put_groups(s, r);
}

static void
put_bounds(struct spl *s, const struct correlation *c, const char *name)
{
	static const char *const signs[] = { "=", "!=", ">", ">=", "<", "<=" };

	for (uint32_t i = 0; i < c->bound_count; i++) {
		buf_str(s->out, i == 0 ? " | where " : " AND ");
		spl_helper(s, name);
		buf_printf(s->out, " %s ", signs[c->bounds[i].compare]);
		buf_slice(s->out, c->bounds[i].number);
	}
}

/* Refuse by name what is not rendered yet. */
static void
check_supported(struct spl *s, const struct rule *r)
{
	static const char *const types[] = { NULL, NULL,
		"correlation type \"temporal\" is not supported yet",
		"correlation type \"temporal_ordered\" is not supported yet",
		"correlation type \"value_sum\" is not supported yet",
		"correlation type \"value_avg\" is not supported yet",
		"correlation type \"value_percentile\" is not supported yet" };
	const struct correlation *c = r->correlation;

	if (types[c->type] != NULL)
		spl_refuse(s, c->type_at, "unsupported", types[c->type]);
	if (c->aliases != NULL)
		spl_refuse(
		    s, c->aliases->at, "unsupported", "\"aliases\" are not supported yet");
	if (c->value_count > 1)
		spl_refuse(s, c->condition_at, "unsupported",
		    "value_count of several fields is not supported yet");
	if (r->table_count > 0)
		spl_refuse(s, r->table_at, "unsupported",
		    "\"fields\" of a correlation are not supported yet");
	for (uint32_t i = 0; i < c->rule_count; i++) {
		const struct reference *ref = &c->rules[i];

		if (ref->rule == NULL || ref->rule->broken || ref->rule->kind == RULE_FILTER)
			spl_refuse(
			    s, ref->at, "reference-broken", "this rule cannot be rendered");
		else if (ref->rule->kind == RULE_CORRELATION)
			spl_refuse(s, ref->at, "unsupported",
			    "correlations of correlations are not supported yet");
	}
}

static void
put_correlation(struct spl *s, const struct rule *r)
{
	const char *name =
	    r->correlation->type == CORR_EVENT_COUNT ? "event_count" : "value_count";

	check_supported(s, r);
	if (s->why.id != NULL)
		return;
	put_bases(s, r);
	put_aggregate(s, r, name);
	put_bounds(s, r->correlation, name);
}

int
spl_put(struct arena *a, const struct rule *r, struct buf *out, struct refusal *why)
{
	struct spl s = { .arena = a, .reported = r, .rule = r, .out = out };
	size_t start = out->len;

	if (r->kind == RULE_FILTER) {
		spl_refuse(&s, r->at, "unsupported", "filters are not supported yet");
	} else if (r->kind == RULE_CORRELATION) {
		put_correlation(&s, r);
	} else {
		put_detection(&s, r);
		put_table(&s, r);
	}
	if (s.why.id == NULL)
		return 0;
	out->len = start;
	*why = s.why;
	return -1;
}

bool
spl_local_time(const struct rule *r)
{
	if (r->query != NULL) {
		spl_judge(r->query);
		return r->query->timed;
	}
	for (uint32_t i = 0; r->correlation != NULL && i < r->correlation->rule_count; i++) {
		const struct rule *base = r->correlation->rules[i].rule;

		if (base != NULL && base->query != NULL && spl_local_time(base))
			return true;
	}
	return false;
}
