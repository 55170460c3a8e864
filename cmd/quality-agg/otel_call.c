#include "otel_call.h"

#include "base/instant.h"
#include "json/write.h"

const char *const attribute_names[ATTRIBUTES] = {
	[OPERATION] = "gen_ai.operation.name",
	[REQUEST_MODEL] = "gen_ai.request.model",
	[RESPONSE_MODEL] = "gen_ai.response.model",
	[USE_CASE_NAME] = "use_case",
	[PROMPT_NAME] = "gen_ai.prompt.name",
	[INPUT_TOKENS] = "gen_ai.usage.input_tokens",
	[OUTPUT_TOKENS] = "gen_ai.usage.output_tokens",
	[OLD_PROMPT_TOKENS] = "gen_ai.usage.prompt_tokens",
	[OLD_COMPLETION_TOKENS] = "gen_ai.usage.completion_tokens",
	[FINISH_REASONS] = "gen_ai.response.finish_reasons",
	[DOCUMENTS] = "gen_ai.retrieval.documents",
	[LATENCY] = "latency_ms",
	[DURATION] = "gen_ai.client.operation.duration", /* in seconds */
	[HIT] = "cache_hit",
	[FILTERED] = "content_filtered",
	[DISCLAIMER] = "disclaimer_present",
	[CITATIONS] = "citation_count",
	[THUMBS_UP] = "clinician_thumbs_up",
	[FLAGGED] = "clinician_flagged",
	[EVALUATION_NAME] = "gen_ai.evaluation.name",
	[EVALUATION_VALUE] = "gen_ai.evaluation.score.value",
	[EVENT_NAME] = "event.name",
};

struct json_token
call_value(struct otel *o, enum attribute a)
{
	struct slice value = o->call.attribute[a];
	struct json_token t, none = { .type = JSON_END };

	if (value.len == 0)
		return none;
	json_begin(o->inner, value);
	json_next(o->inner, &t);
	if (json_next(o->inner, &t) != 1 || t.type == JSON_CLOSE || t.type == JSON_NULL)
		return none;
	return t;
}

struct slice
call_string(struct otel *o, enum attribute a)
{
	struct json_token t = call_value(o, a);

	if (t.type != JSON_STRING || !slice_is(t.key, "stringValue"))
		return (struct slice){ NULL, 0 };
	return json_text(t.text, t.escaped, &o->scratch);
}

static void
name_put(struct buf *b, const char *name)
{
	buf_byte(b, b->len == 0 ? '{' : ',');
	buf_byte(b, '"');
	buf_str(b, name);
	buf_str(b, "\":");
}

