#include "event/requests.h"

#include <stdlib.h>
#include <time.h>

#include "base/instant.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "json/write.h"

/* An event of a batch. */
struct item {
	struct log_event event;
	size_t start, len; /* of its message in the batch's text */
	size_t number;     /* in the order they came */
};

/* What is open for a stream; free while count is 0. */
struct batch {
	char name[REQUEST_NAME_MAX + 1];
	struct buf text, items; /* the messages; an array of struct item */
	size_t count, bytes;    /* bytes as the service counts them */
	int64_t first, last;    /* the earliest and the latest time, ms */
	int64_t opened;         /* tick */
	uint64_t age;           /* which was opened first */
	bool sorted;            /* they came in order */
};

struct requests {
	const struct requests_plan *plan;
	struct out *out;
	struct batch batches[REQUEST_STREAMS];
	struct batch *current; /* the one used last */
	uint64_t opened, written;
	size_t held;                /* bytes of messages in all batches */
	struct buf name, line;      /* of the event being added; of the request being written */
	int64_t name_from, name_to; /* the times, in ms, for which name is right */
	bool daily;                 /* the pattern tells no more than the day */
};

static struct item *
items_of(const struct batch *b)
{
	return (struct item *)(void *)b->items.p;
}

bool
request_timely(int64_t ms, int64_t now_ms)
{
	return ms >= now_ms - INT64_C(1000) * REQUEST_PAST_S &&
	    ms <= now_ms + INT64_C(1000) * REQUEST_FUTURE_S;
}

