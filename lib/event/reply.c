#include "event/reply.h"

#include <stdint.h>

const char *const drop_names[DROPS] = {
	[DROP_TOO_OLD] = "too-old",
	[DROP_EXPIRED] = "expired",
	[DROP_TOO_NEW] = "too-new",
};

/* Refuse, by the scanner's rule if there is one. */
static int
refuse_json(const struct json *j, const char **rule)
{
	*rule = json_diag(j)->rule != NULL ? json_diag(j)->rule : "kind";
	return -1;
}

static int
refuse_kind(const char **rule)
{
	*rule = "kind";
	return -1;
}

/* Is the member's name, which nobody writes with escapes, name? */
static bool
named(const struct json_token *t, const char *name)
{
	return !t->key_escaped && slice_is(t->key, name);
}

/* Begin to read text, an object. */
static int
begin(struct json *j, struct slice text, const char **rule)
{
	struct json_token t;

	json_begin(j, text);
	if (json_next(j, &t) != 1)
		return refuse_json(j, rule);
	return t.type == JSON_OBJECT ? 0 : refuse_kind(rule);
}

/* The rest of the text behind its object: there must be none. */
static int
end(struct json *j, const char **rule)
{
	struct json_token t;

	return json_next(j, &t) == 0 ? 0 : refuse_json(j, rule);
}

static int
index_get(const struct json_token *t, size_t events, size_t *index, const char **rule)
{
	unsigned long long value;

	if (t->type != JSON_NUMBER || slice_u64(t->text, events, &value) == -1)
		return refuse_kind(rule);
	*index = (size_t)value;
	return 0;
}

/* The members of rejectedLogEventsInfo. */
static int
rejected_get(struct json *j, size_t events, struct reply *r, const char **rule)
{
	struct json_token t;
	int got;

	while ((got = json_next(j, &t)) == 1 && t.type != JSON_CLOSE) {
		size_t *index = named(&t, "tooOldLogEventEndIndex") ? &r->old
		    : named(&t, "expiredLogEventEndIndex")          ? &r->expired
		    : named(&t, "tooNewLogEventStartIndex")         ? &r->fresh
								    : NULL;

		if (index == NULL) {
			if (json_skip(j, &t) == -1)
				return refuse_json(j, rule);
			continue;
		}
		if (index_get(&t, events, index, rule) == -1)
			return -1;
		r->rejects = true;
	}
	return got == 1 ? 0 : refuse_json(j, rule);
}

/* A member of a reply.  *known: it is one that replies have. */
static int
member_get(struct json *j, struct json_token *t, size_t events, struct reply *r, bool *known,
    const char **rule)
{
	if (named(t, "rejectedLogEventsInfo") && t->type != JSON_NULL) {
		*known = true;
		if (t->type != JSON_OBJECT)
			return refuse_kind(rule);
		return rejected_get(j, events, r, rule);
	}
	if (named(t, "rejectedEntityInfo"))
		*known = r->entity = t->type != JSON_NULL;
	*known = *known || named(t, "nextSequenceToken") || named(t, "ResponseMetadata") ||
	    named(t, "rejectedLogEventsInfo");
	return json_skip(j, t) == 1 ? 0 : refuse_json(j, rule);
}

int
reply_get(struct json *j, struct slice text, size_t events, struct reply *r, const char **rule)
{
	struct reply got = { .fresh = events };
	bool known = false, empty = true;
	struct json_token t;
	int more;

	if (begin(j, text, rule) == -1)
		return -1;
	while ((more = json_next(j, &t)) == 1 && t.type != JSON_CLOSE) {
		empty = false;
		if (member_get(j, &t, events, &got, &known, rule) == -1)
			return -1;
	}
	if (more != 1)
		return refuse_json(j, rule);
	if (end(j, rule) == -1)
		return -1;
	if (!empty && !known)
		return refuse_kind(rule); /* an error message, or another service's reply */
	*r = got;
	return 0;
}

