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

/* Append the line of the entry, which the guard has passed, to out. */
static int
put(struct emitter *m, struct buf *out, struct refusal *why)
{
	const struct emitter_plan *plan = m->plan;
	bool direct = plan->to->put == NULL;
	struct buf *b = direct ? out : &m->native;
	struct slice native;
	size_t start;

	if (!direct)
		buf_reset(b);
	start = b->len;
	entry_put(&m->entry, b);
	native = (struct slice){ b->p + start, b->len - start };
	if (native.len > EMITTER_LINE_MAX)
		return refuse(why, "line-length", NULL);
	if (plan->from->check != NULL && plan->from->check(&m->entry, native, why) == -1)
		return -1;
	if (!direct)
		plan->to->put(&m->entry, native, out);
	return 0;
}

/* Judge the entry, now that it has all it will have, and append its line to out. */
static int
emit(struct emitter *m, struct buf *out, struct refusal *why)
{
	size_t start = out->len;
	int status;

	entry_derive(&m->entry);
	if (guard_judge(m->plan->guard, &m->entry, &m->scratch, why) == -1)
		return -1;
	status = put(m, out, why);
	if (status == 0 && out->len - start > EMITTER_LINE_MAX)
		status = refuse(why, "line-length", NULL);
	if (status == -1)
		out->len = start;
	else
		buf_byte(out, '\n');
	return status;
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
