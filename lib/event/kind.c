#include "event/kind.h"

#include <arpa/inet.h>

#include "base/instant.h"
#include "base/utf8.h"
#include "event/unicode.h"

enum { NO = 0, YES = 1, ESCAPED = 2, HIGH = 4 };

/* Of each byte: not in a token; in one; in one, escaped in JSON; of a code point outside ASCII. */
static const unsigned char classes[256] = {
	['0' ... '9'] = YES,
	['A' ... 'Z'] = YES,
	['a' ... 'z'] = YES,
	['.'] = YES,
	['_'] = YES,
	[':'] = YES,
	['/'] = YES,
	['@'] = YES,
	['+'] = YES,
	['-'] = YES,
	['#'] = YES,
	['~'] = YES,
	['='] = YES,
	['\''] = YES,
	['|'] = YES,
	['$'] = YES,
	['\\'] = ESCAPED,
	[0x80 ... 0xff] = HIGH,
};

/* The end of a run of YES bytes at p.  Most values are one: they are looked at four by four. */
static const unsigned char *
plain_run(const unsigned char *p, const unsigned char *end)
{
	while (end - p >= 4 &&
	    (classes[p[0]] & classes[p[1]] & classes[p[2]] & classes[p[3]]) == YES)
		p += 4;
	while (p < end && classes[*p] == YES)
		p++;
	return p;
}

/* Count token characters from *at on, up to a character that is none; that one is left. */
static size_t
token_run(struct slice text, size_t *at, bool *plain)
{
	const unsigned char *start = (const unsigned char *)text.p, *end = start + text.len;
	const unsigned char *p = start + *at, *from;
	size_t points = 0;
	uint32_t point;
	unsigned len;

	for (;; points++, p += len) {
		from = p;
		p = plain_run(p, end);
		points += (size_t)(p - from);
		if (p == end || classes[*p] == NO)
			break;
		*plain = false;
		len = 1;
		if (classes[*p] == HIGH) {
			len = utf8_get((const char *)p, (const char *)end, &point);
			if (len == 0 || !unicode_letter(point))
				break;
		}
	}
	*at = (size_t)(p - start);
	return points;
}

/* words words of token characters with single spaces between, max code points in all. */
static bool
words_fit(struct slice text, size_t max, unsigned words, bool *plain)
{
	size_t at = 0, points = 0;
	bool unused;

	if (plain == NULL)
		plain = &unused;
	*plain = true;
	/* Four bytes to a code point: a longer text cannot fit, and need not be looked at. */
	if (text.len > 4 * max)
		return false;
	for (unsigned word = 1;; word++) {
		size_t run = token_run(text, &at, plain);

		points += run;
		if (run == 0 || points > max)
			return false;
		if (at == text.len)
			return true;
		if (text.p[at] != ' ' || word == words)
			return false;
		at++;
		points++;
	}
}

bool
kind_token(struct slice text, bool *plain)
{
	return words_fit(text, TOKEN_MAX, 1, plain);
}

bool
kind_word(struct slice text, bool *plain)
{
	return words_fit(text, LABEL_MAX, 1, plain);
}

bool
kind_label(struct slice text, bool *plain)
{
	return words_fit(text, LABEL_MAX, LABEL_WORDS, plain);
}

static bool
letter(char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26;
}

bool
kind_path(struct slice text)
{
	size_t at = 0;

	if (text.len > PATH_MAX_BYTES)
		return false;
	for (unsigned part = 0;; part++) {
		if (at == text.len || !letter(text.p[at]))
			return false;
		while (at < text.len &&
		    (letter(text.p[at]) || text.p[at] == '_' ||
			(text.p[at] >= '0' && text.p[at] <= '9')))
			at++;
		if (part > 0 && text.len - at >= 3 && memcmp(text.p + at, "[x]", 3) == 0)
			at += 3;
		if (at == text.len)
			return true;
		if (text.p[at++] != '.')
			return false;
	}
}

bool
kind_ip(struct slice text)
{
	char address[INET6_ADDRSTRLEN];
	struct in6_addr binary;

	if (text.len >= sizeof address || memchr(text.p, '\0', text.len) != NULL)
		return false;
	memcpy(address, text.p, text.len);
	address[text.len] = '\0';
	return inet_pton(AF_INET, address, &binary) == 1 ||
	    inet_pton(AF_INET6, address, &binary) == 1;
}

bool
kind_time(struct slice text, struct buf *utc)
{
	struct instant t;
	unsigned digits;

	if (instant_get(text, &t, &digits) == -1)
		return false;
	/* The usual case needs no conversion: it is given in UTC already. */
	if (text.p[text.len - 1] == 'Z' && text.p[10] == 'T')
		buf_slice(utc, text);
	else
		instant_put(utc, t, digits);
	return true;
}