bool
reply_drops(const struct reply *r, size_t index, enum drop *drop)
{
	*drop = index < r->old   ? DROP_TOO_OLD
	    : index < r->expired ? DROP_EXPIRED
				 : DROP_TOO_NEW;
	return index < r->old || index < r->expired || index >= r->fresh;
}

/* The message of an event, whose object is open: its string, in text. */
static int
message_get(struct json *j, struct buf *text, bool *found, const char **rule)
{
	struct buf scratch = { 0 };
	struct json_token t;
	int got;

	*found = false;
	while ((got = json_next(j, &t)) == 1 && t.type != JSON_CLOSE) {
		if (named(&t, "message") && t.type == JSON_STRING) {
			buf_reset(text);
			buf_slice(text, json_text(t.text, t.escaped, &scratch));
			buf_reserve(text, JSON_PADDING);
			*found = true;
		} else if ((got = json_skip(j, &t)) != 1) {
			break;
		}
	}
	buf_free(&scratch);
	return got == 1 ? 0 : refuse_json(j, rule);
}

/* The events, whose array is open. */
static int
events_get(struct json *j, void (*fn)(void *, size_t, struct slice), void *arg, size_t *events,
    const char **rule)
{
	struct buf message = { 0 };
	struct json_token t;
	bool found = true;
	int got, status = 0;

	for (*events = 0; (got = json_next(j, &t)) == 1 && t.type != JSON_CLOSE; ++*events) {
		if (t.type != JSON_OBJECT)
			status = refuse_kind(rule);
		else
			status = message_get(j, &message, &found, rule);
		if (status == 0 && !found)
			status = refuse_kind(rule);
		if (status == -1)
			break;
		if (fn != NULL)
			fn(arg, *events, buf_view(&message));
	}
	buf_free(&message);
	if (status == 0 && got != 1)
		return refuse_json(j, rule);
	return status;
}

int
request_events(struct json *j, struct slice text, void (*fn)(void *, size_t, struct slice),
    void *arg, size_t *events, const char **rule)
{
	struct json_token t;
	bool found = false;
	int got;

	if (begin(j, text, rule) == -1)
		return -1;
	while ((got = json_next(j, &t)) == 1 && t.type != JSON_CLOSE) {
		if (named(&t, "logEvents") && t.type == JSON_ARRAY) {
			found = true;
			if (events_get(j, fn, arg, events, rule) == -1)
				return -1;
		} else if (json_skip(j, &t) == -1) {
			return refuse_json(j, rule);
		}
	}
	if (got != 1)
		return refuse_json(j, rule);
	if (end(j, rule) == -1)
		return -1;
	return found ? 0 : refuse_kind(rule);
}

/* A string member, resolved, into out. */
static bool
take(const struct json_token *t, struct buf *out)
{
	struct buf scratch = { 0 };

	if (t->type != JSON_STRING)
		return false;
	buf_reset(out);
	buf_slice(out, json_text(t->text, t->escaped, &scratch));
	buf_free(&scratch);
	return true;
}

void
dropped_get(struct json *j, struct slice message, struct dropped *d)
{
	struct json_token t;
	const char *rule;
	int got;

	d->has_id = d->has_timestamp = d->has_hash = false;
	if (begin(j, message, &rule) == -1)
		return;
	while ((got = json_next(j, &t)) == 1 && t.type != JSON_CLOSE) {
		if (named(&t, "eventID"))
			d->has_id = take(&t, &d->event_id);
		else if (named(&t, "eventTime"))
			d->has_timestamp = take(&t, &d->timestamp);
		else if (named(&t, "integrityHash"))
			d->has_hash = take(&t, &d->hash);
		if (json_skip(j, &t) == -1)
			return;
	}
}

void
dropped_free(struct dropped *d)
{
	buf_free(&d->event_id);
	buf_free(&d->timestamp);
	buf_free(&d->hash);
}
