#include "record.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "content.h"
#include "json/scan.h"

const struct field_row field_table[FIELDS] = {
	[REQUEST_ID] = { "request_id", KIND_TEXT, false },
	[TIMESTAMP] = { "timestamp", KIND_TIME, true },
	[MODEL_ID] = { "model_id", KIND_NAME, true },
	[MODEL_VERSION] = { "model_version", KIND_NAME, true },
	[USE_CASE] = { "use_case", KIND_NAME, true },
	[PROMPT_TOKENS] = { "prompt_tokens", KIND_COUNT, true },
	[COMPLETION_TOKENS] = { "completion_tokens", KIND_COUNT, true },
	[LATENCY_MS] = { "latency_ms", KIND_NUMBER, true },
	[RETRIEVED_DOCUMENT_IDS] = { "retrieved_document_ids", KIND_TEXTS, false },
	[TOP_RETRIEVAL_SCORE] = { "top_retrieval_score", KIND_SIGNED, false },
	[CACHE_HIT] = { "cache_hit", KIND_BOOL, true },
	[FINISH_REASON] = { "finish_reason", KIND_NAME, true },
	[CONTENT_FILTERED] = { "content_filtered", KIND_BOOL, true },
	[DISCLAIMER_PRESENT] = { "disclaimer_present", KIND_BOOL, true },
	[CITATION_COUNT] = { "citation_count", KIND_COUNT, true },
	[CLINICIAN_THUMBS_UP] = { "clinician_thumbs_up", KIND_BOOL, false },
	[CLINICIAN_FLAGGED] = { "clinician_flagged", KIND_BOOL, false },
	[CLINICIAN_FLAG_REASON] = { "clinician_flag_reason", KIND_TEXT, false },
};

enum {
	NAME_WORDS = 3,    /* of 8 bytes: room for the longest name */
	SHORT_DIGITS = 15, /* so many digits are below 1e15 and exact in a double */
	OTHER = FIELDS,    /* a member that is no field */
	START,             /* before the first member */
	PLACES,
	HARMLESS = 64,        /* keys that are remembered */
	HARMLESS_LENGTH = 47, /* bytes of such a key */
};

static const double NUMBER_MAX = 1e15;

/* A field's name as words, to be compared with what stands in a line without a call. */
struct name {
	uint64_t word[NAME_WORDS], mask[NAME_WORDS];
	size_t len;
};

/* What a line's value of a field is, before it is judged. */
struct value {
	struct json_token token;
	uint64_t elements; /* of a container: how many there are directly in it */
	bool texts;        /* all of them strings */
};

/* A key that was looked at before and names no content. */
struct harmless {
	uint8_t len;
	char text[HARMLESS_LENGTH];
};

struct record_reader {
	struct json *json;
	struct buf scratch;
	struct name name[FIELDS];
	uint8_t after[PLACES]; /* the field that last followed this one: a guess at the next */
	uint32_t required;     /* bit f is set: a line must have field f */
	uint32_t seen;         /* bit f is set: this line has field f */
	uint64_t content;      /* the first member with a content key in it, 0 for none */
	struct value value[FIELDS], other;
	unsigned others;                    /* keys of this line that are no field's */
	struct harmless harmless[HARMLESS]; /* by their place among those */
};

static void
name_init(struct name *n, const char *text)
{
	char mask[sizeof n->mask] = { 0 };

	n->len = strlen(text);
	memset(mask, 0xff, n->len);
	memcpy(n->word, text, n->len);
	memcpy(n->mask, mask, sizeof mask);
}

struct record_reader *
record_reader_new(bool lenient)
{
	struct record_reader *r = xzalloc(1, sizeof *r);

	r->json = json_new();
	for (unsigned f = 0; f < FIELDS; f++)
		if (field_table[f].required && (!lenient || f == TIMESTAMP))
			r->required |= UINT32_C(1) << f;
	for (int f = 0; f < FIELDS; f++)
		name_init(&r->name[f], field_table[f].name);
	return r;
}

void
record_reader_free(struct record_reader *r)
{
	if (r == NULL)
		return;
	json_free(r->json);
	buf_free(&r->scratch);
	free(r);
}

static int
refuse(struct refusal *why, const char *rule, const char *text)
{
	*why = (struct refusal){ .rule = rule, .text = text, .field = NO_FIELD };
	return -1;
}

/* Is key, with padding behind it, this name? */
static inline bool
name_is(const struct name *n, struct slice key)
{
	uint64_t a, b, c;

	if (key.len != n->len)
		return false;
	memcpy(&a, key.p, sizeof a);
	memcpy(&b, key.p + 8, sizeof b);
	memcpy(&c, key.p + 16, sizeof c);
	return (((a ^ n->word[0]) & n->mask[0]) | ((b ^ n->word[1]) & n->mask[1]) |
		   ((c ^ n->word[2]) & n->mask[2])) == 0;
}

