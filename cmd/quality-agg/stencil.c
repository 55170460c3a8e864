#include "stencil.h"

#include "json/span.h"

enum {
	DIGITS_MAX = 15, /* an integer below 2^53 */
	DATE = 11,       /* "2026-01-05T" */
	TIME_MIN = 20,   /* "2026-01-05T08:00:00Z" */
	FRACTION_MAX = 9,
};

static const double tens[DIGITS_MAX + 1] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };

void
stencil_init(struct stencil *s)
{
	*s = (struct stencil){ .day_start = INT64_MIN, .json = json_new() };
}

void
stencil_free(struct stencil *s)
{
	json_free(s->json);
	*s = (struct stencil){ .json = NULL };
}

static inline bool
member_is(const struct stencil_member *m, const char *p)
{
	uint64_t w[STENCIL_WORDS], other = 0;

	memcpy(w, p, sizeof w);
	for (int i = 0; i < STENCIL_WORDS; i++)
		other |= (w[i] ^ m->word[i]) & m->mask[i];
	return other == 0;
}

static inline bool
is_word(const char *p, const char *word)
{
	return memcmp(p, word, 4) == 0;
}

/* The values below are read from p; NULL is returned for what is not plain, else their end. */

static inline const char *
string_read(const char *p, const char *end, struct slice *text)
{
	const char *q = p + 1, *stop;

	if (p >= end || *p != '"')
		return NULL;
	while ((stop = span_step(q, false)) == q + SPAN) {
		q = stop;
		if (q >= end)
			return NULL;
	}
	if (*stop != '"')
		return NULL;
	*text = (struct slice){ p + 1, (size_t)(stop - p - 1) };
	return stop + 1;
}

static inline const char *
count_read(const char *p, double *v)
{
	const char *start = p;
	uint64_t n = 0;
	unsigned digit;

	while ((digit = (unsigned char)*p - '0') <= 9 && p - start <= DIGITS_MAX) {
		n = n * 10 + digit;
		p++;
	}
	*v = (double)n;
	if (p == start || p - start > DIGITS_MAX || (*start == '0' && p - start > 1))
		return NULL;
	return p;
}

/* Both exact, so the one division rounds once (Clinger, PLDI 1990). */
static inline const char *
number_read(const char *p, bool sign, double *v)
{
	const char *start, *point = NULL;
	bool minus = sign && *p == '-';
	uint64_t n = 0;
	unsigned digit;

	p += minus;
	for (start = p; p - start <= DIGITS_MAX + 1; p++) {
		if ((digit = (unsigned char)*p - '0') <= 9)
			n = n * 10 + digit;
		else if (*p == '.' && point == NULL)
			point = p;
		else
			break;
	}
	if (p == start || point == start || point == p - 1 || p - start > DIGITS_MAX ||
	    (*start == '0' && p > start + 1 && point != start + 1))
		return NULL;
	*v = point == NULL ? (double)n : (double)n / tens[p - 1 - point];
	*v = minus && n != 0 ? -*v : *v;
	return p;
}

static inline const char *
bool_read(const char *p, double *v)
{
	*v = *p == 't';
	if (is_word(p, "true"))
		return p + 4;
	return is_word(p, "fals") && p[4] == 'e' ? p + 5 : NULL;
}

/* Two digits below max; -1 for anything else. */
static inline int
two_digits(const char *p, int max)
{
	int tens_digit = p[0] - '0', digit = p[1] - '0', n = 10 * tens_digit + digit;

	return (unsigned)tens_digit <= 9 && (unsigned)digit <= 9 && n < max ? n : -1;
}

/* The time of a day that is known, in UTC.  Returns false if it is not of that form. */
static inline bool
time_quick(const struct stencil *s, struct slice text, struct instant *t)
{
	const char *p = text.p + DATE, *end = text.p + text.len - 1;
	int hour, minute, second, ns = 0, digits = 0;

	if (text.len < TIME_MIN || memcmp(text.p, s->day, sizeof s->day) != 0 ||
	    memcmp(text.p + sizeof s->day, s->day_rest, sizeof s->day_rest) != 0 || *end != 'Z')
		return false;
	hour = two_digits(p, 24);
	minute = two_digits(p + 3, 60);
	second = two_digits(p + 6, 60);
	if (hour < 0 || minute < 0 || second < 0 || p[2] != ':' || p[5] != ':')
		return false;
	p += 8;
	if (p != end && (*p != '.' || end - p < 2 || end - p > FRACTION_MAX + 1))
		return false;
	for (p += p != end; p < end; p++, digits++) {
		if ((unsigned)(*p - '0') > 9)
			return false;
		ns = 10 * ns + (*p - '0');
	}
	for (; digits < FRACTION_MAX; digits++)
		ns *= 10;
	*t = (struct instant){ s->day_start + hour * 3600 + minute * 60 + second, ns };
	return true;
}

static const int64_t DAY = 86400;

