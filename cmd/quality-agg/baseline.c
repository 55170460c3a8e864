#include "baseline.h"

/* Does it say what the input is to be compared with? */
static enum tool_status
check(const struct baseline *b, const char *path, uint64_t max_bad)
{
	const struct source *s = &b->source;
	const struct by *by = &b->options.plan.by;

	if (s->state->too_many) {
		warn("baseline: more than %d groups", STATE_GROUPS);
		return TOOL_TROUBLE;
	}
	if (s->refused > 0)
		warn("baseline: %llu of %llu lines refused", (unsigned long long)s->refused,
		    (unsigned long long)s->lines);
	if (b->result.records == 0) {
		warn("no line in the baseline");
		return TOOL_TROUBLE;
	}
	if (s->by.count != by->count ||
	    memcmp(s->by.field, by->field, by->count * sizeof by->field[0]) != 0) {
		warn("%s: a state with another --by [state]", tool_file(path));
		return TOOL_TROUBLE;
	}
	return s->refused > max_bad ? TOOL_NO : TOOL_OK;
}

enum tool_status
baseline_read(struct baseline *b, char *path, const struct aggregate_options *o,
    const struct by *by, uint64_t max_bad)
{
	enum tool_status status = TOOL_OK;

	b->options = *o;
	b->options.window = (struct window){ .has_since = false };
	b->options.plan.by = *by;
	b->options.plan.every = 0; /* nothing is asked of its buckets */
	b->options.plan.want &= ~(unsigned)(WANT_DETAIL | WANT_STATE);
	if (!source_either(&b->source, &b->options, path, &status) || status == TOOL_TROUBLE)
		return TOOL_TROUBLE;
	result_make(&b->result, b->source.state, &b->source.by, 0);
	return tool_worse(status, check(b, path, max_bad));
}

void
baseline_free(struct baseline *b)
{
	if (b->source.state == NULL)
		return;
	result_free(&b->result);
	source_free(&b->source);
}
