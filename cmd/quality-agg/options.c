#include "options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lines.h"
#include "base/mem.h"
#include "term/style.h"

enum {
	OPT_BY = 256,
	OPT_EVERY,
	OPT_TOP,
	OPT_DETAIL,
	OPT_STATE_OUT,
	OPT_MERGE,
	OPT_SINCE,
	OPT_WHERE,
	OPT_MAP,
	OPT_FROM,
	OPT_UNTIL,
	OPT_WINDOW,
	OPT_EXACT,
	OPT_MAX_BAD,
	OPT_MAX_LINE,
	OPT_STRICT,
	OPT_BASELINE, /* and what needs it, to */
	OPT_ALPHA,
	OPT_MIN_EFFECT,
	OPT_WORSE,
	OPT_MIN_N,
	OPT_REQUIRE_POWER, /* here */
	OPT_FAIL_IF,
	OPT_FOLLOW,
};

const struct tool_option option_table[] = {
	{ OPT_BY, "by", "FIELD,...",
	    "one object for each group of lines with the same FIELDs" },
	{ OPT_EVERY, "every", "D", "one object for each span of time of length D" },
	{ OPT_TOP, "top", "N", "only the N groups with most lines" },
	{ OPT_DETAIL, "detail", NULL, "distributions, rates with intervals and times besides" },
	{ OPT_STATE_OUT, "state-out", "FILE",
	    "write what --merge reads to FILE; -: to stdout, and nothing else" },
	{ OPT_MERGE, "merge", NULL, "FILEs are states: put them together" },
	{ OPT_SINCE, "since", "T", "only lines of time T or later: a time, or a duration ago" },
	{ OPT_UNTIL, "until", "T", "only lines before time T: a time, or a duration ago" },
	{ OPT_WINDOW, "window", "D", "only the last D before --until (default: now)" },
	{ OPT_WHERE, "where", "PROGRAM", "only lines for which this jq program holds" },
	{ OPT_MAP, "map", "PROGRAM",
	    "make each line into lines of a quality log with this jq program" },
	{ OPT_FROM, "from", "FORMAT", "what lines are: native (default) or otel (OTLP/JSON)" },
	{ OPT_EXACT, "exact", "N",
	    "above N values estimate quantiles within 1 % (default 10000000)" },
	{ OPT_MAX_BAD, "max-bad", "N", "up to N refused lines do not change the exit status" },
	{ OPT_MAX_LINE, "max-line", "SIZE", "refuse longer lines (default 65535 bytes; K, M)" },
	{ OPT_STRICT, "strict", NULL, "stop at the first refused line" },
	{ OPT_BASELINE, "baseline", "FILE",
	    "compare with the log or state FILE: a verdict each" },
	{ OPT_ALPHA, "alpha", "P", "chance of a false alarm in all verdicts (default 0.05)" },
	{ OPT_MIN_EFFECT, "min-effect", "METRIC=V[%],...", "a change smaller than V is none" },
	{ OPT_WORSE, "worse", "METRIC=up|down|none", "which way a metric gets worse" },
	{ OPT_MIN_N, "min-n", "N", "no verdict on fewer values than N (default 30)" },
	{ OPT_REQUIRE_POWER, "require-power", NULL,
	    "fail if there are too few lines for a verdict" },
	{ OPT_FAIL_IF, "fail-if", "PROGRAM", "fail if this jq program holds for the metrics" },
	{ OPT_FOLLOW, "follow", "FILE",
	    "read FILE on as it grows, as tail -F does, and show a table" },
	{ 'f', "format", "FORMAT", FORMAT_NAMES " (default: json)" },
	TOOL_COLOR_ROW,
	TOOL_JOBS_ROW,
	TOOL_OUTPUT_ROW,
	TOOL_PROGRESS_ROW,
	TOOL_QUIET_ROW,
	TOOL_OPTIONS,
};

static const double ALPHA = 0.05;
static const uint64_t MIN_N = 30, EXACT = 10000000, MAX_LINE_MAX = UINT64_C(1) << 30;
static const size_t OTEL_LINE_MAX = (size_t)64 << 20; /* a batch */

static void
by_take(struct by *by)
{
	const char *wrong = by_get(slice_of(optarg), by);

	if (wrong != NULL)
		die_usage("option --by: %s", wrong);
}

static void
every_take(int64_t *every)
{
	if (span_get(slice_of(optarg), every) == -1 || *every == 0)
		die_usage("option --every: not a duration above 0");
}

static void
from_take(struct aggregate_options *a)
{
	a->intake.otel = strcmp(optarg, "otel") == 0;
	if (!a->intake.otel && strcmp(optarg, "native") != 0)
		die_usage("option --from: not native or otel");
}

