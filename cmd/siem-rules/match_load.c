/* The rules that run: read, mapped, chosen and compiled. */
#include <ctype.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/map.h"
#include "base/mem.h"
#include "match.h"
#include "json/write.h"

bool
zone_set(const char *zone)
{
	struct buf path = { 0 };
	bool there;

	path_join(&path, "/usr/share/zoneinfo", zone);
	there = *zone != '\0' && *zone != '/' && strstr(zone, "..") == NULL;
	if (there) {
		int fd = file_open(buf_cstr(&path));

		there = fd != -1;
		if (there)
			close(fd);
	}
	if (there) {
		buf_reset(&path);
		buf_printf(&path, ":%s", zone);
		there = setenv("TZ", buf_cstr(&path), 1) == 0;
		tzset();
	}
	buf_free(&path);
	return there;
}

static bool
is_excused(const struct finding *x)
{
	return x->severity != SEVERITY_ERROR || strcmp(x->id, "missing-logsource") == 0;
}

/* As warn_broken, but a rule without logsource runs. */
static enum tool_status
warn_wrong(const struct ruleset *set)
{
	uint32_t last = 0; /* documents count from 1 */
	enum tool_status status = TOOL_OK;

	for (size_t i = 0; i < set->found.n; i++) {
		const struct finding *x = &set->found.v[i];

		if (is_excused(x))
			continue;
		status = TOOL_TROUBLE;
		if (x->document != last)
			warn_at(set->files[x->file], x->at.line, "%s [%s]", x->text, x->id);
		last = x->document;
	}
	return status;
}

static bool
is_wrong(const struct rules *rules, const struct rule *r)
{
	const struct findings *f = &rules->set.found;
	bool excused = false;

	for (size_t i = 0; r->broken && i < f->n; i++) {
		if (f->v[i].document != r->document)
			continue;
		if (!is_excused(&f->v[i]))
			return true;
		excused = excused || f->v[i].severity == SEVERITY_ERROR;
	}
	return r->broken && (!excused || (r->query == NULL && r->correlation == NULL));
}

/* Neither says nothing, nor the same. */
static bool
contradicts(struct slice a, struct slice b)
{
	return a.len > 0 && b.len > 0 && !slice_eq(a, b);
}

static bool
is_wanted(const struct match_options *o, const struct rule *r)
{
	const struct logsource *l = &r->logsource;

	for (size_t i = 0; i < o->wanted_count; i++) {
		const struct wanted_source *w = &o->wanted[i];

		if (!contradicts(w->category, l->category) &&
		    !contradicts(w->product, l->product) &&
		    !contradicts(w->service, l->service))
			return true;
	}
	return o->wanted_count == 0;
}

/* What a rule's rows begin with. */
static void
put_head(struct buf *b, const struct rule *r)
{
	const char *level = level_text(rule_level(r));

	buf_str(b, "{\"rule_id\": ");
	json_put_string(b, r->id.len > 0 ? r->id : rule_key(r), JSON_UTF8);
	buf_str(b, ", \"title\": ");
	json_put_string(b, r->title, JSON_UTF8);
	buf_str(b, ", \"level\": ");
	if (*level == '\0')
		buf_str(b, "null");
	else
		buf_byte(b, '"');
	for (const char *p = level; *p != '\0'; p++)
		buf_byte(b, (char)tolower((unsigned char)*p));
	if (*level != '\0')
		buf_byte(b, '"');
}

static void
refuse(const struct rule *r, const struct finding *why)
{
	warn_at(r->file, why->at.line, "%s [%s]", why->text, why->id);
}

static struct running *
add_running(struct rules *rules, const struct rule *r, uint32_t number)
{
	struct running *x = &rules->v[rules->count++];

	*x = (struct running){ .rule = r, .number = number, .reported = rule_reported(r) };
	put_head(&x->head, r);
	return x;
}

