#include "json/scan.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "json/habit.h"
#include "json/keys.h"
#include "json/span.h"

enum want {
	WANT_VALUE,  /* the whole of it */
	WANT_FIRST,  /* in a container: the first item, or its end */
	WANT_MORE,   /* in a container, behind an item: a comma, or its end */
	WANT_END,    /* nothing but white space */
	WANT_NOTHING /* refused */
};

struct level {
	bool object;
	struct key_scope scope; /* of an object */
};

struct json {
	const char *begin, *p, *end;
	enum want want;
	bool portable;
	unsigned depth;
	struct diag diag;
	struct keys keys;
	struct habit habit;
	struct level levels[JSON_DEPTH];
};

static bool portable_wanted;

void
json_portable(bool on)
{
	portable_wanted = on;
}

struct json *
json_new(void)
{
	return xzalloc(1, sizeof(struct json));
}

void
json_free(struct json *j)
{
	if (j == NULL)
		return;
	keys_free(&j->keys);
	free(j);
}

void
json_begin(struct json *j, struct slice text)
{
	j->begin = j->p = text.p;
	j->end = text.p + text.len;
	j->want = WANT_VALUE;
	j->portable = portable_wanted;
	j->depth = 0;
	j->diag = (struct diag){ NULL, 0 };
	j->habit.mode = HABIT_OFF;
	keys_begin(&j->keys);
}

const struct diag *
json_diag(const struct json *j)
{
	return &j->diag;
}

unsigned
json_depth(const struct json *j)
{
	return j->depth;
}

/* All of these return NULL or -1, for the caller to return. */
static __attribute__((cold)) const char *
refuse(struct json *j, const char *rule, const char *at)
{
	diag_set(&j->diag, rule, (size_t)(at - j->begin));
	j->want = WANT_NOTHING;
	j->habit.mode = HABIT_OFF;
	return NULL;
}

/* The byte at p, which may be the end, is not what the grammar has there. */
static __attribute__((cold)) const char *
refuse_byte(struct json *j, const char *p)
{
	if (p >= j->end)
		return refuse(j, "json-syntax", j->end);
	if (*p == '\0')
		return refuse(j, "json-nul", p);
	return refuse(j, utf8_get(p, j->end, NULL) == 0 ? "json-utf8" : "json-syntax", p);
}

static const char *
skip_blank(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

/* Four hex digits at p.  Returns their end. */
static const char *
hex4(struct json *j, const char *p, uint32_t *v)
{
	*v = 0;
	for (int i = 0; i < 4; i++, p++) {
		unsigned c = p < j->end ? (unsigned char)*p : 0;

		if (c >= '0' && c <= '9')
			c -= '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			c = (c | 0x20) - 'a' + 10;
		else
			return refuse_byte(j, p);
		*v = *v << 4 | c;
	}
	return p;
}

/* The escape at the backslash p.  Returns its end. */
static const char *
escape(struct json *j, const char *p)
{
	const char *q = p + 1;
	uint32_t c, low;

	if (q >= j->end)
		return refuse_byte(j, q);
	if (*q != 'u') {
		if (*q == '\0' || strchr("\"\\/bfnrt", *q) == NULL)
			return refuse_byte(j, q);
		return q + 1;
	}
	if ((q = hex4(j, q + 1, &c)) == NULL)
		return NULL;
	if (c == 0)
		return refuse(j, "json-nul", p);
	if (c < 0xd800 || c > 0xdfff)
		return q;
	if (c >= 0xdc00 || j->end - q < 2 || q[0] != '\\' || q[1] != 'u')
		return refuse(j, "json-surrogate", p);
	if ((q = hex4(j, q + 2, &low)) == NULL)
		return NULL;
	if (low < 0xdc00 || low > 0xdfff)
		return refuse(j, "json-surrogate", p);
	return q;
}

/* The rest of a string from p, a byte that is not plain or the end.  Returns its closing quote. */
static const char *
string_rest(struct json *j, const char *p, bool *escaped)
{
	for (;;) {
		if (p >= j->end)
			return refuse_byte(j, p);
		if (*p == '"')
			return p;
		if (*p == '\\') {
			*escaped = true;
			if ((p = escape(j, p)) == NULL)
				return NULL;
		} else if ((unsigned char)*p >= 0x80) {
			unsigned n = utf8_get(p, j->end, NULL);

			if (n == 0)
				return refuse_byte(j, p);
			p += n;
		} else if ((unsigned char)*p < ' ') {
			return refuse_byte(j, p);
		} else {
			const char *q;

			do {
				q = span_step(p, j->portable);
			} while (q == p + SPAN && (p = q) < j->end);
			p = q;
		}
	}
}

/* The string whose opening quote is at p.  Returns its closing quote. */
static inline const char *
string(struct json *j, const char *p, bool *escaped)
{
	p = span_step(p + 1, j->portable);
	*escaped = false;
	if (LIKELY(p < j->end && *p == '"'))
		return p;
	return string_rest(j, p, escaped);
}

static inline bool
is_digit(const char *p, const char *end)
{
	return p < end && *p >= '0' && *p <= '9';
}

/* At least one digit. */
static inline const char *
digits(struct json *j, const char *p)
{
	if (!is_digit(p, j->end))
		return refuse_byte(j, p);
	do
		p++;
	while (is_digit(p, j->end));
	return p;
}

static inline const char *
number(struct json *j, const char *p)
{
	const char *end = j->end;

	p += *p == '-';
	if (p < end && *p == '0')
		p++;
	else if ((p = digits(j, p)) == NULL)
		return NULL;
	if (p < end && *p == '.' && (p = digits(j, p + 1)) == NULL)
		return NULL;
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		p = digits(j, p);
	}
	return p;
}

