/*
 * fuzz_reply - any bytes as a reply of PutLogEvents, and as a request.
 *
 * The first byte says how many events the request had.  A reply that is accepted has its indices
 * within them; what is dropped is told for a reason that holds.  A request that is accepted has as
 * many events as are handed out, in order, each a readable text.
 */
#include "event/reply.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
require(bool held)
{
	if (!held)
		abort();
}

struct seen {
	struct json *json;
	size_t count;
};

static void
see(void *arg, size_t index, struct slice message)
{
	struct seen *seen = arg;
	struct dropped d = { 0 };

	require(index == seen->count++);
	dropped_get(seen->json, message, &d);
	require(d.has_id || d.event_id.len == 0);
	dropped_free(&d);
}

static void
reply(struct json *j, struct slice text, size_t events)
{
	struct reply r = { .old = SIZE_MAX };
	const char *rule = NULL;
	enum drop drop;

	if (reply_get(j, text, events, &r, &rule) == -1) {
		require(rule != NULL && r.old == SIZE_MAX);
		return;
	}
	require(r.old <= events && r.expired <= events && r.fresh <= events);
	for (size_t i = 0; i < events; i++)
		require(!reply_drops(&r, i, &drop) || (r.rejects && drop < DROPS));
}

static void
request(struct json *j, struct slice text)
{
	struct seen seen = { json_new(), 0 };
	const char *rule = NULL;
	size_t counted = 0, again = 0;

	if (request_events(j, text, NULL, NULL, &counted, &rule) == 0) {
		require(request_events(j, text, see, &seen, &again, &rule) == 0);
		require(counted == again && counted == seen.count);
	} else {
		require(rule != NULL);
	}
	json_free(seen.json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct json *j = json_new();
	struct buf padded = { 0 };

	if (len > 0) {
		buf_add(&padded, data + 1, len - 1);
		memset(buf_reserve(&padded, JSON_PADDING), 0x7b, JSON_PADDING);
		reply(j, buf_view(&padded), data[0] & 15);
		request(j, buf_view(&padded));
	}
	buf_free(&padded);
	json_free(j);
	return 0;
}
