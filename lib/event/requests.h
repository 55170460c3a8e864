/*
 * requests - log events gathered into requests that CloudWatch Logs takes (PutLogEvents).
 *
 * The service refuses a whole call whose batch breaks one of its limits, and drops single events that
 * are too old or too new while it answers that all is well.  So a batch is gathered for each stream
 * and written, as a line for "aws logs put-log-events --cli-input-json", when the next event would
 * break a limit, when it has waited long enough, or at the end; in the order of time, and events of
 * one millisecond in the order they came.  Events that got too old while they waited are told, and
 * left out.
 *
 * Memory: at most REQUEST_STREAMS batches are open and at most REQUEST_HELD bytes of messages are
 * held; when there would be more, the batch that was opened first is written.
 */
#ifndef EVENT_REQUESTS_H
#define EVENT_REQUESTS_H

#include <stdint.h>

#include "base/out.h"

/* PutLogEvents, API reference of 2014-03-28. */
enum {
	REQUEST_BYTES = 1048576, /* of all messages, and REQUEST_OVERHEAD for each */
	REQUEST_OVERHEAD = 26,
	REQUEST_EVENTS = 10000,
	REQUEST_SPAN_MS = 24 * 3600 * 1000, /* from the first event to the last */
	REQUEST_PAST_S = 14 * 24 * 3600,
	REQUEST_FUTURE_S = 2 * 3600,
	REQUEST_NAME_MAX = 512, /* bytes of a group's or a stream's name */
	REQUEST_STREAMS = 32,
	REQUEST_HELD = 6 * 1024 * 1024,
};

/* Will the service take an event of this time (ms since 1970), when it is now? */
bool request_timely(int64_t ms, int64_t now_ms);

/* request_group(name): is it a name for a log group, [.\-_/#A-Za-z0-9]{1,512}? */
bool request_group(const char *name);

/*
 * request_stream(pattern, ms, b):
 * Put the name of the stream for ms, strftime(3) of it in UTC, into b, which is reset.  Returns 0; -1
 * if that is no name for a stream: 1 to 512 bytes of UTF-8 without ':', '*' and control characters.
 * Reads the process's time zone, which must be UTC.
 */
int request_stream(const char *pattern, int64_t ms, struct buf *b);

/* A log event.  line, bytes and file are not looked at, and come back with what is told. */
struct log_event {
	int64_t ms;
	uint64_t line, bytes;
	const char *file;
};

struct requests_plan {
	const char *group, *stream; /* names that were checked; stream a pattern */
	int64_t wait_ms;            /* from a batch's first event until it is written */
	void (*late)(void *arg, const struct log_event *e); /* e got too old */
	void *arg;
};

struct requests;

/* Borrows plan and out. */
struct requests *requests_new(const struct requests_plan *plan, struct out *out);

/*
 * requests_add(r, e, message, tick):
 * Add an event whose message, of at most 1 MiB less the overhead, is copied.  tick: the present, in
 * ms of a clock that never goes back.  Returns 0; -1 if its time makes a name that no stream may have.
 */
int requests_add(
    struct requests *r, const struct log_event *e, struct slice message, int64_t tick);

/* requests_due(r, tick): write what has waited long enough.  Returns ms until the next has, -1 if none is open. */
int requests_due(struct requests *r, int64_t tick);

/* requests_end(r): write all that is open. */
void requests_end(struct requests *r);

/* How many events were written. */
uint64_t requests_written(const struct requests *r);

/* Accepts NULL.  What is open is lost. */
void requests_free(struct requests *r);

#endif
