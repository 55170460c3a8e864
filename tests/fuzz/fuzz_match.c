/*
 * Rules, whatever they are, search events, whatever they are, without harm.  The input is a rule
 * file, a line "===", and lines of events.
 *
 * Properties: the index finds the rules that looking at every test of every rule finds; what a
 * window comes to has a JSON object for a group and a number for a count, its lines ascend, and it
 * comes to the same however events are put into feeds; no more groups are open than may be.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "sigma/ruleset.h"
#include "sigma/window_inner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { RULES_BYTES = 8192, EVENTS = 64, GROUPS = 20 };

static void
must(bool held, const char *what)
{
	if (held)
		return;
	fprintf(stderr, "fuzz_match: %s\n", what);
	abort();
}

/* One way of doing it. */
struct way {
	struct matcher *m;
	struct windows *w;
	struct match *x;
	struct collector *c;
	struct feed *f;
	struct json *json;
	size_t in_feed; /* events to a feed */
	uint64_t lines; /* fed */
	uint64_t found; /* a sum over what came */
};

static const struct window_options options[] = {
	{ .lateness = 60, .max_groups = GROUPS },
	{ .lateness = 5, .max_groups = GROUPS, .sliding = true, .timed = true },
};

static void
on_window(void *arg, const struct window_found *f)
{
	struct way *way = arg;
	struct decimal d;
	struct diag diag;
	struct buf group = { 0 };

	buf_slice(&group, f->group);
	buf_reserve(&group, JSON_PADDING);
	must(json_check(way->json, (struct slice){ group.p, f->group.len }, &diag) == 0 &&
		group.p[0] == '{',
	    "a group is an object");
	must(decimal_get(f->count, &d) || slice_is(f->count, "null"), "a count is a number");
	must(f->line_count <= WINDOW_LINES, "there are not too many lines");
	for (size_t i = 1; i < f->line_count; i++)
		must(f->lines[i - 1] < f->lines[i], "lines ascend");
	for (size_t i = 0; i < f->line_count; i++)
		way->found = way->found * 31 + f->lines[i];
	way->found = way->found * 31 + f->order;
	for (size_t i = 0; i < f->count.len; i++)
		way->found = way->found * 31 + (unsigned char)f->count.p[i];
	buf_free(&group);
}

/* What the index finds is not believed: each test is made, and each OR asks its tests. */
static void
distrust(struct matcher *m)
{
	for (uint32_t i = 0; i < m->test_count; i++) {
		m->tests[i].indexed = m->tests[i].hinted = false;
		m->waiting[i].ors.n = 0;
	}
	for (uint32_t i = 0; i < m->branch_count; i++)
		m->branches[i].decided = false;
}

static void
way_open(struct way *way, struct ruleset *set, const struct window_options *o, bool indexed,
    size_t in_feed)
{
	struct finding why;
	uint32_t number;

	*way = (struct way){ .m = matcher_new(false), .in_feed = in_feed, .json = json_new() };
	way->w = windows_new(o, way->m);
	for (struct rule *r = set->first; r != NULL; r = r->next)
		if (r->kind == RULE_DETECTION && !r->broken &&
		    (number = matcher_add(way->m, r, &why)) != MATCH_NONE)
			windows_base(way->w, r, number);
	for (unsigned chain = 1; chain <= RULESET_CHAIN; chain++)
		for (struct rule *r = set->first; r != NULL; r = r->next)
			if (r->correlation != NULL && !r->broken && r->chain == chain &&
			    windows_add(way->w, r, &why) == 1)
				windows_tag(way->w, r, r->document);
	matcher_ready(way->m);
	windows_ready(way->w);
	if (!indexed)
		distrust(way->m);
	way->x = match_new(way->m, false);
	way->c = collector_new(way->w);
	way->f = feed_new();
}

static void
way_close(struct way *way)
{
	feed_free(way->f);
	collector_free(way->c);
	match_free(way->x);
	windows_free(way->w);
	matcher_free(way->m);
	json_free(way->json);
}