static inline const char *
literal(struct json *j, const char *p, const char *word, size_t len)
{
	if ((size_t)(j->end - p) >= len && memcmp(p, word, len) == 0)
		return p + len;
	while (p < j->end && *p == *word)
		p++, word++;
	return refuse_byte(j, p);
}

/* The member's name and colon at p.  Returns where the value begins. */
static inline const char *
member(struct json *j, const char *p, struct json_token *t)
{
	const char *quote = p, *close;
	struct slice name;
	bool escaped;

	if (p >= j->end || *p != '"')
		return refuse_byte(j, p);
	if ((close = string(j, p, &escaped)) == NULL)
		return NULL;
	name = (struct slice){ quote + 1, (size_t)(close - quote - 1) };
	t->key.p = name.p;
	t->key.len = name.len;
	t->key_escaped = escaped;
	if (!keys_add(&j->keys, &j->levels[j->depth - 1].scope, name, escaped))
		return refuse(j, "json-duplicate", quote);
	p = skip_blank(close + 1, j->end);
	if (p >= j->end || *p != ':')
		return refuse_byte(j, p);
	return skip_blank(p + 1, j->end);
}

static const char *
open_container(struct json *j, const char *p, bool object)
{
	struct level *l;

	if (j->depth == JSON_DEPTH)
		return refuse(j, "json-depth", p);
	l = &j->levels[j->depth++];
	l->object = object;
	if (object)
		keys_open(&j->keys, &l->scope);
	if (object && j->depth == 1)
		habit_begin(&j->habit);
	j->want = WANT_FIRST;
	return p + 1;
}

static int
close_container(struct json *j, const char *p, struct json_token *t)
{
	struct level *l = &j->levels[--j->depth];

	if (l->object)
		keys_close(&j->keys, &l->scope);
	*t = (struct json_token){ .type = JSON_CLOSE, .offset = (size_t)(p - j->begin) };
	j->want = j->depth == 0 ? WANT_END : WANT_MORE;
	j->p = p + 1;
	return 1;
}