bool
request_group(const char *name)
{
	static const char legal[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/#";
	size_t len = strlen(name);

	return len > 0 && len <= REQUEST_NAME_MAX && strspn(name, legal) == len;
}

static bool
is_stream(struct slice name)
{
	const char *end = name.p + name.len;
	unsigned len;

	if (name.len == 0 || name.len > REQUEST_NAME_MAX)
		return false;
	for (const char *p = name.p; p < end; p += len) {
		len = utf8_get(p, end, NULL);
		if (len == 0 || (unsigned char)*p < ' ' || *p == 0x7f || *p == ':' || *p == '*')
			return false;
	}
	return true;
}

/* Rounds down: -1 ms is in the second before 1970. */
static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored                                                                 \
    "-Wformat-nonliteral" /* the pattern is the user's: that is its use */
int
request_stream(const char *pattern, int64_t ms, struct buf *b)
{
	time_t s = (time_t)floor_div(ms, 1000);
	size_t room = REQUEST_NAME_MAX + 1;
	struct tm tm;

	buf_reset(b);
	if (gmtime_r(&s, &tm) == NULL)
		return -1;
	buf_reserve(b, room);
	b->len = strftime(b->p, room, pattern, &tm); /* 0: empty, or too long */
	return is_stream(buf_view(b)) ? 0 : -1;
}
#pragma GCC diagnostic pop

/* Does strftime make the same of pattern all day? */
static bool
is_daily(const char *pattern)
{
	for (const char *p = strchr(pattern, '%'); p != NULL; p = strchr(p + 1, '%')) {
		p++;
		if (*p == '\0' || strchr("YmdjFyCgGVUWuwaAbBhDe%", *p) == NULL)
			return false;
	}
	return true;
}

struct requests *
requests_new(const struct requests_plan *plan, struct out *out)
{
	struct requests *r = xzalloc(1, sizeof *r);

	r->plan = plan;
	r->out = out;
	r->daily = is_daily(plan->stream);
	return r;
}

static int
by_time(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->event.ms != y->event.ms)
		return x->event.ms < y->event.ms ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

/* Put what may still be sent in front, in order of time; tell the others.  Returns how many are left. */
static size_t
settle(struct requests *r, struct batch *b)
{
	struct instant now = instant_now();
	int64_t now_ms = now.s * 1000 + now.ns / 1000000;
	struct item *items = items_of(b);
	size_t kept = 0;

	for (size_t i = 0; i < b->count; i++) {
		if (request_timely(items[i].event.ms, now_ms))
			items[kept++] = items[i];
		else if (r->plan->late != NULL)
			r->plan->late(r->plan->arg, &items[i].event);
	}
	if (!b->sorted)
		qsort(items, kept, sizeof *items, by_time);
	return kept;
}

static void
name_put(struct buf *line, const char *key, const char *name)
{
	buf_str(line, key);
	json_put_string(line, slice_of(name), JSON_ASCII);
}

static void
events_write(struct requests *r, const struct batch *b, size_t count)
{
	const struct item *items = items_of(b);

	buf_reset(&r->line);
	name_put(&r->line, "{\"logGroupName\": ", r->plan->group);
	name_put(&r->line, ", \"logStreamName\": ", b->name);
	buf_str(&r->line, ", \"logEvents\": [");
	for (size_t i = 0; i < count; i++) {
		buf_str(&r->line, i > 0 ? ", {\"timestamp\": " : "{\"timestamp\": ");
		buf_u64(
		    &r->line, (unsigned long long)items[i].event.ms); /* timely: after 1970 */
		buf_str(&r->line, ", \"message\": ");
		json_put_string(&r->line,
		    (struct slice){ b->text.p + items[i].start, items[i].len }, JSON_ASCII);
		buf_byte(&r->line, '}');
		out_put(r->out, buf_view(&r->line));
		buf_reset(&r->line);
	}
	out_str(r->out, "]}\n");
}

static void
batch_write(struct requests *r, struct batch *b)
{
	size_t count = settle(r, b);

	if (count > 0)
		events_write(r, b, count);
	r->written += count;
	r->held -= b->text.len;
	buf_free(&b->text);
	buf_free(&b->items);
	b->count = 0;
}

/* The open batch that was opened first; NULL if none is. */
static struct batch *
oldest(struct requests *r)
{
	struct batch *found = NULL;

	for (size_t i = 0; i < REQUEST_STREAMS; i++) {
		struct batch *b = &r->batches[i];

		if (b->count > 0 && (found == NULL || b->age < found->age))
			found = b;
	}
	return found;
}

/* The open batch of the stream called name. */
static struct batch *
find(struct requests *r, const char *name)
{
	if (r->current != NULL && r->current->count > 0 && strcmp(r->current->name, name) == 0)
		return r->current;
	for (size_t i = 0; i < REQUEST_STREAMS; i++)
		if (r->batches[i].count > 0 && strcmp(r->batches[i].name, name) == 0)
			return &r->batches[i];
	return NULL;
}

static struct batch *
open_batch(struct requests *r, struct slice name, int64_t tick)
{
	struct batch *b = NULL;

	for (size_t i = 0; i < REQUEST_STREAMS && b == NULL; i++)
		if (r->batches[i].count == 0)
			b = &r->batches[i];
	if (b == NULL) {
		b = oldest(r);
		batch_write(r, b);
	}
	memcpy(b->name, name.p, name.len);
	b->name[name.len] = '\0';
	b->bytes = 0;
	b->opened = tick;
	b->age = r->opened++;
	b->sorted = true;
	return b;
}

static bool
fits(const struct batch *b, int64_t ms, size_t bytes)
{
	int64_t first = ms < b->first ? ms : b->first, last = ms > b->last ? ms : b->last;

	return b->count < REQUEST_EVENTS && b->bytes + bytes <= REQUEST_BYTES &&
	    last - first <= REQUEST_SPAN_MS;
}

static void
append(struct requests *r, struct batch *b, const struct log_event *e, struct slice message)
{
	struct item item = { *e, b->text.len, message.len, b->count };

	if (b->count == 0 || e->ms < b->first)
		b->first = e->ms;
	b->sorted = b->sorted && (b->count == 0 || e->ms >= b->last);
	if (b->count == 0 || e->ms > b->last)
		b->last = e->ms;
	buf_slice(&b->text, message);
	buf_add(&b->items, &item, sizeof item);
	b->count++;
	b->bytes += message.len + REQUEST_OVERHEAD;
	r->held += message.len;
	r->current = b;
}

/* The name of the stream for ms in r->name, made anew only where it may be another. */
static int
name_for(struct requests *r, int64_t ms)
{
	int64_t unit = r->daily ? 24 * 3600 * 1000 : 1000;

	if (r->name.len > 0 && ms >= r->name_from && ms < r->name_to)
		return 0;
	r->name_from = floor_div(ms, unit) * unit;
	r->name_to = r->name_from + unit;
	if (request_stream(r->plan->stream, ms, &r->name) == -1) {
		buf_reset(&r->name);
		return -1;
	}
	buf_cstr(&r->name);
	return 0;
}

int
requests_add(struct requests *r, const struct log_event *e, struct slice message, int64_t tick)
{
	size_t bytes = message.len + REQUEST_OVERHEAD;
	struct batch *b;

	if (name_for(r, e->ms) == -1)
		return -1;
	b = find(r, r->name.p);
	if (b != NULL && !fits(b, e->ms, bytes)) {
		batch_write(r, b);
		b = NULL;
	}
	while (r->held > 0 && r->held + message.len > REQUEST_HELD) {
		struct batch *old = oldest(r);

		if (old == NULL)
			break; /* what is held is in batches: there is one */
		batch_write(r, old);
		if (old == b)
			b = NULL;
	}
	if (b == NULL)
		b = open_batch(r, buf_view(&r->name), tick);
	append(r, b, e, message);
	return 0;
}

int
requests_due(struct requests *r, int64_t tick)
{
	struct batch *b;
	int64_t left;

	while ((b = oldest(r)) != NULL) {
		left = b->opened + r->plan->wait_ms - tick;
		if (left > 0)
			return left < INT32_MAX ? (int)left : INT32_MAX;
		batch_write(r, b);
	}
	return -1;
}

void
requests_end(struct requests *r)
{
	struct batch *b;

	while ((b = oldest(r)) != NULL)
		batch_write(r, b);
}

uint64_t
requests_written(const struct requests *r)
{
	return r->written;
}

void
requests_free(struct requests *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < REQUEST_STREAMS; i++) {
		buf_free(&r->batches[i].text);
		buf_free(&r->batches[i].items);
	}
	buf_free(&r->name);
	buf_free(&r->line);
	free(r);
}
