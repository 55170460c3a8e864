#include "event/emitter.h"

#include <stdlib.h>

#include "base/mem.h"

struct emitter {
	const struct emitter_plan *plan;
	struct reader *reader;
	struct entry entry;
	struct dice dice;
	struct buf native, scratch;
};

struct emitter *
emitter_new(const struct emitter_plan *plan)
{
	struct emitter *m = xzalloc(1, sizeof *m);

	m->plan = plan;
	m->reader = reader_new(plan->from);
	return m;
}

void
emitter_free(struct emitter *m)
{
	if (m == NULL)
		return;
	reader_free(m->reader);
	buf_free(&m->native);
	buf_free(&m->scratch);
	free(m);
}

/* Judge the entry, now that it has all it will have, and append its line to out. */
static int
emit(struct emitter *m, struct buf *out, struct refusal *why)
{
	const struct emitter_plan *plan = m->plan;
	struct entry *e = &m->entry;
	size_t start = out->len;
	struct slice native;

	entry_derive(e);
	if (guard_judge(plan->guard, e, &m->scratch, why) == -1)
		return -1;
	buf_reset(&m->native);
	entry_put(e, &m->native);
	native = buf_view(&m->native);
	if (plan->from->check != NULL && plan->from->check(e, native, why) == -1)
		return -1;
	if (plan->to->put != NULL)
		plan->to->put(e, native, out);
	else
		buf_slice(out, native);
	if (native.len > EMITTER_LINE_MAX || out->len - start > EMITTER_LINE_MAX) {
		out->len = start;
		return refuse(why, "line-length", NULL);
	}
	buf_byte(out, '\n');
	return 0;
}

int
emitter_get(struct emitter *m, struct slice text, struct buf *out, struct refusal *why)
{
	entry_clear(&m->entry);
	if (reader_get(m->reader, text, &m->entry, why) == -1)
		return -1;
	if (!m->plan->from->whole) {
		entry_fill(&m->entry, m->plan->defaults);
		entry_complete(&m->entry, &m->dice);
	}
	return emit(m, out, why);
}

int
emitter_make(struct emitter *m, struct buf *out, struct refusal *why)
{
	entry_clear(&m->entry);
	entry_fill(&m->entry, m->plan->defaults);
	entry_complete(&m->entry, &m->dice);
	return emit(m, out, why);
}
