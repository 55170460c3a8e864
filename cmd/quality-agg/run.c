#include "run.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/out.h"
#include "base/progress.h"
#include "json.h"

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
static void
remarks_say(const struct result *r)
{
	for (unsigned i = 0; i < COLUMNS; i++)
		if (r->state->spilled >> i & 1)
			note("%s: more than %llu values: quantiles are estimated within 1 %%",
			    column_names[i], (unsigned long long)r->state->shape.exact);
	if (r->lines == 0)
		warn("no line to work on");
	else if (r->records == 0 && r->refused < r->lines)
		warn("no accepted line is within the time asked for");
	if (r->refused > 0)
		warn("%llu of %llu lines refused", (unsigned long long)r->refused,
		    (unsigned long long)r->lines);
}

/* Without a record to put in its place, what FILE held before the trouble stays. */
static enum tool_status
report(struct out *out, const struct result *r, const struct options *o, bool keep)
{
	if (keep)
		result_put_json(out, r, o->detail);
	if (out_close(out, keep) == 0)
		return TOOL_OK;
	warn_errno(out->name);
	return TOOL_TROUBLE;
}

/* What was read is worth something: bring it out. */
static enum tool_status
conclude(struct out *out, const struct result *r, const struct options *o, bool trouble)
{
	enum tool_status status = report(out, r, o, !(trouble && r->records == 0));

	remarks_say(r);
	if (r->records == 0 || r->refused > o->max_bad)
		status = tool_worse(status, TOOL_NO);
	return status;
}

static enum tool_status
give_up(struct out *out, const struct state *s)
{
	out_close(out, false);
	if (s->too_many)
		warn("more than %d groups, or %d groups and spans of time", STATE_GROUPS,
		    STATE_CELLS);
	return TOOL_TROUBLE;
}

enum tool_status
run(const struct options *o, char **paths)
{
	struct aggregate *a;
	struct state *state;
	struct result result;
	struct out out;
	enum tool_status status = TOOL_OK;
	bool whole;

	if (out_open(&out, o->output) == -1)
		die("%s: %s", o->output, strerror(errno));
	a = aggregate_new(&o->aggregate);
	whole = files_add(a, paths, o->progress, &status);
	state = aggregate_result(a);
	if (!whole || state->too_many)
		status = give_up(&out, state);
	else {
		result_make(&result, state, &o->aggregate.plan.by, o->top);
		result.lines = aggregate_lines(a);
		result.refused = aggregate_refused(a);
		status = tool_worse(status, conclude(&out, &result, o, status == TOOL_TROUBLE));
		result_free(&result);
	}
	aggregate_free(a);
	return status;
}