/* The field whose name is the key of t, or OTHER. */
static unsigned
field_find(struct record_reader *r, const struct json_token *t)
{
	unsigned f = 0;

	if (t->key_escaped) {
		struct slice key = json_text(t->key, true, &r->scratch);

		while (f < FIELDS && !slice_is(key, field_table[f].name))
			f++;
	} else {
		while (f < FIELDS && !name_is(&r->name[f], t->key))
			f++;
	}
	return f;
}

/*
 * Note a key that names content; member is the line's that it is in.  The n-th that is no field's is
 * most likely what it was in the line before.
 */
static void
key_check(struct record_reader *r, const struct json_token *t, uint64_t member)
{
	struct harmless *h = &r->harmless[r->others++ % HARMLESS];

	if (r->content != 0 ||
	    (!t->key_escaped && t->key.len == h->len && memcmp(t->key.p, h->text, h->len) == 0))
		return;
	if (log_content_key(json_text(t->key, t->key_escaped, &r->scratch))) {
		r->content = member;
	} else if (!t->key_escaped && t->key.len <= HARMLESS_LENGTH) {
		h->len = (uint8_t)t->key.len;
		memcpy(h->text, t->key.p, t->key.len);
	}
}

/* Read the rest of the container that v's token opened, to any depth.  Returns 1, or -1 as json_next. */
static int
container_read(struct record_reader *r, struct value *v, uint64_t member)
{
	uint64_t objects = v->token.type == JSON_OBJECT; /* a bit for each open container */
	unsigned depth = 1;
	struct json_token t;

	v->elements = 0;
	v->texts = true;
	while (depth > 0 && json_next(r->json, &t) == 1) {
		if (t.type == JSON_CLOSE) {
			objects >>= 1;
			depth--;
			continue;
		}
		if (objects & 1 && field_find(r, &t) == OTHER)
			key_check(r, &t, member);
		if (depth == 1) {
			v->elements++;
			v->texts &= t.type == JSON_STRING;
		}
		if (t.type == JSON_ARRAY || t.type == JSON_OBJECT) {
			objects = objects << 1 | (t.type == JSON_OBJECT);
			depth++;
		}
	}
	return depth == 0 ? 1 : -1;
}

/*
 * Where to read the next member to: most likely it is the field that followed last time, so that
 * nothing needs to be moved.  A field that this line had already must not be overwritten.
 */
static inline struct value *
place_guess(struct record_reader *r, unsigned guess)
{
	return r->seen >> guess & 1 ? &r->other : &r->value[guess];
}

/* The field that v, read to the place of guess, is; it is moved if it has a place of its own. */
static inline unsigned
place_settle(struct record_reader *r, unsigned before, unsigned guess, struct value **v)
{
	const struct json_token *t = &(*v)->token;
	unsigned f = guess;

	if (t->key_escaped || !name_is(&r->name[guess], t->key))
		f = field_find(r, t);
	if (f == OTHER)
		return f;
	r->seen |= UINT32_C(1) << f;
	if (*v != &r->value[f]) {
		r->after[before] = (uint8_t)f;
		r->value[f].token = *t;
		*v = &r->value[f];
	}
	return f;
}

/* Read the members of the line's object.  Returns 0 when it is closed; -1 as json_next. */
static int
members_read(struct record_reader *r)
{
	unsigned before = START;

	r->seen = 0;
	r->content = 0;
	r->others = 0;
	for (uint64_t member = 1;; member++) {
		unsigned guess = r->after[before];
		struct value *v = place_guess(r, guess);

		if (json_next(r->json, &v->token) != 1)
			return -1;
		if (v->token.type == JSON_CLOSE)
			return 0;
		before = place_settle(r, before, guess, &v);
		if (before == OTHER)
			key_check(r, &v->token, member);
		if ((v->token.type == JSON_ARRAY || v->token.type == JSON_OBJECT) &&
		    container_read(r, v, member) == -1)
			return -1;
	}
}

static int
line_refused(struct record_reader *r, struct refusal *why)
{
	const char *rule = json_diag(r->json)->rule;

	return refuse(why, rule, diag_text(rule));
}

/* The line itself and its keys. */
static int
line_read(struct record_reader *r, struct slice line, struct refusal *why)
{
	struct json_token t;

	json_begin(r->json, line);
	if (json_next(r->json, &t) == -1)
		return line_refused(r, why);
	if (t.type != JSON_OBJECT) {
		if (json_check(r->json, line, NULL) == -1)
			return line_refused(r, why);
		return refuse(why, "json-object", diag_text("json-object"));
	}
	if (members_read(r) == -1 || json_next(r->json, &t) == -1)
		return line_refused(r, why);
	if (r->content == 0)
		return 0;
	refuse(why, "content-key", "key names content");
	why->member = r->content;
	return -1;
}