static void
flush(struct way *way)
{
	for (uint32_t i = 0; i < way->f->event_count; i++) {
		windows_feed(way->w, way->f, i, ++way->lines, on_window, way);
		must(way->w->groups <= GROUPS || way->w->groups == 1, "groups are bounded");
		must(way->w->charged == NULL && way->w->ripe_count == 0,
		    "an event is done with");
	}
	feed_reset(way->f);
}

/* The rules that fit, by the index, are those that fit without it. */
static void
compare(struct way *way, struct way *plain, const uint32_t *found, size_t n)
{
	const uint32_t *unknown;
	size_t m = match_undecided(way->x, &unknown), i = 0, k = 0;

	for (uint32_t rule = 0; rule < matcher_count(plain->m); rule++) {
		enum held held = match_eval(plain->x, plain->m->rules[rule].root);
		bool hit = i < n && found[i] == rule, open = k < m && unknown[k] == rule;

		i += hit;
		k += open;
		must(held ==
			(hit           ? HELD_YES
				: open ? HELD_UNKNOWN
				       : HELD_NO),
		    "the index finds what looking at everything finds");
	}
}

static void
search(struct way *ways, struct way *plain, struct slice line)
{
	struct diag d = { 0 };
	const uint32_t *found, *none;
	size_t n;
	int got = match_read(plain->x, line, &d);

	if (got == 0)
		match_find(plain->x, &none);
	for (int i = 0; i < 2; i++) {
		must(match_read(ways[i].x, line, &d) == got, "all read the same");
		if (got == -1)
			continue;
		n = match_find(ways[i].x, &found);
		compare(&ways[i], plain, found, n);
		collect(ways[i].c, ways[i].x, found, n, NULL, ways[i].f);
	}
	for (int i = 0; i < 2; i++)
		if (ways[i].f->event_count >= ways[i].in_feed)
			flush(&ways[i]);
	must(got == 0 || d.rule != NULL, "what is refused has a reason");
}

static void
run(struct ruleset *set, struct slice events, const struct window_options *o)
{
	struct way ways[2], plain;
	struct buf lines[EVENTS] = { 0 }; /* each by itself: feeds borrow from them */
	struct slice text;
	size_t number = 0;

	way_open(&ways[0], set, o, true, 1);
	way_open(&ways[1], set, o, true, 7);
	way_open(&plain, set, o, false, 1);
	while (number < EVENTS && events.len > 0) {
		struct buf *line = &lines[number++];

		slice_cut(&events, '\n', &text);
		buf_slice(line, text);
		buf_reserve(line, JSON_PADDING);
		memset(line->p + line->len, 0, JSON_PADDING);
		search(ways, &plain, (struct slice){ line->p, text.len });
	}
	for (int i = 0; i < 2; i++) {
		flush(&ways[i]);
		windows_end(ways[i].w, on_window, &ways[i]);
	}
	must(ways[0].found == ways[1].found, "it comes to the same, however it is fed");
	for (int i = 0; i < 2; i++)
		way_close(&ways[i]);
	way_close(&plain);
	for (size_t i = 0; i < number; i++)
		buf_free(&lines[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice all = { (const char *)data, len }, rules = all, events = { NULL, 0 };
	const char *mark = len == 0 ? NULL : memmem(data, len, "\n===\n", 5);
	struct ruleset set;

	if (mark != NULL) {
		rules.len = (size_t)(mark - all.p) + 1;
		events = (struct slice){ mark + 5, len - rules.len - 4 };
	}
	if (rules.len > RULES_BYTES)
		return 0;
	ruleset_init(&set);
	ruleset_add(&set, "fuzz.yml", rules);
	ruleset_close(&set);
	for (size_t i = 0; i < 2; i++)
		run(&set, events, &options[i]);
	ruleset_free(&set);
	return 0;
}
