/* The options of "siem-rules match". */
#include <stdlib.h>

#include "base/instant.h"
#include "base/lines.h"
#include "base/mem.h"
#include "match.h"

enum {
	OPT_EVENTS = 300,
	OPT_EXPLAIN,
	OPT_STATS,
	OPT_LOGSOURCE,
	OPT_PIPELINE,
	OPT_TZ,
	OPT_TIME_FIELD,
	OPT_LATENESS,
	OPT_SLIDING,
	OPT_MAX_GROUPS,
	OPT_STRICT,
	OPT_MAX_LINE,
	OPT_ALLOW_EMPTY,
};

enum { LINE_LIMIT = 16 << 20 };

const struct tool_option match_options[] = {
	RULES_ROW,
	{ OPT_EVENTS, "events", NULL, "add the event to each detection" },
	{ OPT_EXPLAIN, "explain", "[all]",
	    "say which parts of a rule held; all: of every rule and event" },
	{ OPT_STATS, "stats", "FILE", "write counts and the time per rule to FILE" },
	{ OPT_LOGSOURCE, "logsource", "K=V[,K=V]",
	    "only rules for this category, product, service" },
	{ OPT_PIPELINE, "pipeline", "FILE", "map fields and logsources by this pipeline" },
	{ OPT_TZ, "tz", "ZONE", "parts of a time are those of this zone (UTC)" },
	{ OPT_TIME_FIELD, "time-field", "FIELD", "the member that has an event's time" },
	{ OPT_LATENESS, "lateness", "DURATION",
	    "how long a window waits for late events (60s)" },
	{ OPT_SLIDING, "sliding", NULL, "windows end at each event instead of on the clock" },
	{ OPT_MAX_GROUPS, "max-groups", "N", "groups that may be open at once (1000000)" },
	{ OPT_STRICT, "strict", NULL, "stop at the first line that is no event" },
	{ OPT_MAX_LINE, "max-line", "SIZE", "refuse longer lines (65535)" },
	{ OPT_ALLOW_EMPTY, "allow-empty", NULL, "no event at all is no error" },
	TOOL_OUTPUT_ROW,
	TOOL_JOBS_ROW,
	TOOL_PROGRESS_ROW,
	TOOL_QUIET_ROW,
	TOOL_OPTIONS,
};

/* "category=X,product=Y,service=Z", any of them, none twice and none empty. */
static void
add_source(struct match_options *o, const char *text)
{
	static const char *const names[] = { "category", "product", "service" };
	struct wanted_source w = { 0 };
	struct slice *parts[] = { &w.category, &w.product, &w.service };
	struct slice rest = slice_of(text), item, value;
	bool more = true;

	while (more) {
		struct slice key, *part = NULL;

		more = slice_cut(&rest, ',', &item);
		value = item;
		if (!slice_cut(&value, '=', &key))
			value.len = 0;
		for (size_t i = 0; i < 3; i++)
			if (slice_is(key, names[i]))
				part = parts[i];
		if (part != NULL && value.len > 0 && part->len == 0)
			*part = value;
		else
			die_usage("--logsource takes category=X, product=Y and service=Z, each "
				  "once, with commas between");
	}
	o->wanted = xrealloc(o->wanted, o->wanted_count + 1, sizeof *o->wanted);
	o->wanted[o->wanted_count++] = w;
}

static int64_t
get_lateness(const char *text)
{
	int64_t s;

	if (span_get(slice_of(text), &s) == -1)
		die_usage("--lateness takes a duration such as 60s, 15m or 2h");
	return s;
}

static enum explain_mode
get_explain(const char *text)
{
	if (text != NULL && strcmp(text, "all") != 0)
		die_usage("--explain takes nothing or all");
	return text == NULL ? EXPLAIN_FOUND : EXPLAIN_ALL;
}

static uint64_t
get_positive(const char *option, const char *text, uint64_t max)
{
	uint64_t n = tool_number(option, text, max);

	if (n == 0)
		die_usage("--%s takes a number above 0", option);
	return n;
}

static void
take_option(struct match_options *o, int id)
{
	switch (id) {
	case 'r': sources_add(&o->sources, optarg); break;
	case OPT_EVENTS: o->events = true; break;
	case OPT_EXPLAIN: o->explain = get_explain(optarg); break;
	case OPT_STATS:
		o->stats = optarg;
		o->window.timed = true;
		break;
	case OPT_LOGSOURCE: add_source(o, optarg); break;
	case OPT_PIPELINE: o->pipeline = optarg; break;
	case OPT_TZ: o->zone = optarg; break;
	case OPT_TIME_FIELD: o->window.time_field = slice_of(optarg); break;
	case OPT_LATENESS: o->window.lateness = get_lateness(optarg); break;
	case OPT_SLIDING: o->window.sliding = true; break;
	case OPT_MAX_GROUPS:
		o->window.max_groups = get_positive("max-groups", optarg, UINT32_MAX / 2);
		break;
	case OPT_STRICT: o->strict = true; break;
	case OPT_MAX_LINE: o->max_line = get_positive("max-line", optarg, LINE_LIMIT); break;
	case OPT_ALLOW_EMPTY: o->allow_empty = true; break;
	case 'o': o->output = optarg; break;
	case 'j': o->jobs = tool_jobs(optarg); break;
	case TOOL_PROGRESS: o->progress = true; break;
	default: break;
	}
}

static bool
is_rule_file(const char *name)
{
	return slice_ends(slice_of(name), SLICE(".yml")) ||
	    slice_ends(slice_of(name), SLICE(".yaml"));
}

void
match_options_get(struct match_options *o, int argc, char **argv)
{
	static char stdin_name[] = "-", *only_stdin[] = { stdin_name, NULL };
	int id;

	o->jobs = tool_cores();
	o->max_line = LINES_MAX;
	o->window = (struct window_options){ .lateness = 60, .max_groups = 1000000 };
	while ((id = tool_next(argc, argv, match_options)) != -1)
		take_option(o, id);
	o->files = argc > optind ? argv + optind : only_stdin;
	for (o->file_count = 0; o->files[o->file_count] != NULL; o->file_count++)
		if (is_rule_file(o->files[o->file_count]))
			die_usage("%s: operands are events; rules are given with -r",
			    o->files[o->file_count]);
	o->window.hold = o->file_count > 1;
	if (o->window.time_field.p != NULL && o->window.time_field.len == 0)
		die_usage("--time-field takes a name");
}
