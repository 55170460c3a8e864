/*
 * otel_call - a model call or evaluation that was found in OTLP, as JSON of a quality log.  Part of otel.
 */
#ifndef QUALITY_OTEL_CALL_H
#define QUALITY_OTEL_CALL_H

#include "otel.h"

/* Attributes that are looked at. */
enum attribute {
	OPERATION,
	REQUEST_MODEL,
	RESPONSE_MODEL,
	USE_CASE_NAME,
	PROMPT_NAME,
	INPUT_TOKENS,
	OUTPUT_TOKENS,
	OLD_PROMPT_TOKENS,
	OLD_COMPLETION_TOKENS,
	FINISH_REASONS,
	DOCUMENTS,
	LATENCY,
	DURATION,
	HIT,
	FILTERED,
	DISCLAIMER,
	CITATIONS,
	THUMBS_UP,
	FLAGGED,
	EVALUATION_NAME,
	EVALUATION_VALUE,
	EVENT_NAME,
	ATTRIBUTES,
};

extern const char *const attribute_names[ATTRIBUTES];

/* A span, log record or event, as far as it is read. */
struct call {
	struct slice attribute[ATTRIBUTES];         /* the AnyValue's object, or nothing */
	uint64_t start, end, time, observed;        /* nanoseconds from 1970; 0: not given */
	bool time_wrong, end_wrong, observed_wrong; /* one of them is there, and is none */
	bool content, evaluation;                   /* evaluation: by its name */
};

struct otel {
	struct json *json, *inner, *text; /* of the line, a value in it, JSON in a string */
	struct buf out, scratch, documents;
	struct call call;
	struct slice key, value; /* of the present attribute, its key unescaped in name */
	struct buf name;
	void (*fn)(void *arg, enum otel_kind kind, struct slice json);
	void *arg;
};

static inline bool
key_is(struct otel *o, const struct json_token *t, const char *name)
{
	return slice_is(json_text(t->key, t->key_escaped, &o->scratch), name);
}

/* The value of an attribute, a token of the inner reader; JSON_END if it is not given. */
struct json_token call_value(struct otel *o, enum attribute a);

/* The text of a string attribute, unescaped, until the next; nothing for anything else. */
struct slice call_string(struct otel *o, enum attribute a);

/*
 * call_put(o), evaluation_put(o):
 * Append the members of o->call to o->out, but for the closing bracket.  evaluation_put returns false if it is
 * not one that counts.
 */
void call_put(struct otel *o);
bool evaluation_put(struct otel *o);

#endif