/* Code points in UTF-8 text. */
static size_t
characters(struct slice text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	return n;
}

static int
name_get(struct record_reader *r, const struct json_token *t, struct refusal *why)
{
	size_t n = t->text.len;

	if (t->escaped || n > RECORD_NAME_MAX)
		n = characters(json_text(t->text, t->escaped, &r->scratch));
	if (n < 1 || n > RECORD_NAME_MAX)
		return refuse(why, "range", "is not 1 to 128 characters long");
	return 0;
}

static int
time_get(struct record_reader *r, const struct json_token *t, struct record *record,
    struct refusal *why)
{
	if (instant_get(json_text(t->text, t->escaped, &r->scratch), &record->time, NULL) == -1)
		return refuse(why, "time", "is not an RFC 3339 time with a zone");
	return 0;
}

static int
number_get(const struct json_token *t, double min, double *number, struct refusal *why)
{
	double v = json_double(t->text) + 0.0; /* so that -0 is 0 */

	if (!(v >= min && v <= NUMBER_MAX))
		return refuse(why, "range", "is out of range");
	*number = v;
	return 0;
}

static int
count_get(const struct json_token *t, double *number, struct refusal *why)
{
	uint64_t n = 0;
	int64_t integer;
	size_t i = 0;

	for (; i < t->text.len && i < SHORT_DIGITS; i++) {
		unsigned digit = (unsigned char)t->text.p[i] - '0';

		if (digit > 9)
			break;
		n = n * 10 + digit;
	}
	*number = (double)n;
	if (i == t->text.len)
		return 0;
	if (!json_integer(t->text, &integer) && fabs(json_double(t->text)) <= NUMBER_MAX)
		return refuse(why, "kind", "is not an integral number");
	return number_get(t, 0, number, why);
}

/* What each kind is made of, and how to say that a value is not. */
static const struct kind_row {
	enum json_type type;
	const char *text;
} kind_table[] = {
	[KIND_TEXT] = { JSON_STRING, "is not a string" },
	[KIND_NAME] = { JSON_STRING, "is not a string" },
	[KIND_TIME] = { JSON_STRING, "is not a string" },
	[KIND_COUNT] = { JSON_NUMBER, "is not a number" },
	[KIND_NUMBER] = { JSON_NUMBER, "is not a number" },
	[KIND_SIGNED] = { JSON_NUMBER, "is not a number" },
	[KIND_BOOL] = { JSON_TRUE, "is not true or false" },
	[KIND_TEXTS] = { JSON_ARRAY, "is not a list of strings" },
};

/* Judge a field that is there and not null. */
static int
value_get(struct record_reader *r, enum field f, struct record *record, struct refusal *why)
{
	const struct value *v = &r->value[f];
	const struct json_token *t = &v->token;
	enum kind kind = field_table[f].kind;
	double *number = &record->number[f];

	if (t->type != kind_table[kind].type && !(kind == KIND_BOOL && t->type == JSON_FALSE))
		return refuse(why, "kind", kind_table[kind].text);
	switch (kind) {
	case KIND_TEXT: return 0;
	case KIND_NAME:
		record->text[f] = t->text;
		record->escaped |= (uint32_t)t->escaped << f;
		return name_get(r, t, why);
	case KIND_TIME: return time_get(r, t, record, why);
	case KIND_COUNT: return count_get(t, number, why);
	case KIND_NUMBER: return number_get(t, 0, number, why);
	case KIND_SIGNED: return number_get(t, -NUMBER_MAX, number, why);
	case KIND_BOOL: *number = t->type == JSON_TRUE; return 0;
	case KIND_TEXTS: *number = (double)v->elements; break;
	}
	return v->texts ? 0 : refuse(why, "kind", kind_table[kind].text);
}

int
record_read(
    struct record_reader *r, struct slice line, struct record *record, struct refusal *why)
{
	if (line_read(r, line, why) == -1)
		return -1;
	record->given = record->escaped = 0;
	record->evaluation = false;
	for (unsigned f = 0; f < FIELDS; f++) {
		uint32_t bit = UINT32_C(1) << f;
		bool given = r->seen & bit && r->value[f].token.type != JSON_NULL;
		int rc = 0;

		if (given)
			rc = value_get(r, f, record, why);
		else if (r->required & bit)
			rc = refuse(why, "missing", "is missing");
		if (rc == -1) {
			why->field = (int)f;
			return -1;
		}
		record->given |= given ? bit : 0;
	}
	return 0;
}
