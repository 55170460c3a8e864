#include "otel_call.h"

#include <stdlib.h>

#include "base/mem.h"

/* Attributes that hold what was said; those ending in a dot stand for all that begin so. */
static const char *const content_names[] = { "gen_ai.prompt", "gen_ai.prompt.",
	"gen_ai.completion", "gen_ai.completion.", "gen_ai.input.messages",
	"gen_ai.output.messages", "gen_ai.system_instructions" };

static const char EVALUATION[] = "gen_ai.evaluation.result";

struct otel *
otel_new(void)
{
	struct otel *o = xzalloc(1, sizeof *o);

	o->json = json_new();
	o->inner = json_new();
	o->text = json_new();
	return o;
}

void
otel_free(struct otel *o)
{
	if (o == NULL)
		return;
	json_free(o->json);
	json_free(o->inner);
	json_free(o->text);
	buf_free(&o->out);
	buf_free(&o->scratch);
	buf_free(&o->documents);
	buf_free(&o->name);
	free(o);
}

typedef void (*member_fn)(struct otel *o, struct json_token *t);

/* The members of the object that is open, which fn is to read to their end. */
static void
members_each(struct otel *o, member_fn fn)
{
	struct json_token t;

	while (json_next(o->json, &t) == 1 && t.type != JSON_CLOSE)
		fn(o, &t);
}

/* The objects in the array t; anything else is passed over. */
static void
objects_each(struct otel *o, struct json_token *t, void (*fn)(struct otel *o))
{
	struct json_token item;

	if (t->type != JSON_ARRAY) {
		json_skip(o->json, t);
		return;
	}
	while (json_next(o->json, &item) == 1 && item.type != JSON_CLOSE) {
		if (item.type == JSON_OBJECT)
			fn(o);
		else
			json_skip(o->json, &item);
	}
}

static void
attribute_member(struct otel *o, struct json_token *t)
{
	if (key_is(o, t, "key") && t->type == JSON_STRING) {
		struct slice key = json_text(t->text, t->escaped, &o->scratch);

		buf_reset(&o->name);
		buf_slice(&o->name, key);
	} else if (key_is(o, t, "value") && t->type == JSON_OBJECT) {
		json_skip(o->json, t);
		o->value = t->text;
	} else {
		json_skip(o->json, t);
	}
}

static bool
names_content(struct slice key)
{
	if (slice_is(key, attribute_names[PROMPT_NAME]))
		return false;
	for (size_t i = 0; i < sizeof content_names / sizeof content_names[0]; i++) {
		struct slice name = slice_of(content_names[i]);

		if (name.p[name.len - 1] == '.' ? slice_starts(key, name) : slice_eq(key, name))
			return true;
	}
	return false;
}

static void
attribute_read(struct otel *o)
{
	struct slice key;

	buf_reset(&o->name);
	o->value = (struct slice){ NULL, 0 };
	members_each(o, attribute_member);
	key = buf_view(&o->name);
	o->call.content |= names_content(key);
	for (int i = 0; i < ATTRIBUTES; i++)
		if (slice_is(key, attribute_names[i]))
			o->call.attribute[i] = o->value;
}

/*
 * Nanoseconds, a number or, as 64-bit numbers are written in JSON, a string of one; 0 for null, and for anything
 * else, where *wrong is set.
 */
static uint64_t
nanoseconds(const struct json_token *t, bool *wrong)
{
	unsigned long long n = 0;

	if (t->type == JSON_NULL)
		return 0;
	if ((t->type == JSON_STRING || t->type == JSON_NUMBER) &&
	    slice_u64(t->text, INT64_MAX, &n) == 0)
		return n;
	*wrong = true;
	return 0;
}

static void
hand_out(struct otel *o, enum otel_kind kind)
{
	buf_str(&o->out, o->out.len == 0 ? "{}" : "}");
	memset(buf_reserve(&o->out, JSON_PADDING), 0, JSON_PADDING);
	o->fn(o->arg, kind, buf_view(&o->out));
}

