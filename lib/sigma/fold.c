#include "sigma/fold.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/utf8.h"

uint32_t
fold_char(uint32_t c)
{
	size_t low = 0, high = fold_run_count;

	if (c < 0x80)
		return c - 'A' < 26 ? c + 32 : c;
	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct fold_run *r = &fold_runs[mid];

		if (c < r->first)
			high = mid;
		else if (c > r->last)
			low = mid + 1;
		else
			return (c - r->first) % r->step == 0 ? c + (uint32_t)r->delta : c;
	}
	return c;
}

/* utf8_put into memory that has room. */
static size_t
put(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

#ifdef __SSE2__
/* Fold 16 bytes; how many of them, from the first on, are ASCII. */
static inline unsigned
fold_16(char *out, const char *p)
{
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i upper = _mm_and_si128(_mm_cmpgt_epi8(x, _mm_set1_epi8('A' - 1)),
	    _mm_cmplt_epi8(x, _mm_set1_epi8('Z' + 1)));
	unsigned other = (unsigned)_mm_movemask_epi8(x);

	x = _mm_or_si128(x, _mm_and_si128(upper, _mm_set1_epi8(0x20)));
	_mm_storeu_si128((__m128i *)(void *)out, x);
	return other == 0 ? 16 : (unsigned)__builtin_ctz(other);
}
#else
static inline unsigned
fold_16(char *out, const char *p)
{
	unsigned n = 0;

	for (; n < 16 && (unsigned char)p[n] < 0x80; n++)
		out[n] = (char)fold_char((unsigned char)p[n]);
	return n;
}
#endif

size_t
fold_text(char *out, struct slice text)
{
	const char *p = text.p, *end = text.p + text.len;
	char *o = out;

	while (p < end) {
		unsigned n = fold_16(o, p);
		uint32_t c = 0;

		if (n >= (size_t)(end - p)) {
			o += end - p;
			break;
		}
		p += n;
		o += n;
		if (n == 16)
			continue;
		n = utf8_get(p, end, &c);
		if (n == 0)
			*o++ = *p++; /* a wildcard of a pattern */
		else
			o += put(o, fold_char(c));
		p += n;
	}
	return (size_t)(o - out);
}
