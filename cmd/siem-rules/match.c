/* siem-rules match: the rules themselves, over events. */
#include "match.h"

#include <stdlib.h>

#include "base/instant.h"
#include "json/write.h"

static int
by_time(const void *a, const void *b)
{
	const struct running *x = *(const struct running *const *)a;
	const struct running *y = *(const struct running *const *)b;

	if (x->stats.ns != y->stats.ns)
		return x->stats.ns > y->stats.ns ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void
put_rule_stats(struct out *out, const struct running *x)
{
	struct buf b = { 0 };

	buf_str(&b, "{\"rule_id\": ");
	json_put_string(&b, x->rule->id.len > 0 ? x->rule->id : rule_key(x->rule), JSON_UTF8);
	buf_str(&b, ", \"title\": ");
	json_put_string(&b, x->rule->title, JSON_UTF8);
	buf_printf(&b, ", \"evaluated\": %llu, \"matched\": %llu, \"seconds\": %.6f}\n",
	    (unsigned long long)x->stats.evaluated, (unsigned long long)x->stats.matched,
	    (double)x->stats.ns / 1e9);
	out_put(out, buf_view(&b));
	buf_free(&b);
}

/* The slowest rule first. */
static enum tool_status
write_stats(const char *path, struct rules *rules, const struct match_totals *t, uint64_t ns)
{
	const struct running **order = calloc(rules->count + 1, sizeof *order);
	struct out out;

	if (order == NULL || out_open(&out, path) == -1) {
		warn_errno(path);
		free(order);
		return TOOL_TROUBLE;
	}
	for (uint32_t i = 0; i < rules->count; i++) {
		order[i] = &rules->v[i];
		if (rules->v[i].number == MATCH_NONE)
			rules->v[i].stats = windows_stats(rules->windows, i);
	}
	qsort(order, rules->count, sizeof *order, by_time);
	out_printf(&out,
	    "{\"events\": %llu, \"refused\": %llu, \"detections\": %llu, \"rules\": %u, "
	    "\"seconds\": %.6f}\n",
	    (unsigned long long)t->events, (unsigned long long)t->refused,
	    (unsigned long long)t->detections, rules->count, (double)ns / 1e9);
	for (uint32_t i = 0; i < rules->count; i++)
		put_rule_stats(&out, order[i]);
	free(order);
	return close_output(&out, TOOL_OK);
}

static enum tool_status
search(const struct match_options *o, struct rules *rules, struct out *out)
{
	uint64_t from = steady_ns();
	struct match_totals totals;
	enum tool_status status = match_run(o, rules, out, &totals);

	if (o->stats != NULL)
		status = tool_worse(
		    status, write_stats(o->stats, rules, &totals, steady_ns() - from));
	return status;
}

enum tool_status
match_verb(int argc, char **argv)
{
	struct match_options o = { 0 };
	struct rules rules = { 0 };
	struct out out;
	enum tool_status status;
	bool none;

	match_options_get(&o, argc, argv);
	if (o.zone != NULL && !zone_set(o.zone))
		die_usage("--tz takes the name of a time zone, such as Europe/Berlin");
	if (out_open(&out, o.output) == -1) {
		warn_errno(o.output);
		return TOOL_TROUBLE;
	}
	status = rules_load(&rules, &o, &none);
	if (!none)
		status = tool_worse(status, search(&o, &rules, &out));
	status = close_output(&out, status);
	rules_free(&rules);
	sources_free(&o.sources);
	free(o.wanted);
	return status;
}