static void
gate_take(struct options *o, int id)
{
	struct gate *g = &o->gate;
	const char *wrong = NULL;

	switch (id) {
	case OPT_BASELINE: g->baseline = optarg; break;
	case OPT_ALPHA:
		if (!number_get(slice_of(optarg), &g->compare.alpha) || g->compare.alpha <= 0 ||
		    g->compare.alpha >= 1)
			die_usage("option --alpha: not a number between 0 and 1");
		break;
	case OPT_MIN_EFFECT:
		if ((wrong = rules_min_effect(g->compare.rules, slice_of(optarg))) != NULL)
			die_usage("option --min-effect: %s", wrong);
		break;
	case OPT_WORSE:
		if ((wrong = rules_worse(g->compare.rules, slice_of(optarg))) != NULL)
			die_usage("option --worse: %s", wrong);
		break;
	case OPT_MIN_N: g->compare.min_n = tool_number("min-n", optarg, INT64_MAX); break;
	case OPT_REQUIRE_POWER: g->require_power = true; break;
	case OPT_FAIL_IF: g->fail_if = optarg; break;
	default: break;
	}
	if (id > OPT_BASELINE && id <= OPT_REQUIRE_POWER)
		for (const struct tool_option *row = option_table; row->name != NULL; row++)
			if (row->id == id)
				o->of_verdicts = row->name;
}

static const char *
file_take(const char *option)
{
	if (optarg[0] == '\0')
		die_usage("option --%s: an empty name", option);
	return optarg;
}

static void
format_take(struct options *o)
{
	o->format = format_find(optarg);
	if (o->format == NULL)
		die_usage("option --format: not one of " FORMAT_NAMES);
}

static void
option_take(struct options *o, int id)
{
	switch (id) {
	case OPT_BY: by_take(&o->aggregate.plan.by); break;
	case OPT_EVERY: every_take(&o->aggregate.plan.every); break;
	case OPT_TOP:
		if ((o->top = tool_number("top", optarg, INT64_MAX)) == 0)
			die_usage("option --top: must not be 0");
		break;
	case OPT_DETAIL: o->detail = true; break;
	case OPT_STATE_OUT: o->state_out = file_take("state-out"); break;
	case OPT_MERGE: o->merge = true; break;
	case OPT_SINCE: o->since = optarg; break;
	case OPT_UNTIL: o->until = optarg; break;
	case OPT_WINDOW: o->window = optarg; break;
	case OPT_WHERE: o->aggregate.intake.where = optarg; break;
	case OPT_MAP: o->aggregate.intake.map = optarg; break;
	case OPT_FROM: from_take(&o->aggregate); break;
	case OPT_EXACT:
		o->aggregate.plan.exact = tool_number("exact", optarg, INT64_MAX);
		o->exact_given = true;
		break;
	case OPT_MAX_BAD: o->max_bad = tool_number("max-bad", optarg, INT64_MAX); break;
	case OPT_MAX_LINE:
		o->aggregate.max_line = tool_number("max-line", optarg, MAX_LINE_MAX);
		o->max_line_given = true;
		if (o->aggregate.max_line == 0)
			die_usage("option --max-line: must not be 0");
		break;
	case OPT_STRICT: o->aggregate.strict = true; break;
	case 'j': o->aggregate.jobs = tool_jobs(optarg); break;
	case 'o': o->output = file_take("output"); break;
	case 'f': format_take(o); break;
	case OPT_FOLLOW: o->follow = optarg; break;
	case TOOL_COLOR: o->color = optarg; break;
	case TOOL_PROGRESS: o->progress = true; break;
	default: gate_take(o, id); break;
	}
}

static bool
when_take(const char *option, const char *text, struct instant now, struct instant *t)
{
	if (text == NULL)
		return false;
	if (when_get(slice_of(text), now, t) == -1)
		die_usage("option --%s: neither an RFC 3339 time nor a duration", option);
	return true;
}

/* Turn --since, --until and --window into the two ends. */
static void
window_set(struct window *w, const struct options *o)
{
	struct instant now = instant_now();
	int64_t span;

	w->has_since = when_take("since", o->since, now, &w->since);
	w->has_until = when_take("until", o->until, now, &w->until);
	if (o->window == NULL)
		return;
	if (w->has_since)
		die_usage("options --window and --since exclude each other");
	if (span_get(slice_of(o->window), &span) == -1 || span == 0)
		die_usage("option --window: not a duration above 0");
	if (!w->has_until)
		w->until = now;
	w->since = w->until;
	if (__builtin_sub_overflow(w->until.s, span, &w->since.s))
		die_usage("option --window: too long a duration");
	w->has_since = w->has_until = true;
}

/* What a state is about was decided when it was made. */
static void
merge_check(const struct options *o)
{
	const struct aggregate_options *a = &o->aggregate;

	if (o->merge &&
	    (a->plan.by.count > 0 || a->intake.where != NULL || a->intake.map != NULL ||
		a->intake.otel || a->plan.every != 0 || a->window.has_since ||
		a->window.has_until || a->strict))
		die_usage("option --merge: takes no --by, --every, --since, --until, --window, "
			  "--where, --map, --from or --strict: states have theirs");
}

