#include "run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/out.h"
#include "json.h"
#include "story.h"

/* Say what the numbers alone do not: that one is estimated, that there are none, what was refused. */
static void
remarks_say(const struct result *r, const struct intake_options *in)
{
	for (unsigned i = 0; i < COLUMNS; i++)
		if (r->state->spilled >> i & 1)
			note("%s: more than %llu values: quantiles are estimated within 1 %%",
			    column_names[i], (unsigned long long)r->state->shape.exact);
	if (r->lines == 0 || (in->otel && r->records == 0 && r->refused < r->lines))
		warn(in->otel ? "no model call to work on" : "no line to work on");
	else if (r->records == 0 && r->refused < r->lines)
		warn("no accepted line is %s",
		    in->where == NULL ? "within the time asked for" : "one that was asked for");
	if (r->refused > 0)
		warn("%llu of %llu %s refused", (unsigned long long)r->refused,
		    (unsigned long long)r->lines, in->otel ? "records" : "lines");
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
report(struct outputs *to, const struct story *s, const struct options *o, bool trouble)
{
	bool keep = !(trouble && s->result.records == 0);

	if (keep && to->has_state)
		source_put(&to->state, &s->source);
	if (keep && to->has_result)
		story_put(&to->result, s, o);
	return outputs_close(to, keep);
}

/* What --baseline and --fail-if ask of the result. */
static enum tool_status
judge(struct story *s, const struct options *o)
{
	enum tool_status status = TOOL_OK;

	if (s->fail_if != NULL) {
		s->failed = xzalloc(s->result.cell_count + 1, sizeof *s->failed);
		status = gate_cells(s->fail_if, &s->result, o->detail, s->failed);
	}
	if (o->gate.baseline != NULL)
		status = tool_worse(status, gate_verdicts(&s->comparison, &o->gate));
	return status;
}

/* What was read is worth something: bring it out. */
static enum tool_status
conclude(struct outputs *to, struct story *s, const struct options *o, enum tool_status status)
{
	struct result *r = &s->result;
	bool trouble = status == TOOL_TROUBLE;

	story_tell(s, s->source.state, o);
	r->lines = s->source.lines;
	r->refused = s->source.refused;
	if (o->detail)
		detail_prepare(r, o->aggregate.jobs);
	status = tool_worse(status, judge(s, o));
	status = tool_worse(status, report(to, s, o, trouble));
	remarks_say(r, &o->aggregate.intake);
	if (r->records == 0 || r->refused > o->max_bad)
		status = tool_worse(status, TOOL_NO);
	story_reset(s);
	return status;
}

static enum tool_status
give_up(struct outputs *to, const struct state *s)
{
	outputs_close(to, false);
	if (s != NULL && s->too_many)
		warn("more than %d groups, or %d groups and spans of time", STATE_GROUPS,
		    STATE_CELLS);
	return TOOL_TROUBLE;
}

/* Read the input.  Returns whether there is something to report. */
static bool
input_read(struct story *s, const struct options *o, char **paths, enum tool_status *status)
{
	bool whole = true;

	if (o->follow != NULL)
		live_follow(s, o, status);
	else if (o->merge)
		whole = source_states(
		    &s->source, o->exact_given ? &o->aggregate.plan.exact : NULL, paths);
	else
		whole = source_logs(&s->source, &o->aggregate, paths, o->progress, status);
	return whole && !s->source.state->too_many;
}

/* The baseline is by what the input is by, which a state says itself. */
static enum tool_status
baseline_get(struct story *s, const struct options *o)
{
	if (o->gate.baseline == NULL)
		return TOOL_OK;
	return baseline_read(
	    &s->baseline, o->gate.baseline, &o->aggregate, &s->source.by, o->max_bad);
}

/* Of a log that is followed the baseline is read first: it is there to be seen all along. */
static enum tool_status
read_both(struct story *s, const struct options *o, char **paths, bool *whole)
{
	enum tool_status status = TOOL_OK, base = TOOL_OK;

	s->source.by = o->aggregate.plan.by;
	if (o->follow != NULL)
		base = baseline_get(s, o);
	*whole = base == TOOL_TROUBLE || input_read(s, o, paths, &status);
	if (o->follow == NULL && *whole)
		base = baseline_get(s, o);
	*whole = *whole && base != TOOL_TROUBLE;
	return tool_worse(status, base);
}

static enum tool_status
work(struct outputs *to, struct story *s, const struct options *o, char **paths)
{
	bool whole;
	enum tool_status status = read_both(s, o, paths, &whole);

	if (whole)
		status = conclude(to, s, o, status);
	else
		status = give_up(to, s->source.state);
	if (s->source.state != NULL)
		source_free(&s->source);
	return status;
}

/* What is better said before hours of input are read. */
static enum tool_status
prepare(struct story *s, const struct gate *g)
{
	if (g->fail_if != NULL && (s->fail_if = gate_query(g->fail_if)) == NULL)
		return TOOL_TROUBLE;
	if (g->baseline == NULL || strcmp(g->baseline, "-") == 0 ||
	    access(g->baseline, R_OK) == 0)
		return TOOL_OK;
	warn_errno(g->baseline);
	return TOOL_TROUBLE;
}

enum tool_status
run(const struct options *o, char **paths)
{
	struct story story = { .fail_if = NULL };
	enum tool_status status = prepare(&story, &o->gate);
	struct outputs to;

	if (status == TOOL_TROUBLE)
		return status;
	outputs_open(&to, o);
	status = work(&to, &story, o, paths);
	baseline_free(&story.baseline);
	query_free(story.fail_if);
	return status;
}
