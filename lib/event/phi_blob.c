#include "base/utf8.h"
#include "event/phi_scan.h"

enum { TEXT_LEAST = PHI_BLOB_LEAST / 4 * 3 }; /* bytes */

enum { STD = 1, URL = 2 };

/* The alphabets that a byte belongs to. */
static const unsigned char alphabets[256] = {
	['A' ... 'Z'] = STD | URL,
	['a' ... 'z'] = STD | URL,
	['0' ... '9'] = STD | URL,
	['+'] = STD,
	['/'] = STD,
	['-'] = URL,
	['_'] = URL,
};

/* The value of a character of base64, or of base64url. */
static unsigned
value_of(unsigned char c, bool url)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 0U;
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26U;
	if (is_digit(c))
		return c - '0' + 52U;
	return c == (url ? '-' : '+') ? 62 : 63;
}

/* What the files begin with that people attach. */
static const struct slice magic[] = {
	{ "%PDF", 4 },
	{ "\xff\xd8\xff", 3 },
	{ "\x89PNG", 4 },
	{ "\x1f\x8b\x08", 3 },
	{ "PK\x03\x04", 4 },
};

/* Are these the first bytes of a character whose last are not there? */
static bool
is_cut(const char *p, const char *end)
{
	if ((unsigned char)*p < 0xc2 || (unsigned char)*p > 0xf4 || end - p > 3)
		return false;
	while (++p < end && ((unsigned char)*p & 0xc0) == 0x80)
		;
	return p == end;
}

static bool
is_control(uint32_t point)
{
	return (point < 0x20 && point != '\t' && point != '\n' && point != '\r') ||
	    (point >= 0x7f && point < 0xa0);
}

/*
 * Text is UTF-8 without controls but tabs and line ends.  Is it all of p to end, the last character
 * perhaps cut, or TEXT_LEAST bytes or more together?
 */
static bool
has_text(const char *p, const char *end)
{
	const char *from = p, *start = p;
	uint32_t point;
	unsigned len;

	for (; p < end; p += len) {
		len = utf8_get(p, end, &point);
		if (len > 0 && !is_control(point))
			continue;
		if (p - from >= TEXT_LEAST ||
		    (from == start && p > start && len == 0 && is_cut(p, end)))
			return true;
		if (len == 0)
			len = 1;
		from = p + len;
	}
	return from == start || p - from >= TEXT_LEAST;
}

/* The bytes that len characters at p stand for.  Returns how many. */
static size_t
decode(const unsigned char *p, size_t len, bool url, char *out)
{
	size_t n = 0;
	uint32_t bits = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 6 | value_of(p[i], url);
		if (i % 4 != 0)
			out[n++] = (char)(bits >> (6 - i % 4 * 2) & 0xff);
	}
	return n;
}

static bool
is_blob(const unsigned char *p, size_t len, bool url)
{
	char out[PHI_TEXT_MAX];
	size_t n = decode(p, len, url, out);

	for (size_t i = 0; i < sizeof magic / sizeof magic[0]; i++)
		if (slice_starts((struct slice){ out, n }, magic[i]))
			return true;
	return has_text(out, out + n);
}

/*
 * A run of one alphabet, its padding counted; it may begin in the midst of a word that has nothing
 * to do with it.
 */
static bool
find_in(struct slice text, bool url)
{
	const unsigned char *p = (const unsigned char *)text.p;
	unsigned alphabet = url ? URL : STD;
	size_t at = 0, end, pad;

	for (; at + PHI_BLOB_LEAST <= text.len; at = end + 1) {
		for (end = at; end < text.len && (alphabets[p[end]] & alphabet) != 0;)
			end++;
		for (pad = 0; pad < 2 && end + pad < text.len && p[end + pad] == '=';)
			pad++;
		for (size_t skip = 0; skip < 4 && at + skip + PHI_BLOB_LEAST <= end + pad;
		     skip++)
			if (is_blob(p + at + skip, end - at - skip, url))
				return true;
	}
	return false;
}

/* "data:", the scheme of RFC 2397, not as the end of a longer word. */
static bool
find_data(struct slice text)
{
	const char *p = text.p, *end = text.p + text.len;

	for (; (p = memchr(p, ':', (size_t)(end - p))) != NULL; p++) {
		size_t before = (size_t)(p - text.p);

		if (before >= 4 && (p[-4] | 0x20) == 'd' && (p[-3] | 0x20) == 'a' &&
		    (p[-2] | 0x20) == 't' && (p[-1] | 0x20) == 'a' &&
		    (before == 4 || (unsigned char)((p[-5] | 0x20) - 'a') >= 26))
			return true;
	}
	return false;
}

bool
phi_blob(struct slice text)
{
	if (find_data(text))
		return true;
	if (text.len < PHI_BLOB_LEAST)
		return false;
	return find_in(text, false) ||
	    ((memchr(text.p, '-', text.len) != NULL || memchr(text.p, '_', text.len) != NULL) &&
		find_in(text, true));
}