/* All of the record is read: what is it? */
static void
call_end(struct otel *o)
{
	struct slice event = call_string(o, EVENT_NAME);
	bool evaluation = o->call.evaluation || slice_is(event, EVALUATION);

	buf_reset(&o->out);
	if (evaluation) {
		if (evaluation_put(o))
			hand_out(o, OTEL_EVALUATION);
	} else if (call_value(o, OPERATION).type != JSON_END) {
		if (o->call.content) {
			o->fn(o->arg, OTEL_CONTENT, (struct slice){ NULL, 0 });
			return;
		}
		call_put(o);
		hand_out(o, OTEL_CALL);
	}
}

static void
event_member(struct otel *o, struct json_token *t)
{
	if (key_is(o, t, "name") && t->type == JSON_STRING)
		o->call.evaluation = slice_is(t->text, EVALUATION);
	else if (key_is(o, t, "timeUnixNano"))
		o->call.time = nanoseconds(t, &o->call.time_wrong);
	if (key_is(o, t, "attributes"))
		objects_each(o, t, attribute_read);
	else
		json_skip(o->json, t);
}

/* A span's event may be an evaluation; prompts in it are the span's. */
static void
event_read(struct otel *o)
{
	struct call span = o->call;

	o->call = (struct call){ .start = 0 };
	members_each(o, event_member);
	span.content |= o->call.content;
	if (o->call.evaluation)
		call_end(o);
	o->call = span;
}

static void
record_member(struct otel *o, struct json_token *t)
{
	if (key_is(o, t, "startTimeUnixNano"))
		o->call.start = nanoseconds(t, &o->call.time_wrong);
	else if (key_is(o, t, "endTimeUnixNano"))
		o->call.end = nanoseconds(t, &o->call.end_wrong);
	else if (key_is(o, t, "timeUnixNano"))
		o->call.time = nanoseconds(t, &o->call.time_wrong);
	else if (key_is(o, t, "observedTimeUnixNano"))
		o->call.observed = nanoseconds(t, &o->call.observed_wrong);
	else if (key_is(o, t, "eventName") && t->type == JSON_STRING)
		o->call.evaluation = slice_is(t->text, EVALUATION);
	if (key_is(o, t, "attributes"))
		objects_each(o, t, attribute_read);
	else if (key_is(o, t, "events"))
		objects_each(o, t, event_read);
	else
		json_skip(o->json, t);
}

static void
record_read_one(struct otel *o)
{
	o->call = (struct call){ .start = 0 };
	members_each(o, record_member);
	call_end(o);
}

static void
scope_member(struct otel *o, struct json_token *t)
{
	if (key_is(o, t, "spans") || key_is(o, t, "logRecords"))
		objects_each(o, t, record_read_one);
	else
		json_skip(o->json, t);
}

static void
scope_read(struct otel *o)
{
	members_each(o, scope_member);
}

static void
resource_member(struct otel *o, struct json_token *t)
{
	if (key_is(o, t, "scopeSpans") || key_is(o, t, "scopeLogs"))
		objects_each(o, t, scope_read);
	else
		json_skip(o->json, t);
}

static void
resource_read(struct otel *o)
{
	members_each(o, resource_member);
}

static void
line_member(struct otel *o, struct json_token *t)
{
	if (key_is(o, t, "resourceSpans") || key_is(o, t, "resourceLogs"))
		objects_each(o, t, resource_read);
	else
		json_skip(o->json, t);
}

void
otel_each(struct otel *o, struct slice line,
    void (*fn)(void *arg, enum otel_kind kind, struct slice json), void *arg)
{
	struct json_token t;

	o->fn = fn;
	o->arg = arg;
	json_begin(o->json, line);
	if (json_next(o->json, &t) == 1 && t.type == JSON_OBJECT)
		members_each(o, line_member);
}