static inline const char *
time_read(struct stencil *s, const char *p, const char *end, struct instant *t)
{
	struct slice text;

	if ((p = string_read(p, end, &text)) == NULL)
		return NULL;
	if (time_quick(s, text, t))
		return p;
	if (instant_get(text, t, NULL) == -1)
		return NULL;
	s->day_start = INT64_MIN;
	memset(s->day, 0, sizeof s->day);
	if (text.p[text.len - 1] == 'Z' && text.p[DATE - 1] == 'T') {
		memcpy(s->day, text.p, sizeof s->day);
		memcpy(s->day_rest, text.p + sizeof s->day, sizeof s->day_rest);
		s->day_start = t->s - ((t->s % DAY) + DAY) % DAY;
	}
	return p;
}

static inline const char *
texts_read(const char *p, const char *end, double *v)
{
	struct slice text;
	unsigned n = 0;

	*v = 0;
	if (*p++ != '[')
		return NULL;
	if (*p == ']')
		return p + 1;
	for (;;) {
		if ((p = string_read(p, end, &text)) == NULL)
			return NULL;
		n++;
		if (*p == ']')
			break;
		if (*p++ != ',')
			return NULL;
		p += *p == ' ';
	}
	*v = n;
	return p + 1;
}

/* A member that is no field: any plain scalar. */
static const char *
other_read(const char *p, const char *end)
{
	struct slice text;
	double v;

	if (*p == '"')
		return string_read(p, end, &text);
	if (is_word(p, "null"))
		return p + 4;
	return *p == 't' || *p == 'f' ? bool_read(p, &v) : number_read(p, true, &v);
}

static inline const char *
name_read(const char *p, const char *end, struct slice *text)
{
	p = string_read(p, end, text);
	return p != NULL && text->len - 1 < RECORD_NAME_MAX ? p : NULL;
}

static inline const char *
value_read(struct stencil *s, unsigned f, const char *p, const char *end, struct record *record)
{
	double *v = &record->number[f];
	struct slice text;

	switch (field_table[f].kind) {
	case KIND_TEXT: return string_read(p, end, &text);
	case KIND_NAME: return name_read(p, end, &record->text[f]);
	case KIND_TIME: return time_read(s, p, end, &record->time);
	case KIND_COUNT: return count_read(p, v);
	case KIND_NUMBER: return number_read(p, false, v);
	case KIND_SIGNED: return number_read(p, true, v);
	case KIND_BOOL: return bool_read(p, v);
	case KIND_TEXTS: return texts_read(p, end, v);
	}
	return NULL;
}

size_t
stencil_read(struct stencil *s, struct slice text, struct record *record)
{
	const char *p = text.p, *end = text.p + text.len;
	uint32_t given = 0;

	s->fits = false;
	for (unsigned i = 0; i < s->members; i++) {
		const struct stencil_member *m = &s->member[i];
		unsigned f = m->field;

		if (!member_is(m, p))
			return 0;
		p += m->len;
		if (p >= end)
			return 0;
		if (f == FIELDS) {
			p = other_read(p, end);
		} else if (is_word(p, "null")) {
			p = field_table[f].required ? NULL : p + 4;
		} else {
			given |= UINT32_C(1) << f;
			p = value_read(s, f, p, end, record);
		}
		if (p == NULL) {
			s->fits = true;
			return 0;
		}
	}
	if (s->members == 0 || p >= end || *p != '}' || (p + 1 < end && p[1] != '\n'))
		return 0;
	s->misses = 0;
	record->given = given;
	record->escaped = 0;
	record->evaluation = false;
	p += p + 1 < end ? 2 : 1;
	return (size_t)(p - text.p);
}

/* What stands from p to the value of t, and which field that is.  Returns false if there is no room. */
static bool
member_learn(struct stencil *s, const char *p, const char *value, const struct json_token *t)
{
	struct stencil_member *m = &s->member[s->members];
	char mask[sizeof m->mask] = { 0 };
	size_t len = (size_t)(value - p);

	if (s->members == STENCIL_MEMBERS || len > sizeof m->mask || t->key_escaped)
		return false;
	*m = (struct stencil_member){ .len = (uint8_t)len };
	memset(mask, 0xff, len);
	memcpy(m->mask, mask, sizeof mask);
	memcpy(m->word, p, len);
	while (m->field < FIELDS && !slice_is(t->key, field_table[m->field].name))
		m->field++;
	s->members++;
	return true;
}

static const char *
value_end(const struct json_token *t)
{
	return t->text.p + t->text.len + (t->type == JSON_STRING);
}

void
stencil_learn(struct stencil *s, struct slice line)
{
	struct json_token t;
	const char *p = line.p;

	if (s->fits || (s->members > 0 && ++s->misses < STENCIL_PATIENCE))
		return;
	s->members = s->misses = 0;
	json_begin(s->json, line);
	if (json_next(s->json, &t) != 1)
		return;
	while (json_next(s->json, &t) == 1 && t.type != JSON_CLOSE) {
		const char *value = line.p + t.offset;

		if (json_skip(s->json, &t) != 1 || !member_learn(s, p, value, &t))
			break;
		p = value_end(&t);
	}
	if (t.type != JSON_CLOSE || p != line.p + line.len - 1)
		s->members = 0;
}