/* Programs that do not compile end it here, before anything is read or replaced. */
static void
intake_set(struct options *o)
{
	struct aggregate_options *a = &o->aggregate;

	if (a->intake.otel && !o->max_line_given)
		a->max_line = OTEL_LINE_MAX;
	/* Each worker compiles them for itself, which takes longer than more workers than cores save. */
	if ((a->intake.where != NULL || a->intake.map != NULL) && a->jobs > tool_cores())
		a->jobs = tool_cores();
	if (!intake_program("--where", a->intake.where) ||
	    !intake_program("--map", a->intake.map))
		exit(tool_end(TOOL_TROUBLE));
}

/* What is printed if that was not said; formats that say nothing without another option. */
static void
format_check(struct options *o)
{
	if (o->format == NULL)
		o->format = format_find(o->follow != NULL ? "table" : "json");
	if (strcmp(o->format->name, "junit") == 0 && o->gate.baseline == NULL &&
	    o->gate.fail_if == NULL)
		die_usage("option --format junit: needs --baseline or --fail-if");
	if (strcmp(o->format->name, "chart") == 0 && o->aggregate.plan.every == 0 && !o->merge)
		die_usage("option --format chart: needs --every");
}

/* There is something to be compared, and standard input is read once. */
static void
baseline_check(const struct options *o, char **paths)
{
	const char *first = o->follow != NULL ? o->follow : *paths == NULL ? "-" : *paths;
	bool input = strcmp(first, "-") == 0;

	if (o->gate.baseline == NULL && o->of_verdicts != NULL)
		die_usage("option --%s: needs --baseline", o->of_verdicts);
	if (o->gate.baseline == NULL || strcmp(o->gate.baseline, "-") != 0)
		return;
	for (; *paths != NULL; paths++)
		input |= strcmp(*paths, "-") == 0;
	if (input)
		die_usage("option --baseline: standard input is read already");
}

static void
follow_check(const struct options *o, bool operands)
{
	if (o->follow != NULL && (operands || o->merge))
		die_usage("option --follow: takes no other FILE and no --merge");
}

/* Do both name one regular file, or the same that there is not yet? */
static bool
is_same_file(const char *a, const char *b)
{
	struct stat x, y;
	const char *of_a = strrchr(a, '/'), *of_b = strrchr(b, '/');
	bool there = stat(a, &x) == 0, same;
	char *dir_a, *dir_b;

	if (strcmp(a, b) == 0 && !(there && !S_ISREG(x.st_mode)))
		return true;
	if (there != (stat(b, &y) == 0))
		return false;
	if (there)
		return S_ISREG(x.st_mode) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
	if (strcmp(of_a == NULL ? a : of_a + 1, of_b == NULL ? b : of_b + 1) != 0)
		return false;
	dir_a = of_a == NULL ? xstrndup(".", 1) : xstrndup(a, (size_t)(of_a + 1 - a));
	dir_b = of_b == NULL ? xstrndup(".", 1) : xstrndup(b, (size_t)(of_b + 1 - b));
	same = stat(dir_a, &x) == 0 && stat(dir_b, &y) == 0 && x.st_dev == y.st_dev &&
	    x.st_ino == y.st_ino;
	free(dir_a);
	free(dir_b);
	return same;
}

/* One of both would be lost. */
static void
outputs_check(const struct options *o)
{
	if (o->state_out != NULL && o->output != NULL && is_same_file(o->state_out, o->output))
		die_usage("options --state-out and --output name the same file");
}

/* How what is written may look; asked for here, because libjq will find no environment. */
static void
looks_set(struct options *o)
{
	int fd = o->output == NULL ? STDOUT_FILENO : -1;

	if (style_wanted(o->color, fd, &o->colored) == -1)
		die_usage("option --color: not auto, always or never");
	o->unicode = style_unicode(fd);
	o->width = style_width(fd);
}

/* Keep what is asked for: of mere rows only what they are made of.  States that are read may be over time. */
static void
plan_set(struct plan *plan, const struct options *o)
{
	bool rows = o->format->rows;

	if (o->gate.baseline == NULL || !rows || o->gate.fail_if != NULL)
		plan->want |= WANT_METRICS;
	if (o->gate.baseline != NULL)
		plan->want |= WANT_TESTS;
	if (o->detail)
		plan->want |= WANT_DETAIL;
	if (o->state_out != NULL)
		plan->want |= WANT_STATE;
	plan->drift = plan->every != 0 || o->merge || !rows;
}

void
options_get(struct options *o, int argc, char **argv)
{
	int id;

	*o = (struct options){
		.aggregate = {
			.jobs = tool_cores(),
			.max_line = LINES_MAX,
			.plan = { .exact = EXACT },
		},
		.gate.compare = { .alpha = ALPHA, .min_n = MIN_N },
	};
	rules_init(o->gate.compare.rules);
	while ((id = tool_next(argc, argv, option_table)) != -1)
		option_take(o, id);
	window_set(&o->aggregate.window, o);
	o->gate.compare.top = o->top;
	o->gate.compare.jobs = o->aggregate.jobs;
	merge_check(o);
	format_check(o);
	plan_set(&o->aggregate.plan, o);
	follow_check(o, optind < argc);
	baseline_check(o, argv + optind);
	outputs_check(o);
	looks_set(o);
	intake_set(o);
}
