#include "base/wide.h"

#if defined(__x86_64__) && defined(__GNUC__)

/* GCC bug 105593: its own headers are said to use what they leave undefined on purpose. */
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <cpuid.h>
#include <immintrin.h>
#include <pthread.h>

#include "base/round.h"

enum {
	LANES = 16,
	BLOCK = 64,
	WORDS = 16,   /* in a block */
	SORT = 256,   /* messages put in order of their length at a time */
	BUCKETS = 64, /* blocks, from which on lengths are not told apart */
};

#define TARGET __attribute__((target("avx512f,avx512bw")))
#define INLINE TARGET static inline __attribute__((always_inline))

/* One message: what its blocks are made of. */
struct lane {
	const uint8_t *p;
	size_t len;    /* bytes at p */
	size_t blocks; /* with padding */
	size_t message;
};

static bool available;

/*
 * Only on Intel's: elsewhere 512 bits may be two halves, one after the other, and the SHA
 * instructions the faster.
 */
static void
look(void)
{
	unsigned a, b, c, d;

	available = __get_cpuid(0, &a, &b, &c, &d) && b == signature_INTEL_ebx &&
	    c == signature_INTEL_ecx && d == signature_INTEL_edx &&
	    __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
}

bool
wide_available(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, look);
	return available;
}

