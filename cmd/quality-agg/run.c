#include "run.h"

#include <errno.h>
#include <string.h>

#include "base/out.h"
#include "json.h"
#include "source.h"

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

/* What is written: the result, the state, or both. */
struct outputs {
	struct out result, state;
	bool has_result, has_state;
};

static void
output_open(struct out *out, const char *path)
{
	if (out_open(out, path) == -1)
		die("%s: %s", path, strerror(errno));
}

/* "--state-out -" takes the place of the result, unless that goes to a file. */
static void
outputs_open(struct outputs *to, const struct options *o)
{
	to->has_state = o->state_out != NULL;
	to->has_result = !to->has_state || strcmp(o->state_out, "-") != 0 || o->output != NULL;
	if (to->has_result)
		output_open(&to->result, o->output);
	if (to->has_state)
		output_open(&to->state, o->state_out);
}

static enum tool_status
output_close(struct out *out, bool keep)
{
	if (out_close(out, keep) == 0)
		return TOOL_OK;
	warn_errno(out->name);
	return TOOL_TROUBLE;
}

static enum tool_status
outputs_close(struct outputs *to, bool keep)
{
	enum tool_status status = TOOL_OK;

	if (to->has_state)
		status = output_close(&to->state, keep);
	if (to->has_result)
		status = tool_worse(status, output_close(&to->result, keep));
	return status;
}

/* Without a record to put in its place, what FILE held before the trouble stays. */
static enum tool_status
report(struct outputs *to, const struct result *r, const struct source *s,
    const struct options *o, bool trouble)
{
	bool keep = !(trouble && r->records == 0);

	if (keep && to->has_state)
		source_put(&to->state, s);
	if (keep && to->has_result)
		result_put_json(&to->result, r, o->detail);
	return outputs_close(to, keep);
}

/* What was read is worth something: bring it out. */
static enum tool_status
conclude(struct outputs *to, struct source *s, const struct options *o, enum tool_status status)
{
	struct result r;

	result_make(&r, s->state, &s->by, o->top);
	r.lines = s->lines;
	r.refused = s->refused;
	status = tool_worse(status, report(to, &r, s, o, status == TOOL_TROUBLE));
	remarks_say(&r);
	if (r.records == 0 || r.refused > o->max_bad)
		status = tool_worse(status, TOOL_NO);
	result_free(&r);
	return status;
}

static enum tool_status
give_up(struct outputs *to, const struct state *s)
{
	outputs_close(to, false);
	if (s->too_many)
		warn("more than %d groups, or %d groups and spans of time", STATE_GROUPS,
		    STATE_CELLS);
	return TOOL_TROUBLE;
}

enum tool_status
run(const struct options *o, char **paths)
{
	enum tool_status status = TOOL_OK;
	struct outputs to;
	struct source s;
	bool whole;

	outputs_open(&to, o);
	if (o->merge)
		whole =
		    source_states(&s, o->exact_given ? &o->aggregate.plan.exact : NULL, paths);
	else
		whole = source_logs(&s, &o->aggregate, paths, o->progress, &status);
	if (whole && !s.state->too_many)
		status = conclude(&to, &s, o, status);
	else
		status = give_up(&to, s.state);
	source_free(&s);
	return status;
}
