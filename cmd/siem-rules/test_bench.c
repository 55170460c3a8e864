/* One rule and what it rests on, set up to be fed samples. */
#include <stdlib.h>

#include "base/mem.h"
#include "test.h"

static int add_rule(struct bench *b, const struct rule *r, struct finding *why);

static int
refuse(struct finding *why, const struct rule *r, const char *id, const char *text)
{
	*why =
	    (struct finding){ .at = r->at, .severity = SEVERITY_ERROR, .id = id, .text = text };
	return -1;
}

static int
add_detection(struct bench *b, const struct rule *r, struct finding *why)
{
	struct bench_part *p;
	uint32_t number;

	for (uint32_t i = 0; i < b->part_count; i++)
		if (b->parts[i].rule == r)
			return 0;
	if (r->lacks != NULL)
		return refuse(why, r, "filter-broken", "a filter for this rule is broken");
	number = matcher_add(b->matcher, r, why);
	if (number == MATCH_NONE)
		return -1;
	windows_base(b->windows, r, number);
	b->parts = xrealloc(b->parts, b->part_count + 1, sizeof *b->parts);
	p = &b->parts[b->part_count++];
	*p = (struct bench_part){ .rule = r };
	if (r->clause != NULL && (p->explain = explain_new(b->matcher, r->clause)) != NULL) {
		p->count = explain_parts(p->explain);
		p->marks = xzalloc(p->count, 1);
	}
	return 0;
}

/* After those that it rests on; a ring has been refused. */
static int
add_correlation(struct bench *b, const struct rule *r, struct finding *why)
{
	const struct correlation *c = r->correlation;

	for (uint32_t i = 0; i < b->correlation_count; i++)
		if (b->correlations[i] == r)
			return 0;
	for (uint32_t i = 0; i < c->rule_count; i++) {
		if (c->rules[i].rule == NULL || c->rules[i].rule->broken)
			return refuse(
			    why, r, "reference-broken", "a rule that it rests on cannot run");
		if (add_rule(b, c->rules[i].rule, why) == -1)
			return -1;
	}
	if (windows_add(b->windows, r, why) != 1)
		return -1;
	windows_tag(b->windows, r, b->correlation_count);
	b->correlations =
	    xrealloc(b->correlations, b->correlation_count + 1, sizeof(struct rule *));
	b->correlations[b->correlation_count++] = r;
	return 0;
}

static int
add_rule(struct bench *b, const struct rule *r, struct finding *why)
{
	return r->correlation != NULL ? add_correlation(b, r, why) : add_detection(b, r, why);
}

int
bench_open(struct bench *b, const struct rule *r, bool zoned, struct finding *why)
{
	*b = (struct bench){ .rule = r, .options = { .lateness = 60, .max_groups = 1000000 } };
	b->matcher = matcher_new(zoned);
	b->windows = windows_new(&b->options, b->matcher);
	if (add_rule(b, r, why) == -1)
		return -1;
	matcher_ready(b->matcher);
	windows_ready(b->windows);
	b->fired = xzalloc(b->correlation_count, sizeof *b->fired);
	b->match = match_new(b->matcher, false);
	b->collector = collector_new(b->windows);
	b->feed = feed_new();
	return 0;
}

void
bench_close(struct bench *b)
{
	for (uint32_t i = 0; i < b->part_count; i++) {
		explain_free(b->parts[i].explain);
		free(b->parts[i].marks);
	}
	free(b->parts);
	free(b->correlations);
	free(b->fired);
	match_free(b->match);
	collector_free(b->collector);
	if (b->feed != NULL)
		feed_free(b->feed);
	windows_free(b->windows);
	matcher_free(b->matcher);
}

static void
on_window(void *arg, const struct window_found *f)
{
	struct bench *b = arg;

	b->fired[f->order]++;
	b->hit = b->hit || b->correlations[f->order] == b->rule;
}

void
bench_begin(struct bench *b)
{
	windows_reset(b->windows);
	b->hit = false;
}

int
bench_event(struct bench *b, struct slice line, uint64_t number, struct diag *d)
{
	const uint32_t *found;
	size_t n;

	if (match_read(b->match, line, d) == -1)
		return -1;
	n = match_find(b->match, &found);
	for (uint32_t i = 0; i < b->part_count; i++)
		if (b->parts[i].explain != NULL)
			explain_mark(b->match, b->parts[i].explain, b->parts[i].marks);
	if (b->correlation_count == 0) {
		b->hit = b->hit || n > 0;
		return 0;
	}
	feed_reset(b->feed);
	collect(b->collector, b->match, found, n, NULL, b->feed);
	windows_feed(b->windows, b->feed, 0, number, on_window, b);
	return 0;
}

void
bench_end(struct bench *b)
{
	if (b->correlation_count > 0)
		windows_end(b->windows, on_window, b);
}