/* Rows become columns: word j of lane i goes to w[j], place i. */
INLINE void
transpose(__m512i w[WORDS])
{
	__m512i t[WORDS];

#pragma GCC unroll 8
	for (int i = 0; i < 8; i++) {
		t[2 * i] = _mm512_unpacklo_epi32(w[2 * i], w[2 * i + 1]);
		t[2 * i + 1] = _mm512_unpackhi_epi32(w[2 * i], w[2 * i + 1]);
	}
#pragma GCC unroll 4
	for (int i = 0; i < 4; i++) {
		w[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
		w[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
		w[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
		w[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
	}
#pragma GCC unroll 4
	for (int i = 0; i < 4; i++) {
		t[i] = _mm512_shuffle_i32x4(w[i], w[4 + i], 0x88);
		t[4 + i] = _mm512_shuffle_i32x4(w[i], w[4 + i], 0xdd);
		t[8 + i] = _mm512_shuffle_i32x4(w[8 + i], w[12 + i], 0x88);
		t[12 + i] = _mm512_shuffle_i32x4(w[8 + i], w[12 + i], 0xdd);
	}
#pragma GCC unroll 4
	for (int i = 0; i < 4; i++) {
		w[i] = _mm512_shuffle_i32x4(t[i], t[8 + i], 0x88);
		w[8 + i] = _mm512_shuffle_i32x4(t[i], t[8 + i], 0xdd);
		w[4 + i] = _mm512_shuffle_i32x4(t[4 + i], t[12 + i], 0x88);
		w[12 + i] = _mm512_shuffle_i32x4(t[4 + i], t[12 + i], 0xdd);
	}
}

/* FIPS 180-4 section 6.2.2, sixteen times side by side: one block a lane, words as they lie in memory. */
INLINE void
compress(__m512i s[8], __m512i w[WORDS])
{
	const __m512i swap =
	    _mm512_broadcast_i32x4(_mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL));
	__m512i a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];

#pragma GCC unroll 16
	for (int i = 0; i < WORDS; i++)
		w[i] = _mm512_shuffle_epi8(w[i], swap);
	transpose(w);
#pragma GCC unroll 64
	for (int r = 0; r < 64; r++) {
		__m512i t, u, x;

		if (r >= WORDS) {
			__m512i y = w[(r + 1) % WORDS], z = w[(r + 14) % WORDS];

			t = _mm512_add_epi32(w[r % WORDS], w[(r + 9) % WORDS]);
			x = _mm512_ternarylogic_epi32(_mm512_ror_epi32(y, 7),
			    _mm512_ror_epi32(y, 18), _mm512_srli_epi32(y, 3), 0x96);
			u = _mm512_ternarylogic_epi32(_mm512_ror_epi32(z, 17),
			    _mm512_ror_epi32(z, 19), _mm512_srli_epi32(z, 10), 0x96);
			w[r % WORDS] = _mm512_add_epi32(_mm512_add_epi32(t, x), u);
		}
		t = _mm512_add_epi32(h, _mm512_set1_epi32((int)K[r]));
		t = _mm512_add_epi32(t, w[r % WORDS]);
		x = _mm512_ternarylogic_epi32(_mm512_ror_epi32(e, 6), _mm512_ror_epi32(e, 11),
		    _mm512_ror_epi32(e, 25), 0x96);
		u = _mm512_ternarylogic_epi32(e, f, g, 0xca); /* Ch */
		t = _mm512_add_epi32(t, _mm512_add_epi32(x, u));
		x = _mm512_ternarylogic_epi32(_mm512_ror_epi32(a, 2), _mm512_ror_epi32(a, 13),
		    _mm512_ror_epi32(a, 22), 0x96);
		u = _mm512_ternarylogic_epi32(a, b, c, 0xe8); /* Maj */
		h = g;
		g = f;
		f = e;
		e = _mm512_add_epi32(d, t);
		d = c;
		c = b;
		b = a;
		a = _mm512_add_epi32(t, _mm512_add_epi32(x, u));
	}
	s[0] = _mm512_add_epi32(s[0], a);
	s[1] = _mm512_add_epi32(s[1], b);
	s[2] = _mm512_add_epi32(s[2], c);
	s[3] = _mm512_add_epi32(s[3], d);
	s[4] = _mm512_add_epi32(s[4], e);
	s[5] = _mm512_add_epi32(s[5], f);
	s[6] = _mm512_add_epi32(s[6], g);
	s[7] = _mm512_add_epi32(s[7], h);
}

static uint64_t
bits_below(size_t n)
{
	return n < 64 ? (UINT64_C(1) << n) - 1 : UINT64_MAX;
}

/*
 * Block number j of a message with its prefix and padding (section 5.1.1).  Only bytes of the
 * message are touched: what a mask leaves out is not read.
 */
INLINE __m512i
load_any(const struct lane *l, int prefix, size_t j)
{
	const size_t shift = prefix >= 0, total = l->len + shift, end = total - j * BLOCK;
	const uint64_t lead = j == 0 ? shift : 0;
	__m512i v = _mm512_setzero_si512();

	if (l->len > 0 && j * BLOCK < total)
		v = _mm512_maskz_loadu_epi8(
		    bits_below(end) & ~lead, l->p + (ptrdiff_t)(j * BLOCK) - (ptrdiff_t)shift);
	v = _mm512_mask_set1_epi8(v, lead, (char)prefix);
	if (end < BLOCK) /* wraps around where the end was in the block before */
		v = _mm512_mask_set1_epi8(v, UINT64_C(1) << end, (char)0x80);
	if (j + 1 == l->blocks)
		v = _mm512_mask_set1_epi64(
		    v, 0x80, (long long)__builtin_bswap64((uint64_t)total * 8));
	return v;
}

TARGET static void
state_start(__m512i s[8])
{
	/* Section 5.3.3. */
	static const uint32_t start[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

	for (int i = 0; i < 8; i++)
		s[i] = _mm512_set1_epi32((int)start[i]);
}

/* Blocks from .. to - 1 of all lanes, of which all bytes are of the message. */
TARGET static void
run_inner(
    __m512i s[8], const struct lane lane[static LANES], size_t shift, size_t from, size_t to)
{
	__m512i w[WORDS];

	for (size_t j = from; j < to; j++) {
#pragma GCC unroll 16
		for (int i = 0; i < LANES; i++)
			w[i] = _mm512_loadu_si512(lane[i].p + j * BLOCK - shift);
		compress(s, w);
	}
}

/* Block j of all lanes; those that have no such block keep their state. */
TARGET static void
run_any(__m512i s[8], const struct lane lane[static LANES], int prefix, size_t j)
{
	__m512i w[WORDS], next[8];
	__mmask16 has = 0;

	for (int i = 0; i < 8; i++)
		next[i] = s[i];
	for (int i = 0; i < LANES; i++) {
		bool more = j < lane[i].blocks;

		has |= (__mmask16)(more << i);
		w[i] = more ? load_any(&lane[i], prefix, j) : _mm512_setzero_si512();
	}
	compress(next, w);
	for (int i = 0; i < 8; i++)
		s[i] = _mm512_mask_mov_epi32(s[i], has, next[i]);
}

/* The lanes' digests, most significant byte first. */
TARGET static void
state_end(const __m512i s[8], const struct lane *lane, size_t n, struct hash *out)
{
	uint32_t word[8][LANES] __attribute__((aligned(64)));

	for (int i = 0; i < 8; i++)
		_mm512_store_si512(word[i], s[i]);
	for (size_t k = 0; k < n; k++) {
		uint32_t digest[8];

		for (int i = 0; i < 8; i++)
			digest[i] = __builtin_bswap32(word[i][k]);
		memcpy(out[lane[k].message].b, digest, HASH_LEN);
	}
}

/* Up to LANES messages of about the same length. */
TARGET static void
hash_lanes(struct lane lane[static LANES], size_t n, int prefix, struct hash *out)
{
	size_t shift = prefix >= 0, inner = SIZE_MAX, last = 0;
	__m512i s[8];

	for (size_t i = n; i < LANES; i++)
		lane[i] = lane[0]; /* idle */
	for (size_t i = 0; i < n; i++) {
		size_t whole = (lane[i].len + shift) / BLOCK;

		inner = whole < inner ? whole : inner;
		last = lane[i].blocks > last ? lane[i].blocks : last;
	}
	state_start(s);
	if (shift > 0 || inner == 0)
		run_any(s, lane, prefix, 0);
	if (inner > 0)
		run_inner(s, lane, shift, shift, inner);
	for (size_t j = inner > 0 ? inner : 1; j < last; j++)
		run_any(s, lane, prefix, j);
	state_end(s, lane, n, out);
}

/* In order of their number of blocks: lanes side by side should end together. */
static void
sort(const struct lane *from, size_t n, struct lane *to)
{
	unsigned count[BUCKETS + 1] = { 0 }, at[BUCKETS + 1];

	for (size_t i = 0; i < n; i++)
		count[from[i].blocks < BUCKETS ? from[i].blocks : BUCKETS]++;
	at[0] = 0;
	for (size_t b = 1; b <= BUCKETS; b++)
		at[b] = at[b - 1] + count[b - 1];
	for (size_t i = 0; i < n; i++)
		to[at[from[i].blocks < BUCKETS ? from[i].blocks : BUCKETS]++] = from[i];
}

void
wide_sha256(int prefix, const struct slice *messages, size_t n, struct hash *out)
{
	struct lane lane[SORT], sorted[SORT + LANES];
	size_t shift = prefix >= 0;

	for (size_t done = 0; done < n;) {
		size_t some = n - done < SORT ? n - done : SORT;

		for (size_t i = 0; i < some; i++) {
			const struct slice *m = &messages[done + i];

			lane[i] = (struct lane){ (const uint8_t *)m->p, m->len,
				(m->len + shift + 8) / BLOCK + 1, done + i };
		}
		sort(lane, some, sorted);
		for (size_t i = 0; i < some; i += LANES)
			hash_lanes(
			    sorted + i, some - i < LANES ? some - i : LANES, prefix, out);
		done += some;
	}
}

#else

bool
wide_available(void)
{
	return false;
}

void
wide_sha256(int prefix, const struct slice *messages, size_t n, struct hash *out)
{
	sha256_many_portable(prefix, messages, n, out);
}

#endif
