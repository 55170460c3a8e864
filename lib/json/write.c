#include "json/write.h"

#include "base/utf8.h"
#include "json/shortest.h"
#include "json/span.h"

enum { WINDOW = 4096 }; /* bytes for which room is made at once */

/* The first byte in p..end that is not plain; reads none behind. */
static const char *
plain_end(const char *p, const char *end)
{
	while (end - p >= SPAN) {
		const char *q = span_step(p, false);

		if (q != p + SPAN)
			return q;
		p = q;
	}
	for (; end - p >= 8; p += 8) {
		uint64_t stop = span_8(p);

		if (stop != 0)
			return p + (__builtin_ctzll(stop) >> 3);
	}
	while (p < end && (signed char)*p >= ' ' && *p != '"' && *p != '\\')
		p++;
	return p;
}

static void
put_unit(struct buf *b, uint32_t unit)
{
	static const char hex[] = "0123456789abcdef";
	char *p = buf_reserve(b, 6);

	p[0] = '\\';
	p[1] = 'u';
	for (int i = 5; i > 1; i--, unit >>= 4)
		p[i] = hex[unit & 15];
	b->len += 6;
}

static void
put_escaped(struct buf *b, uint32_t c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = c != 0 && c < 0x80 ? strchr(from, (int)c) : NULL;

	if (at != NULL) {
		buf_byte(b, '\\');
		buf_byte(b, to[at - from]);
	} else if (c < 0x10000) {
		put_unit(b, c);
	} else {
		put_unit(b, 0xd7c0 + (c >> 10));
		put_unit(b, 0xdc00 + (c & 0x3ff));
	}
}

/*
 * Append p..end as far as it needs nothing but backslashes before quotes and backslashes.  Returns
 * where it does.
 */
static const char *
put_simple(struct buf *b, const char *p, const char *end)
{
	char *to = buf_reserve(b, 2 * (size_t)(end - p) + SPAN), *start = to;

	for (;;) {
		const char *stop;

		if (end - p >= SPAN) {
			memcpy(to, p, SPAN); /* also what is not plain: it is written over */
			stop = span_step(p, false);
		} else {
			stop = plain_end(p, end);
			memcpy(to, p, (size_t)(stop - p));
		}
		to += stop - p;
		p = stop;
		if (p == end)
			break;
		if (*p == '"' || *p == '\\') {
			*to++ = '\\';
			*to++ = *p++;
		} else if ((signed char)*p < ' ') {
			break;
		}
	}
	b->len += (size_t)(to - start);
	return p;
}

/* Append the character at p, which is none of the simple ones.  Returns what is behind it. */
static const char *
put_character(struct buf *b, const char *p, const char *end, enum json_style style)
{
	uint32_t c = 0;
	unsigned n = utf8_get(p, end, &c);

	/* What is no UTF-8 breaks the contract; it is not to become broken JSON. */
	if (n == 0) {
		c = 0xfffd;
		n = 1;
	}
	if (c >= 0x80 && style == JSON_UTF8)
		utf8_put(b, c);
	else
		put_escaped(b, c);
	return p + n;
}

/* How far to look in one go.  DEL is plain to a reader, but no ASCII writer lets it through. */
static const char *
next_limit(const char *p, const char *end, enum json_style style)
{
	const char *limit = end - p > WINDOW ? p + WINDOW : end;
	const char *del = style == JSON_ASCII ? memchr(p, 0x7f, (size_t)(limit - p)) : NULL;

	return del != NULL ? del : limit;
}

void
json_put_string(struct buf *b, struct slice text, enum json_style style)
{
	const char *p = text.p, *end = text.p + text.len, *limit = p;

	buf_byte(b, '"');
	while (p < end) {
		if (p >= limit)
			limit = next_limit(p, end, style);
		p = p < limit ? put_simple(b, p, limit) : put_character(b, p, end, style);
		if (p < limit)
			p = put_character(b, p, end, style);
	}
	buf_byte(b, '"');
}

static void
put_zeros(struct buf *b, int n)
{
	while (n-- > 0)
		buf_byte(b, '0');
}

static void
put_exponent(struct buf *b, const struct shortest *s)
{
	buf_byte(b, s->digits[0]);
	if (s->count > 1) {
		buf_byte(b, '.');
		buf_add(b, s->digits + 1, (size_t)s->count - 1);
	}
	buf_printf(b, "e%+d", s->point - 1);
}

void
json_put_double(struct buf *b, double v)
{
	struct shortest s;

	if (v == 0) {
		buf_byte(b, '0');
		return;
	}
	if (v < 0) {
		buf_byte(b, '-');
		v = -v;
	}
	s = shortest_digits(v);
	if (s.point > 21 || s.point < -5) {
		put_exponent(b, &s);
	} else if (s.point <= 0) {
		buf_str(b, "0.");
		put_zeros(b, -s.point);
		buf_add(b, s.digits, (size_t)s.count);
	} else if (s.point < s.count) {
		buf_add(b, s.digits, (size_t)s.point);
		buf_byte(b, '.');
		buf_add(b, s.digits + s.point, (size_t)(s.count - s.point));
	} else {
		buf_add(b, s.digits, (size_t)s.count);
		put_zeros(b, s.point - s.count);
	}
}