/* Is text an integer as JSON has it? */
static bool
is_integer(struct slice text)
{
	size_t i = text.len > 0 && text.p[0] == '-';

	if (i == text.len || (text.p[i] == '0' && text.len > i + 1))
		return false;
	for (; i < text.len; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	return true;
}

/* A value as JSON; what is no scalar becomes one that no field has. */
static void
scalar_put(struct buf *b, const struct json_token *t)
{
	bool number = t->type == JSON_NUMBER ||
	    (t->type == JSON_STRING && slice_is(t->key, "intValue") && is_integer(t->text));

	if (t->type == JSON_ARRAY || t->type == JSON_OBJECT) {
		buf_str(b, "{}");
	} else if (t->type == JSON_STRING && !number) {
		buf_byte(b, '"');
		buf_slice(b, t->text);
		buf_byte(b, '"');
	} else {
		buf_slice(b, t->text);
	}
}

/* Member name of the attribute a.  Returns false if it is not given. */
static bool
member_put(struct otel *o, const char *name, enum attribute a)
{
	struct json_token t = call_value(o, a);

	if (t.type == JSON_END)
		return false;
	name_put(&o->out, name);
	scalar_put(&o->out, &t);
	return true;
}

/* The first of an arrayValue's values, or the value itself. */
static void
first_put(struct otel *o, const char *name, enum attribute a)
{
	struct json_token t = call_value(o, a);

	while (
	    t.type == JSON_OBJECT || t.type == JSON_ARRAY) /* arrayValue, values, the first */
		if (json_next(o->inner, &t) != 1)
			return;
	if (t.type == JSON_END || t.type == JSON_CLOSE || t.type == JSON_NULL)
		return;
	name_put(&o->out, name);
	scalar_put(&o->out, &t);
}

/* Retrieved documents: how many, and the largest score. */
struct documents {
	uint64_t count;
	struct slice best; /* the number as text; empty if there is none */
	bool wrong;        /* they are something else */
};

static void
score_take(struct documents *d, struct slice number)
{
	if (d->best.len == 0 || json_double(number) > json_double(d->best))
		d->best = number;
}

/* The members of an object {"id": ..., "score": 0.9}, by reader j; d may be NULL. */
static void
document_members(struct otel *o, struct json *j, struct documents *d)
{
	struct json_token t;

	while (json_next(j, &t) == 1 && t.type != JSON_CLOSE) {
		if (t.type == JSON_NUMBER && key_is(o, &t, "score"))
			score_take(d, t.text);
		json_skip(j, &t);
	}
}

/* JSON text: an array of documents. */
static void
documents_text(struct otel *o, struct slice text, struct documents *d)
{
	struct json_token t;

	d->wrong = true;
	buf_reset(&o->documents);
	buf_slice(&o->documents, text);
	memset(buf_reserve(&o->documents, JSON_PADDING), 0, JSON_PADDING);
	text = buf_view(&o->documents);
	if (json_check(o->text, text, NULL) == -1)
		return;
	json_begin(o->text, text);
	if (json_next(o->text, &t) != 1 || t.type != JSON_ARRAY)
		return;
	while (json_next(o->text, &t) == 1 && t.type != JSON_CLOSE) {
		d->count++;
		if (t.type == JSON_OBJECT)
			document_members(o, o->text, d);
		else
			json_skip(o->text, &t);
	}
	d->wrong = false;
}

/* A KeyValue of a document's kvlistValue: is it the score?  The object is open. */
static void
document_pair(struct otel *o, struct documents *d)
{
	struct slice score = { NULL, 0 };
	bool is_score = false;
	struct json_token t;

	while (json_next(o->inner, &t) == 1 && t.type != JSON_CLOSE) {
		if (t.type == JSON_STRING && key_is(o, &t, "key")) {
			is_score = slice_is(t.text, "score");
		} else if (t.type == JSON_OBJECT && key_is(o, &t, "value")) {
			while (json_next(o->inner, &t) == 1 && t.type != JSON_CLOSE) {
				if (t.type == JSON_NUMBER ||
				    (t.type == JSON_STRING && is_integer(t.text)))
					score = t.text;
				json_skip(o->inner, &t);
			}
		} else {
			json_skip(o->inner, &t);
		}
	}
	if (is_score && score.len > 0)
		score_take(d, score);
}

/* Into the array "values" of the object that is open; false if there is none. */
static bool
values_enter(struct otel *o)
{
	struct json_token t;

	while (json_next(o->inner, &t) == 1 && t.type != JSON_CLOSE) {
		if (t.type == JSON_ARRAY && key_is(o, &t, "values"))
			return true;
		json_skip(o->inner, &t);
	}
	return false;
}

/* Read up to where depth containers are open. */
static void
leave(struct json *j, unsigned depth)
{
	struct json_token t;

	while (json_depth(j) > depth && json_next(j, &t) == 1)
		;
}

/* A document, an AnyValue whose object is open. */
static void
document_read(struct otel *o, struct documents *d)
{
	unsigned depth = json_depth(o->inner) - 1;
	struct json_token t;

	d->count++;
	if (json_next(o->inner, &t) == 1 && t.type == JSON_OBJECT &&
	    key_is(o, &t, "kvlistValue") && values_enter(o))
		while (json_next(o->inner, &t) == 1 && t.type != JSON_CLOSE) {
			if (t.type == JSON_OBJECT)
				document_pair(o, d);
			else
				json_skip(o->inner, &t);
		}
	leave(o->inner, depth);
}

static void
documents_read(struct otel *o, struct json_token t, struct documents *d)
{
	if (t.type == JSON_STRING) {
		documents_text(o, json_text(t.text, t.escaped, &o->scratch), d);
		return;
	}
	d->wrong = t.type != JSON_OBJECT || !key_is(o, &t, "arrayValue");
	if (d->wrong || !values_enter(o))
		return;
	while (json_next(o->inner, &t) == 1 && t.type != JSON_CLOSE) {
		if (t.type == JSON_OBJECT)
			document_read(o, d);
		else
			json_skip(o->inner, &t);
	}
}

static void
documents_put(struct otel *o)
{
	struct json_token t = call_value(o, DOCUMENTS);
	struct documents d = { .count = 0 };

	if (t.type == JSON_END)
		return;
	documents_read(o, t, &d);
	name_put(&o->out, "retrieved_document_ids");
	if (d.wrong) {
		buf_str(&o->out, "{}");
		return;
	}
	buf_byte(&o->out, '[');
	for (uint64_t i = 0; i < d.count; i++)
		buf_str(&o->out, i > 0 ? ",\"\"" : "\"\"");
	buf_byte(&o->out, ']');
	if (d.best.len > 0) {
		name_put(&o->out, "top_retrieval_score");
		buf_slice(&o->out, d.best);
	}
}

static void
time_put(struct otel *o)
{
	const struct call *c = &o->call;
	uint64_t ns = c->start != 0 ? c->start : c->time != 0 ? c->time : c->observed;
	struct instant t = { (int64_t)(ns / 1000000000), (int32_t)(ns % 1000000000) };

	if (c->time_wrong || (ns == 0 && c->observed_wrong)) {
		name_put(&o->out, "timestamp");
		buf_str(&o->out, "\"\""); /* no time */
		return;
	}
	if (ns == 0)
		return;
	name_put(&o->out, "timestamp");
	buf_byte(&o->out, '"');
	instant_put(&o->out, t, 9);
	buf_byte(&o->out, '"');
}

/* A span has its own time; a log record may say how long the call took. */
static void
latency_put(struct otel *o)
{
	const struct call *c = &o->call;
	struct json_token t;

	if (c->end_wrong) {
		name_put(&o->out, "latency_ms");
		buf_str(&o->out, "{}");
		return;
	}
	if (c->start != 0 && c->end != 0) {
		name_put(&o->out, "latency_ms");
		json_put_double(&o->out, (double)(int64_t)(c->end - c->start) / 1e6);
		return;
	}
	if (member_put(o, "latency_ms", LATENCY))
		return;
	t = call_value(o, DURATION);
	if (t.type == JSON_NUMBER) {
		double v = json_double(t.text) * 1000;

		name_put(&o->out, "latency_ms");
		json_put_double(&o->out, v < 1e300 ? v : 1e300);
	}
}

static void
names_put(struct otel *o)
{
	time_put(o);
	member_put(o, "model_id", REQUEST_MODEL);
	member_put(o, "model_version", RESPONSE_MODEL);
	if (!member_put(o, "use_case", USE_CASE_NAME))
		member_put(o, "use_case", PROMPT_NAME);
}

void
call_put(struct otel *o)
{
	names_put(o);
	if (!member_put(o, "prompt_tokens", INPUT_TOKENS))
		member_put(o, "prompt_tokens", OLD_PROMPT_TOKENS);
	if (!member_put(o, "completion_tokens", OUTPUT_TOKENS))
		member_put(o, "completion_tokens", OLD_COMPLETION_TOKENS);
	latency_put(o);
	first_put(o, "finish_reason", FINISH_REASONS);
	documents_put(o);
	member_put(o, "cache_hit", HIT);
	member_put(o, "content_filtered", FILTERED);
	member_put(o, "disclaimer_present", DISCLAIMER);
	member_put(o, "citation_count", CITATIONS);
	member_put(o, "clinician_thumbs_up", THUMBS_UP);
	member_put(o, "clinician_flagged", FLAGGED);
}

bool
evaluation_put(struct otel *o)
{
	static const char *const ours[][2] = { { "clinician_feedback", "clinician_thumbs_up" },
		{ "disclaimer_present", "disclaimer_present" },
		{ "content_filtered", "content_filtered" } };
	struct slice name = call_string(o, EVALUATION_NAME);
	const char *member = NULL;
	struct json_token t;

	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		if (slice_is(name, ours[i][0]))
			member = ours[i][1];
	t = call_value(o, EVALUATION_VALUE);
	if (member == NULL || (t.type != JSON_NUMBER && t.type != JSON_STRING))
		return false;
	names_put(o);
	name_put(&o->out, member);
	if (t.type == JSON_NUMBER || is_integer(t.text))
		buf_str(&o->out, json_double(t.text) != 0 ? "true" : "false");
	else
		buf_str(&o->out, "{}");
	return true;
}
