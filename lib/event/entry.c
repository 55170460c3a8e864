#include "event/entry.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/instant.h"
#include "json/write.h"

void
entry_clear(struct entry *e)
{
	memset(e->v, 0, sizeof e->v);
	e->paths = 0;
}

/* Without a text there are no paths; else they are what stands between commas. */
static void
paths_set(struct entry *e, struct slice text)
{
	struct slice part;
	bool more = text.len > 0;

	for (e->paths = 0; more; e->paths++) {
		more = slice_cut(&text, ',', &part);
		if (e->paths < PATHS_MAX)
			e->path[e->paths] =
			    (struct value){ .type = VALUE_STRING, .text = part };
	}
}

void
entry_set(struct entry *e, enum field f, struct slice text)
{
	struct value *v = &e->v[f];

	*v = (struct value){ .type = VALUE_STRING, .text = text };
	if (schema[f].kind == KIND_PATHS) {
		v->type = VALUE_LIST;
		paths_set(e, text);
	} else if (schema[f].kind == KIND_BOOL &&
	    (slice_is(text, "true") || slice_is(text, "false"))) {
		v->type = VALUE_BOOL;
		v->truth = slice_is(text, "true");
	}
}

void
entry_fill(struct entry *e, const struct entry *defaults)
{
	for (unsigned f = 0; f < FIELD_COUNT; f++) {
		if (e->v[f].type != VALUE_ABSENT)
			continue;
		e->v[f] = defaults->v[f];
		if (defaults->v[f].type == VALUE_LIST) {
			size_t kept = defaults->paths < PATHS_MAX ? defaults->paths : PATHS_MAX;

			e->paths = defaults->paths;
			memcpy(e->path, defaults->path, kept * sizeof e->path[0]);
		}
	}
}

/* len random bytes, or NULL if the kernel has none to give. */
static const unsigned char *
dice_roll(struct dice *dice, size_t len)
{
	if (dice->left < len) {
		size_t got = 0;

		while (got < sizeof dice->pool) {
			ssize_t n = getrandom(dice->pool + got, sizeof dice->pool - got, 0);

			if (n == -1 && errno != EINTR)
				return NULL;
			got += n > 0 ? (size_t)n : 0;
		}
		dice->left = got;
	}
	dice->left -= len;
	return dice->pool + dice->left;
}

/* Returns the length: 36, or 0 if there is no randomness. */
static size_t
uuid_put(char *p, struct dice *dice)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *random = dice_roll(dice, 16);
	unsigned char b[16];

	if (random == NULL)
		return 0;
	memcpy(b, random, sizeof b);
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* version 4 */
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80); /* variant 10 */
	for (size_t i = 0; i < sizeof b; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = digits[b[i] >> 4];
		*p++ = digits[b[i] & 15];
	}
	return 36;
}

/* Returns the length. */
static size_t
now_put(char *p, size_t size)
{
	struct instant t = instant_now();
	struct civil c = instant_civil(t);
	int n = snprintf(p, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)c.year, c.month,
	    c.day, c.hour, c.minute, c.second, (int)(t.ns / 1000000));

	return n < 0 ? 0 : (size_t)n;
}

void
entry_complete(struct entry *e, struct dice *dice)
{
	size_t len;

	if (e->v[EVENT_ID].type == VALUE_ABSENT && (len = uuid_put(e->made_id, dice)) > 0)
		entry_set(e, EVENT_ID, (struct slice){ e->made_id, len });
	if (e->v[TIMESTAMP].type == VALUE_ABSENT) {
		len = now_put(e->made_time, sizeof e->made_time);
		entry_set(e, TIMESTAMP, (struct slice){ e->made_time, len });
	}
	for (unsigned f = 0; f < FIELD_ALWAYS; f++)
		if (e->v[f].type == VALUE_ABSENT && schema_nullable((enum field)f))
			e->v[f].type = VALUE_NULL;
}

void
entry_derive(struct entry *e)
{
	int type;

	if (e->v[ACTION].type != VALUE_ABSENT || e->v[EVENT_TYPE].type != VALUE_STRING)
		return;
	type = schema_value(EVENT_TYPE, e->v[EVENT_TYPE].text);
	if (type != -1)
		entry_set(e, ACTION,
		    slice_of(schema[ACTION].values[schema_action((enum event_type)type)]));
}

/* Room for a value as JSON: a byte becomes six at most. */
static size_t
room(const struct value *v)
{
	return 6 * v->text.len + 8;
}

/* Append s where room has been made. */
static inline void
add(struct buf *b, struct slice s)
{
	memcpy(b->p + b->len, s.p, s.len);
	b->len += s.len;
}

/* A string, where room has been made if it is plain. */
static void
string_put(const struct value *v, struct buf *b)
{
	if (!v->plain) {
		json_put_string(b, v->text, JSON_ASCII);
		return;
	}
	b->p[b->len++] = '"';
	add(b, v->text);
	b->p[b->len++] = '"';
}

static void
paths_put(const struct entry *e, struct buf *b)
{
	buf_byte(b, '[');
	for (size_t i = 0; i < e->paths && i < PATHS_MAX; i++) {
		buf_reserve(b, room(&e->path[i]) + 2);
		if (i > 0)
			add(b, SLICE(", "));
		string_put(&e->path[i], b);
	}
	buf_byte(b, ']');
}

void
entry_put_value(const struct entry *e, enum field f, struct buf *b)
{
	const struct value *v = &e->v[f];

	if (v->type == VALUE_LIST) {
		paths_put(e, b);
		return;
	}
	buf_reserve(b, room(v));
	if (v->type == VALUE_STRING)
		string_put(v, b);
	else if (v->type == VALUE_BOOL)
		add(b, v->truth ? SLICE("true") : SLICE("false"));
	else
		add(b, SLICE("null"));
}

void
entry_put(const struct entry *e, struct buf *b)
{
	size_t start = b->len;

	for (size_t i = 0; i < FIELD_COUNT; i++) {
		enum field f = (enum field)schema_sorted[i];
		struct slice key = schema[f].json;

		if (e->v[f].type == VALUE_ABSENT)
			continue;
		buf_reserve(b, key.len);
		if (b->len == start) { /* a brace in place of the comma and the blank */
			b->p[b->len++] = '{';
			key = (struct slice){ key.p + 2, key.len - 2 };
		}
		add(b, key);
		entry_put_value(e, f, b);
	}
	buf_byte(b, '}');
}