static enum tool_status
add_detection(struct rules *rules, const struct match_options *o, const struct rule *r)
{
	struct finding why;
	struct running *x;
	uint32_t number;

	if (r->lacks != NULL) {
		warn_at(
		    r->file, r->at.line, "a filter for this rule is broken [filter-broken]");
		return TOOL_TROUBLE;
	}
	number = matcher_add(rules->matcher, r, &why);
	if (number == MATCH_NONE) {
		refuse(r, &why);
		return TOOL_TROUBLE;
	}
	x = add_running(rules, r, number);
	windows_base(rules->windows, r, number);
	if (o->explain != EXPLAIN_NONE && r->clause != NULL)
		x->explain = explain_new(rules->matcher, r->clause);
	return TOOL_OK;
}

static enum tool_status
add_correlation(struct rules *rules, const struct rule *r)
{
	struct finding why;
	int got = windows_add(rules->windows, r, &why);

	if (got == -1) {
		refuse(r, &why);
		return TOOL_TROUBLE;
	}
	if (got == 1)
		add_running(rules, r, MATCH_NONE);
	return TOOL_OK;
}

/* A rule runs, if it is right and wanted; correlations after all that they may rest on, by length of chain. */
static enum tool_status
add_rules(struct rules *rules, const struct match_options *o)
{
	enum tool_status status = TOOL_OK;
	unsigned longest = 0;

	for (const struct rule *r = rules->set.first; r != NULL; r = r->next) {
		if (r->correlation != NULL && r->chain > longest)
			longest = r->chain;
		if (r->kind == RULE_DETECTION && !is_wrong(rules, r) && is_wanted(o, r))
			status = tool_worse(status, add_detection(rules, o, r));
	}
	for (unsigned chain = 1; chain <= longest && chain <= RULESET_CHAIN; chain++)
		for (const struct rule *r = rules->set.first; r != NULL; r = r->next)
			if (r->correlation != NULL && r->chain == chain && !is_wrong(rules, r))
				status = tool_worse(status, add_correlation(rules, r));
	return status;
}

static int
by_load(const void *a, const void *b)
{
	const struct rule *x = ((const struct running *)a)->rule;
	const struct rule *y = ((const struct running *)b)->rule;

	return x->document < y->document ? -1 : x->document > y->document;
}

/* Rows of one line come in load order. */
static void
put_in_order(struct rules *rules)
{
	if (rules->count > 0)
		qsort(rules->v, rules->count, sizeof *rules->v, by_load);
	rules->by_number = xzalloc(matcher_count(rules->matcher), sizeof *rules->by_number);
	for (uint32_t i = 0; i < rules->count; i++)
		if (rules->v[i].number != MATCH_NONE)
			rules->by_number[rules->v[i].number] = i;
		else
			windows_tag(rules->windows, rules->v[i].rule, i);
}

enum tool_status
rules_load(struct rules *rules, const struct match_options *o, bool *none)
{
	enum tool_status status = load(&o->sources, &rules->set);
	bool failed = false;

	status = tool_worse(status, warn_wrong(&rules->set));
	if (o->pipeline != NULL && strcmp(o->pipeline, "none") != 0)
		status =
		    tool_worse(status, pipeline_use(&rules->set, o->pipeline, true, &failed));
	rules->matcher = matcher_new(o->zone != NULL);
	rules->windows = windows_new(&o->window, rules->matcher);
	rules->v = xzalloc(rules->set.count, sizeof *rules->v);
	if (!failed)
		status = tool_worse(status, add_rules(rules, o));
	*none = rules->count == 0;
	if (*none && status == TOOL_OK) {
		warn("no rule to work on");
		status = TOOL_TROUBLE;
	}
	put_in_order(rules);
	matcher_ready(rules->matcher);
	windows_ready(rules->windows);
	return status;
}

void
rules_free(struct rules *rules)
{
	for (uint32_t i = 0; i < rules->count; i++) {
		buf_free(&rules->v[i].head);
		explain_free(rules->v[i].explain);
	}
	free(rules->v);
	free(rules->by_number);
	windows_free(rules->windows);
	matcher_free(rules->matcher);
	ruleset_free(&rules->set);
}
