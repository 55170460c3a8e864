/*
 * span - how far a string is plain.  Part of the scanner, and of it alone.
 *
 * Plain is what stands for itself in a JSON string and needs no look at its neighbours: ASCII but
 * for the quote, the backslash and the control characters.
 */
#ifndef JSON_SPAN_H
#define JSON_SPAN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/likely.h"

enum { SPAN = 32 }; /* bytes looked at in one step */

#define SPAN_EACH(byte) (UINT64_MAX / 255 * (byte))

/* The top bit of each of 8 bytes that is not plain; only the lowest set bit is to be trusted. */
static inline uint64_t
span_8(const char *p)
{
	uint64_t x, quote, slash;

	memcpy(&x, p, sizeof x);
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		x = __builtin_bswap64(x);
	quote = x ^ SPAN_EACH('"');
	slash = x ^ SPAN_EACH('\\');
	/* A borrow only reaches bytes above one that is itself found. */
	return (((quote - SPAN_EACH(1)) & ~quote) | ((slash - SPAN_EACH(1)) & ~slash) |
		   ((x - SPAN_EACH(0x20)) & ~x) | x) &
	    SPAN_EACH(0x80);
}

/* The first byte of the SPAN at p that is not plain; p + SPAN if all are. */
static inline const char *
span_swar(const char *p)
{
	for (int i = 0; i < SPAN; i += 8) {
		uint64_t stop = span_8(p + i);

		if (stop != 0)
			return p + i + (__builtin_ctzll(stop) >> 3);
	}
	return p + SPAN;
}

#ifdef __SSE2__
/* Bit i: byte i of 16 is not plain.  Bytes with the top bit are below ' ' as signed ones. */
static inline uint32_t
span_16(const char *p)
{
	__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i stop = _mm_or_si128(
	    _mm_cmpeq_epi8(x, _mm_set1_epi8('"')), _mm_cmpeq_epi8(x, _mm_set1_epi8('\\')));

	stop = _mm_or_si128(stop, _mm_cmplt_epi8(x, _mm_set1_epi8(' ')));
	return (uint32_t)_mm_movemask_epi8(stop);
}
#endif

/* As span_swar, by the best means. */
static inline const char *
span_step(const char *p, bool portable)
{
#ifdef __SSE2__
	if (LIKELY(!portable)) {
		uint32_t stop = span_16(p) | span_16(p + 16) << 16;

		return p + (stop == 0 ? SPAN : __builtin_ctz(stop));
	}
#else
	(void)portable;
#endif
	return span_swar(p);
}

#endif
