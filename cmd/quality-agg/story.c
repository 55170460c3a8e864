#include "story.h"

#include <stdlib.h>

void
story_tell(struct story *s, struct state *state, const struct options *o)
{
	bool compared = o->gate.baseline != NULL;

	result_make(&s->result, state, &s->source.by, compared ? 0 : o->top);
	if (compared)
		compare(&s->comparison, &s->baseline.result, &s->result, &o->gate.compare);
}

void
story_put(struct out *out, const struct story *s, const struct options *o)
{
	bool compared = o->gate.baseline != NULL;
	struct view view = {
		.now = &s->result,
		.base = compared ? &s->baseline.result : NULL,
		.comparison = compared ? &s->comparison : NULL,
		.failed = s->failed,
		.alpha = o->gate.compare.alpha,
		.detail = o->detail,
		.color = o->colored,
		.unicode = o->unicode,
		.width = o->width,
	};

	report_put(out, o->format, &view);
}

void
story_reset(struct story *s)
{
	comparison_free(&s->comparison);
	result_free(&s->result);
	free(s->failed);
	s->failed = NULL;
}
