/*
 * quality-agg - AI quality logs into metrics.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "aggregate.h"
#include "base/lines.h"
#include "base/out.h"
#include "base/progress.h"
#include "metric.h"

enum {
	OPT_SINCE = 256,
	OPT_UNTIL,
	OPT_WINDOW,
	OPT_EXACT,
	OPT_MAX_BAD,
	OPT_MAX_LINE,
	OPT_STRICT,
};

static const struct tool_option option_table[] = {
	{ OPT_SINCE, "since", "T", "only lines of time T or later: a time, or a duration ago" },
	{ OPT_UNTIL, "until", "T", "only lines before time T: a time, or a duration ago" },
	{ OPT_WINDOW, "window", "D", "only the last D before --until (default: now)" },
	{ OPT_EXACT, "exact", "N",
	    "above N values estimate quantiles within 1 % (default 10000000)" },
	{ OPT_MAX_BAD, "max-bad", "N", "up to N refused lines do not change the exit status" },
	{ OPT_MAX_LINE, "max-line", "SIZE", "refuse longer lines (default 65535 bytes; K, M)" },
	{ OPT_STRICT, "strict", NULL, "stop at the first refused line" },
	TOOL_JOBS_ROW,
	TOOL_OUTPUT_ROW,
	TOOL_PROGRESS_ROW,
	TOOL_QUIET_ROW,
	TOOL_OPTIONS,
};

static const struct tool tool = {
	.name = "quality-agg",
	.summary = "turn AI quality logs (JSON lines) into metrics",
	.operands = "[options] [FILE ...]",
	.options = option_table,
	.notes =
	    "Exit status: 0 all is well; 1 a line was refused, or none was left to count;\n"
	    "2 usage, or a FILE could not be read or written.",
};

static const uint64_t EXACT = 10000000, MAX_LINE_MAX = UINT64_C(1) << 30;

struct options {
	struct aggregate_options aggregate;
	const char *since, *until, *window, *output;
	uint64_t max_bad;
	bool progress;
};

static void
option_take(struct options *o, int id)
{
	switch (id) {
	case OPT_SINCE: o->since = optarg; break;
	case OPT_UNTIL: o->until = optarg; break;
	case OPT_WINDOW: o->window = optarg; break;
	case OPT_EXACT: o->aggregate.exact = tool_number("exact", optarg, INT64_MAX); break;
	case OPT_MAX_BAD: o->max_bad = tool_number("max-bad", optarg, INT64_MAX); break;
	case OPT_MAX_LINE:
		o->aggregate.max_line = tool_number("max-line", optarg, MAX_LINE_MAX);
		if (o->aggregate.max_line == 0)
			die_usage("option --max-line: must not be 0");
		break;
	case OPT_STRICT: o->aggregate.strict = true; break;
	case 'j': o->aggregate.jobs = tool_jobs(optarg); break;
	case 'o': o->output = optarg; break;
	case TOOL_PROGRESS: o->progress = true; break;
	default: break;
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

static void
options_get(struct options *o, int argc, char **argv)
{
	int id;

	*o = (struct options){ .aggregate = {
				   .jobs = tool_cores(),
				   .max_line = LINES_MAX,
				   .exact = EXACT,
			       } };
	while ((id = tool_next(argc, argv, option_table)) != -1)
		option_take(o, id);
	window_set(&o->aggregate.window, o);
}

/* The bytes of all regular files, or 0 if they cannot be told. */
static uint64_t
total_size(char **paths)
{
	uint64_t sum = 0;
	struct stat st;

	for (; *paths != NULL; paths++) {
		if (stat(*paths, &st) == -1 || !S_ISREG(st.st_mode))
			return 0;
		sum += (uint64_t)st.st_size;
	}
	return sum;
}

/*
 * Add all files.  Those that cannot be read are named and the others are added all the same.
 * Returns false if a signal cut it short, so that there is nothing to report.
 */
static bool
files_add(struct aggregate *a, char **paths, bool progress, enum tool_status *status)
{
	char dash[] = "-", *standard[] = { dash, NULL };
	bool whole = true;
	int more = 1;

	if (*paths == NULL)
		paths = standard;
	progress_start(total_size(paths), progress);
	for (; *paths != NULL && more != 0 && whole; paths++) {
		more = aggregate_file(a, *paths);
		if (more == -1) {
			whole = errno != EINTR;
			warn_errno(tool_file(*paths));
			*status = TOOL_TROUBLE;
		}
	}
	progress_end();
	if (more == 0)
		*status = tool_worse(*status, TOOL_NO);
	return whole;
}

/* Say what the numbers alone do not: that one is estimated, that there are none, what was refused. */
static enum tool_status
remarks_say(const struct aggregate *a, const struct state *s, const struct options *o)
{
	uint64_t lines = aggregate_lines(a), refused = aggregate_refused(a);

	for (size_t i = 0; i < s->columns; i++)
		if (s->series[i].values != NULL && !quantile_exact(s->series[i].values))
			note("%s: more than %llu values: quantiles are estimated within 1 %%",
			    field_table[i].name, (unsigned long long)o->aggregate.exact);
	if (lines == 0)
		warn("no line to work on");
	else if (s->records == 0 && refused < lines)
		warn("no accepted line is within the time asked for");
	if (refused > 0)
		warn("%llu of %llu lines refused", (unsigned long long)refused,
		    (unsigned long long)lines);
	return s->records == 0 || refused > o->max_bad ? TOOL_NO : TOOL_OK;
}

/* Without a record to put in its place, what FILE held before the trouble stays. */
static enum tool_status
report(struct out *out, const struct state *s, bool whole, bool trouble)
{
	if (whole) {
		metric_put(&out->buf, s);
		buf_byte(&out->buf, '\n');
	}
	if (out_close(out, whole && !(trouble && s->records == 0)) == 0)
		return TOOL_OK;
	warn_errno(out->name);
	return TOOL_TROUBLE;
}

int
main(int argc, char **argv)
{
	struct options o;
	struct aggregate *a;
	struct state *all;
	struct out out;
	enum tool_status status = TOOL_OK;
	bool whole;

	tool_start(&tool);
	options_get(&o, argc, argv);
	if (out_open(&out, o.output) == -1)
		die("%s: %s", o.output, strerror(errno));
	a = aggregate_new(&o.aggregate);
	whole = files_add(a, argv + optind, o.progress, &status);
	all = aggregate_result(a);
	status = tool_worse(status, report(&out, all, whole, status == TOOL_TROUBLE));
	if (whole)
		status = tool_worse(status, remarks_say(a, all, &o));
	aggregate_free(a);
	return tool_end(status);
}