/* The value at p.  Returns its end, a container's being its opening bracket's. */
static inline const char *
value(struct json *j, const char *p, struct json_token *t)
{
	const char *q;

	t->escaped = false;
	t->offset = (size_t)(p - j->begin);
	if (p >= j->end)
		return refuse_byte(j, p);
	j->want = j->depth == 0 ? WANT_END : WANT_MORE;
	switch (*p) {
	case '"':
		t->type = JSON_STRING;
		if ((q = string(j, p, &t->escaped)) == NULL)
			return NULL;
		t->text = (struct slice){ p + 1, (size_t)(q - p - 1) };
		return q + 1;
	case '{':
	case '[':
		t->type = *p == '{' ? JSON_OBJECT : JSON_ARRAY;
		t->text = (struct slice){ p, 0 };
		return open_container(j, p, *p == '{');
	case 't':
		t->type = JSON_TRUE;
		q = literal(j, p, "true", 4);
		break;
	case 'f':
		t->type = JSON_FALSE;
		q = literal(j, p, "false", 5);
		break;
	case 'n':
		t->type = JSON_NULL;
		q = literal(j, p, "null", 4);
		break;
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		t->type = JSON_NUMBER;
		q = number(j, p);
		break;
	default: return refuse_byte(j, p);
	}
	if (q != NULL)
		t->text = (struct slice){ p, (size_t)(q - p) };
	return q;
}

static int
finish(struct json *j, const char *p, struct json_token *t)
{
	if (j->want == WANT_NOTHING)
		return -1;
	if (p < j->end) {
		refuse_byte(j, p);
		return -1;
	}
	*t = (struct json_token){ .type = JSON_END, .offset = (size_t)(p - j->begin) };
	return 0;
}

/* The item of the innermost container at p: its comma and name are read.  Returns where its value begins. */
static inline const char *
item(struct json *j, const char *p, bool object, struct json_token *t)
{
	const char *begin = j->p;

	if (j->want == WANT_MORE) {
		if (p >= j->end || *p != ',')
			return refuse_byte(j, p);
		p = skip_blank(p + 1, j->end);
	}
	if (!object)
		return p;
	if (j->depth == 1 && j->habit.mode == HABIT_KEPT)
		habit_leave(&j->habit, &j->keys, &j->levels[0].scope);
	p = member(j, p, t);
	if (p != NULL && j->depth == 1 && j->habit.mode == HABIT_LEARN)
		habit_learn(&j->habit, begin, p, t);
	return p;
}

/* Where the value of the next member begins, if all before it is as in the last line; else NULL. */
static inline const char *
habitual(struct json *j, struct json_token *t)
{
	const char *p = NULL;

	if (j->depth == 1 && j->habit.mode == HABIT_KEPT)
		p = habit_next(&j->habit, j->p, j->end, t, j->portable);
	t->key_usual = p != NULL;
	return p == NULL ? NULL : skip_blank(p, j->end);
}

int
json_next(struct json *j, struct json_token *t)
{
	const char *p;

	t->key = (struct slice){ NULL, 0 };
	t->key_escaped = false;
	if ((p = habitual(j, t)) == NULL) {
		p = skip_blank(j->p, j->end);
		if (j->want == WANT_FIRST || j->want == WANT_MORE) {
			bool object = j->levels[j->depth - 1].object;

			if (p < j->end && *p == (object ? '}' : ']'))
				return close_container(j, p, t);
			if ((p = item(j, p, object, t)) == NULL)
				return -1;
		} else if (j->want != WANT_VALUE) {
			return finish(j, p, t);
		}
	}
	if ((p = value(j, p, t)) == NULL)
		return -1;
	j->p = p;
	return 1;
}

int
json_skip(struct json *j, struct json_token *token)
{
	unsigned outer = j->depth - 1;
	struct json_token inner;

	if (token->type != JSON_OBJECT && token->type != JSON_ARRAY)
		return 1;
	do {
		if (json_next(j, &inner) < 0)
			return -1;
	} while (j->depth > outer);
	token->text = (struct slice){ j->begin + token->offset,
		(size_t)(j->p - j->begin) - token->offset };
	return 1;
}

int
json_check(struct json *j, struct slice text, struct diag *d)
{
	struct json_token t;
	int more;

	json_begin(j, text);
	while ((more = json_next(j, &t)) > 0)
		;
	if (more < 0 && d != NULL)
		*d = j->diag;
	return more;
}
