#include "sigma/spl.h"

#include <stdlib.h>

#include "base/map.h"

/* Parts of a time: what we and strftime call them, by enum part. */
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

struct slice
spl_part(struct spl *s, enum part part, const struct field *f, struct place at)
{
	size_t n = s->part_count, others = 1;

	for (size_t i = 0; i < n; i++) {
		if (s->parts[i].part == part &&
		    (s->parts[i].field == f ||
			(spl_is_time(f) && spl_is_time(s->parts[i].field))))
			return s->parts[i].name;
		others += !spl_is_time(s->parts[i].field);
	}
	if (n == SPL_PARTS) {
		spl_refuse(s, at, "query-limit", "more than 100 parts of times");
		return SLICE("");
	}
	s->parts[n].part = part;
	s->parts[n].field = f;
	s->parts[n].name =
	    spl_helper(s, parts[part].name, spl_is_time(f) ? 0 : (uint32_t)others);
	s->part_count++;
	return s->parts[n].name;
}

/* The time that a field has in RFC 3339, in seconds: strptime reads neither 'Z' nor "+01:00" for sure. */
static void
put_seconds(struct spl *s, const struct field *f)
{
	if (spl_is_time(f)) {
		buf_str(s->out, "_time");
		return;
	}
	buf_str(s->out, "strptime(replace(replace(");
	spl_eval_field(s, f, s->rule->at);
	buf_str(s->out,
	    ", \"[Zz]\\z\", \"+00:00\"), "
	    "\"^([0-9-]{10})[Tt ]([0-9:]{8})(?:[.][0-9]+)?([+-][0-9]{2}):([0-9]{2})\\z\", "
	    "\"\\1 \\2 \\3\\4\"), \"%Y-%m-%d %H:%M:%S %z\")");
}

static void
put_parts(struct spl *s)
{
	for (size_t i = 0; i < s->part_count; i++) {
		buf_str(s->out, i == 0 ? " | eval " : ", ");
		buf_slice(s->out, s->parts[i].name);
		buf_str(s->out, "=tonumber(strftime(");
		put_seconds(s, s->parts[i].field);
		buf_printf(s->out, ", \"%s\"))", parts[s->parts[i].part].format);
	}
}

void
spl_events(struct spl *s, struct expr *query)
{
	struct operands rest = { 0 };
	struct buf where = { 0 }, *out = s->out;

	s->part_count = 0;
	spl_judge(query);
	if (query->wide)
		buf_byte(out, '*');
	else
		spl_search(s, query);
	collect_inexact(s, &rest, query);
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

void
spl_detection(struct spl *s, const struct rule *r)
{
	s->rule = r;
	if (r->lacks != NULL)
		spl_refuse(s, r->at, "filter-broken", "a filter for this rule is wrong");
	spl_events(s, r->query);
}

static void
put_table(struct spl *s, const struct rule *r)
{
	for (uint32_t i = 0; i < r->table_count; i++) {
		buf_str(s->out, i == 0 ? " | table " : ",");
		spl_field(s, r->table[i], r->table_at);
	}
}

int
spl_put(struct arena *a, const struct rule *r, struct buf *out, struct refusal *why)
{
	struct spl s = { .arena = a, .reported = r, .rule = r, .out = out };
	size_t start = out->len;

	if (r->kind == RULE_FILTER) {
		spl_refuse(&s, r->at, "unsupported", "a filter is no query of its own");
	} else if (r->kind == RULE_CORRELATION) {
		spl_correlation(&s, r);
	} else {
		spl_detection(&s, r);
		put_table(&s, r);
	}
	map_free(s.taken);
	if (s.why.id == NULL)
		return 0;
	out->len = start;
	*why = s.why;
	return -1;
}

bool
spl_local_time(struct rule *r)
{
	const struct correlation *c = r->correlation;

	if (r->timed != TIMED_UNKNOWN)
		return r->timed == TIMED_YES;
	r->timed = TIMED_NO;
	if (r->query != NULL) {
		spl_judge(r->query);
		r->timed = r->query->timed ? TIMED_YES : TIMED_NO;
	}
	for (uint32_t i = 0; c != NULL && i < c->rule_count && r->timed == TIMED_NO; i++)
		if (c->rules[i].rule != NULL && spl_local_time(c->rules[i].rule))
			r->timed = TIMED_YES;
	return r->timed == TIMED_YES;
}
