#include "event/emitter.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/instant.h"
#include "base/mem.h"
#include "event/facts.h"
#include "event/requests.h"

struct emitter {
	const struct emitter_plan *plan;
	struct reader *reader;
	struct entry entry;
	struct dice dice;
	struct buf native, scratch;
	struct sha256 *digest;
	struct shape shape;
	struct pseudonyms pseudonyms;
};

struct emitter *
emitter_new(const struct emitter_plan *plan)
{
	struct emitter *m = xzalloc(1, sizeof *m);

	m->plan = plan;
	m->reader = reader_new(plan->from);
	m->digest = sha256_new();
	return m;
}

void
emitter_free(struct emitter *m)
{
	if (m == NULL)
		return;
	reader_free(m->reader);
	sha256_free(m->digest);
	buf_free(&m->native);
	buf_free(&m->scratch);
	free(m);
}

/* Is the entry what the format it was read from says of it (a hash that came along)? */
static int
check(struct emitter *m, struct refusal *why)
{
	struct native native;

	if (m->plan->from->check == NULL)
		return 0;
	buf_reset(&m->native);
	entry_put(&m->entry, &m->native);
	native_make(&native, buf_view(&m->native), m->digest);
	return m->plan->from->check(&m->entry, &native, why);
}

/* Append the native line of the entry, which the guard has passed, to b. */
static int
line_put(struct emitter *m, struct buf *b, struct refusal *why)
{
	size_t start = b->len;

	entry_put(&m->entry, b);
	if (b->len - start > EMITTER_LINE_MAX)
		return refuse(why, "line-length", NULL);
	return 0;
}

/* Append the record of the entry, which the guard has passed, to out. */
static int
put(struct emitter *m, struct buf *out, struct refusal *why)
{
	const struct format *to = m->plan->to;
	struct native native;

	if (to->put == NULL)
		return line_put(m, out, why);
	buf_reset(&m->native);
	if (line_put(m, &m->native, why) == -1)
		return -1;
	native_make(&native, buf_view(&m->native), m->digest);
	m->shape.b = out;
	to->put(&m->entry, &native, &m->shape);
	return 0;
}

/* Does the time of the entry let it be shipped? */
static bool
timely(const struct emitter *m)
{
	struct instant now = instant_now();

	return !m->plan->to->gathered ||
	    request_timely(entry_ms(&m->entry), now.s * 1000 + now.ns / 1000000);
}

/* What a record longer than a line may be is refused, but where no line is made of it. */
static bool
too_long(const struct emitter *m, size_t len)
{
	return len > EMITTER_LINE_MAX && !m->plan->to->gathered;
}

/* End the record that out has from start on. */
static void
frame(const struct emitter *m, struct buf *out, size_t start)
{
	size_t len = out->len - start;
	char count[32];
	int digits;

	if (!m->plan->octets) {
		buf_byte(out, '\n');
		return;
	}
	digits = snprintf(count, sizeof count, "%zu ", len);
	buf_add(out, count, (size_t)digits); /* room */
	memmove(out->p + start + digits, out->p + start, len);
	memcpy(out->p + start, count, (size_t)digits);
}

/* Judge the entry, now that it has all it will have, and append its line to out. */
static int
emit(struct emitter *m, struct buf *out, struct refusal *why)
{
	size_t start = out->len;
	int status;

	entry_derive(&m->entry);
	if (guard_judge(m->plan->guard, &m->entry, &m->scratch, why) == -1 ||
	    check(m, why) == -1)
		return -1;
	if (!timely(m))
		return refuse(why, "time-window", schema[TIMESTAMP].name);
	if (m->plan->copy != NULL)
		copy_make(m->plan->copy, &m->entry, &m->pseudonyms);
	status = put(m, out, why);
	if (status == 0 && too_long(m, out->len - start))
		status = refuse(why, "line-length", NULL);
	if (status == -1)
		out->len = start;
	else
		frame(m, out, start);
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

int64_t
emitter_ms(const struct emitter *m)
{
	return entry_ms(&m->entry);
}
