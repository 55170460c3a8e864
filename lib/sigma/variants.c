#include "sigma/variants.h"

#include <stdint.h>

#include "base/codec.h"
#include "base/utf8.h"
#include "sigma/pattern.h"

/* Add a copy of s to out. */
static const char *
add(struct arena *a, struct variants *out, struct slice s)
{
	if (out->n == VARIANTS_MAX)
		return "too many spellings of one value";
	a->spelled += s.len;
	if (a->spelled > VARIANTS_BYTES)
		return "all spellings of all values take more than 64 MiB";
	out->v[out->n++] = arena_slice(a, s);
	return NULL;
}

static const char *
add_buf(struct arena *a, struct variants *out, struct buf *b)
{
	const char *why = add(a, out, buf_view(b));

	buf_free(b);
	return why;
}

/* A wildcard at either end, unless one is there. */
static const char *
add_wild(struct arena *a, struct slice in, struct variants *out, bool front, bool back)
{
	struct buf b = { 0 };

	if (front && (in.len == 0 || in.p[0] != PATTERN_MANY))
		buf_byte(&b, PATTERN_MANY);
	buf_slice(&b, in);
	if (back && (b.len == 0 || b.p[b.len - 1] != PATTERN_MANY))
		buf_byte(&b, PATTERN_MANY);
	return add_buf(a, out, &b);
}

const char *
variants_contains(struct arena *a, struct slice in, struct variants *out)
{
	return add_wild(a, in, out, true, true);
}

const char *
variants_startswith(struct arena *a, struct slice in, struct variants *out)
{
	return add_wild(a, in, out, false, true);
}

const char *
variants_endswith(struct arena *a, struct slice in, struct variants *out)
{
	return add_wild(a, in, out, true, false);
}

/* A letter, digit or underscore; of what is not ASCII, all but signs, spaces and punctuation. */
static bool
is_word(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
		    c == '_';
	return c >= 0xC0 && c != 0xD7 && c != 0xF7 && !(c >= 0x2000 && c < 0x2C00) &&
	    !(c >= 0x3000 && c < 0x3040) && c <= 0x10FFFF;
}

/* Is the '-' or '/' at i one that begins an option: nothing of a word before it, a word behind it? */
static bool
is_option_dash(struct slice in, size_t i)
{
	uint32_t c = 0;
	size_t back = i;

	if (in.p[i] != '-' && in.p[i] != '/')
		return false;
	if (utf8_get(in.p + i + 1, in.p + in.len, &c) == 0 || !is_word(c))
		return false;
	while (back > 0 && ((unsigned char)in.p[back - 1] & 0xC0) == 0x80)
		back--;
	if (back == 0 || utf8_get(in.p + back - 1, in.p + i, &c) == 0)
		return true; /* the start, or a wildcard */
	return !is_word(c);
}

/*
 * Every dash that begins an option in five spellings, all combinations, the last dash changing
 * quickest.
 */
const char *
variants_windash(struct arena *a, struct slice in, struct variants *out)
{
	static const char *const dashes[] = { "-", "/", "\xE2\x80\x93", "\xE2\x80\x94",
		"\xE2\x80\x95" };
	const char *why = NULL;
	unsigned total = 1;

	for (size_t i = 0; i < in.len; i++)
		if (is_option_dash(in, i) && (total *= 5) > VARIANTS_WINDASH)
			return "more than 100 windash variants";
	if (total + out->n > VARIANTS_WINDASH)
		return "more than 100 windash variants";
	for (unsigned k = 0; k < total && why == NULL; k++) {
		struct buf b = { 0 };
		unsigned left = k, unit = total;

		for (size_t i = 0; i < in.len; i++) {
			if (!is_option_dash(in, i)) {
				buf_byte(&b, in.p[i]);
				continue;
			}
			unit /= 5;
			buf_str(&b, dashes[left / unit]);
			left %= unit;
		}
		why = add_buf(a, out, &b);
	}
	return why;
}

const char *
variants_base64(struct arena *a, struct slice in, struct variants *out)
{
	struct buf b = { 0 };

	base64_put(&b, in.p, in.len);
	return add_buf(a, out, &b);
}

/* What the base64 of a longer text holds of this one, at each of the three ways it can lie in it. */
const char *
variants_base64offset(struct arena *a, struct slice in, struct variants *out)
{
	static const size_t front[] = { 0, 2, 3 }, back[] = { 0, 3, 2 };

	for (size_t i = 0; i < 3; i++) {
		struct buf plain = { 0 }, code = { 0 };
		size_t from = front[i], to;
		const char *why;

		buf_add(&plain, "  ", i);
		buf_slice(&plain, in);
		base64_put(&code, plain.p, plain.len);
		to = code.len - back[plain.len % 3];
		why = to <= from ? "too short for base64offset"
				 : add(a, out, (struct slice){ code.p + from, to - from });
		buf_free(&plain);
		buf_free(&code);
		if (why != NULL)
			return why;
	}
	return NULL;
}

static void
put_unit(struct buf *b, uint32_t unit, bool little)
{
	char high = (char)(unit >> 8), low = (char)(unit & 0xFF);

	buf_byte(b, little ? low : high);
	buf_byte(b, little ? high : low);
}

static const char *
utf16(struct arena *a, struct slice in, struct variants *out, bool little, bool mark)
{
	struct buf b = { 0 };
	const char *p = in.p, *end = in.p + in.len;
	uint32_t c = 0;

	if (mark)
		put_unit(&b, 0xFEFF, little);
	for (unsigned n; p < end; p += n) {
		n = utf8_get(p, end, &c);
		if (n == 0) {
			buf_free(&b);
			return "a wildcard cannot be encoded";
		}
		if (c < 0x10000) {
			put_unit(&b, c, little);
		} else {
			put_unit(&b, 0xD800 + ((c - 0x10000) >> 10), little);
			put_unit(&b, 0xDC00 + ((c - 0x10000) & 0x3FF), little);
		}
	}
	out->raw = true;
	return add_buf(a, out, &b);
}

const char *
variants_utf16le(struct arena *a, struct slice in, struct variants *out)
{
	return utf16(a, in, out, true, false);
}

const char *
variants_utf16be(struct arena *a, struct slice in, struct variants *out)
{
	return utf16(a, in, out, false, false);
}

const char *
variants_utf16(struct arena *a, struct slice in, struct variants *out)
{
	return utf16(a, in, out, true, true);
}

const char *
variants_apply(struct arena *a, variants_step *step, struct variants *v)
{
	bool codes = step == variants_base64 || step == variants_base64offset;
	struct variants out = { .n = 0 };

	if (v->raw && !codes)
		return "UTF-16 has to be followed by base64 or base64offset";
	for (size_t i = 0; i < v->n; i++) {
		const char *why;

		if (codes && !v->raw && pattern_wild(v->v[i]))
			return "a wildcard cannot be encoded";
		why = step(a, v->v[i], &out);
		if (why != NULL)
			return why; // cppcheck-suppress returnDanglingLifetime ; a static text
	}
	*v = out;
	return NULL;
}
