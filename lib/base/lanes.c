#include "base/lanes.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <cpuid.h>
#include <immintrin.h>
#include <pthread.h>

#include "base/round.h"

enum { LANES = 4, BLOCK = 64 };

#define TARGET __attribute__((target("sha,sse4.1,ssse3")))

/* The state as the instructions want it: the words A B E F and C D G H, A and C highest. */
struct state {
	__m128i abef, cdgh;
};

/*
 * One message on its way: a first block of its own if there is a prefix, blocks straight from the
 * message, then one or two that hold its end and the padding.
 */
struct lane {
	const uint8_t *next;  /* where the following blocks are */
	size_t blocks;        /* how many before next turns to tail */
	unsigned tail_blocks; /* how many in tail remain */
	bool busy;
	size_t message; /* index */
	uint8_t head[BLOCK], tail[2 * BLOCK];
	const uint8_t *tail_next;
	bool head_due;
};

static bool available;

static void
look(void)
{
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || (c & (1u << 19)) == 0 || (c & (1u << 9)) == 0)
		return;
	available = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 29)) != 0;
}

/* Looked at once: in a virtual machine cpuid traps, and costs more than many a digest. */
bool
lanes_available(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, look);
	return available;
}

/*
 * Compress one block into each state.  The loop over the lanes is unrolled by the compiler, so
 * that the four chains of sha256rnds2 stand side by side.
 */
TARGET static void
compress(struct state s[static LANES], const uint8_t *const block[static LANES])
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
	__m128i m[LANES][4], abef[LANES], cdgh[LANES];

	for (int i = 0; i < LANES; i++) {
		abef[i] = s[i].abef;
		cdgh[i] = s[i].cdgh;
	}
#pragma GCC unroll 16
	for (int r = 0; r < 16; r++) {
		const __m128i k = _mm_load_si128((const __m128i *)(const void *)&K[4 * r]);
		const int now = r % 4, before = (r + 3) % 4, after = (r + 1) % 4;

#pragma GCC unroll 4
		for (int i = 0; i < LANES; i++) {
			__m128i w;

			if (r < 4)
				m[i][now] = _mm_shuffle_epi8(
				    _mm_loadu_si128(
					(const __m128i *)(const void *)(block[i] + 16 * r)),
				    swap);
			w = _mm_add_epi32(m[i][now], k);
			cdgh[i] = _mm_sha256rnds2_epu32(cdgh[i], abef[i], w);
			w = _mm_shuffle_epi32(w, 0x0e);
			abef[i] = _mm_sha256rnds2_epu32(abef[i], cdgh[i], w);
			if (r >= 3 && r < 15)
				m[i][after] = _mm_sha256msg2_epu32(
				    _mm_add_epi32(m[i][after],
					_mm_alignr_epi8(m[i][now], m[i][before], 4)),
				    m[i][now]);
			if (r >= 1 && r < 13)
				m[i][before] = _mm_sha256msg1_epu32(m[i][before], m[i][now]);
		}
	}
	for (int i = 0; i < LANES; i++) {
		s[i].abef = _mm_add_epi32(s[i].abef, abef[i]);
		s[i].cdgh = _mm_add_epi32(s[i].cdgh, cdgh[i]);
	}
}

/* FIPS 180-4 section 5.1.1: the last len < 64 bytes, a one bit, zeros, the length in bits. */
static void
pad(struct lane *l, const uint8_t *rest, size_t len, uint64_t total)
{
	size_t size = len + 9 <= BLOCK ? BLOCK : 2 * BLOCK;
	uint64_t bits = __builtin_bswap64(total * 8);

	if (len > 0)
		memcpy(l->tail, rest, len);
	l->tail[len] = 0x80;
	memset(l->tail + len + 1, 0, size - len - 1);
	memcpy(l->tail + size - 8, &bits, 8);
	l->tail_next = l->tail;
	l->tail_blocks = (unsigned)(size / BLOCK);
}

static void
lane_start(struct lane *l, int prefix, struct slice text, size_t message)
{
	const uint8_t *p = (const uint8_t *)text.p;
	size_t len = text.len, total = len + (prefix >= 0);

	l->busy = true;
	l->message = message;
	l->head_due = false;
	if (prefix >= 0 && total < BLOCK) {
		l->head[0] =
		    (uint8_t)prefix; /* head is only where the short end is put together */
		if (len > 0)
			memcpy(l->head + 1, p, len);
		p = l->head;
		len = total;
	} else if (prefix >= 0) {
		l->head[0] = (uint8_t)prefix;
		memcpy(l->head + 1, p, BLOCK - 1);
		l->head_due = true;
		p += BLOCK - 1;
		len -= BLOCK - 1;
	}
	l->next = p;
	l->blocks = len / BLOCK;
	if (l->blocks > 0) /* an empty message may be NULL, to which nothing is added */
		p += l->blocks * BLOCK;
	pad(l, p, len % BLOCK, total);
}

/* The lane's next block; there is one as long as it is busy. */
static const uint8_t *
lane_block(struct lane *l)
{
	const uint8_t *p;

	if (l->head_due) {
		l->head_due = false;
		return l->head;
	}
	if (l->blocks > 0) {
		p = l->next;
		l->next += BLOCK;
		l->blocks--;
		return p;
	}
	p = l->tail_next;
	l->tail_next += BLOCK;
	l->tail_blocks--;
	return p;
}

TARGET static void
state_start(struct state *s)
{
	/* FIPS 180-4 section 5.3.3. */
	s->abef = _mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c);
	s->cdgh = _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19);
}

TARGET static void
state_end(const struct state *s, struct hash *out)
{
	uint32_t abef[4], cdgh[4], word[8];

	_mm_storeu_si128((__m128i *)(void *)abef, s->abef);
	_mm_storeu_si128((__m128i *)(void *)cdgh, s->cdgh);
	word[0] = abef[3];
	word[1] = abef[2];
	word[2] = cdgh[3];
	word[3] = cdgh[2];
	word[4] = abef[1];
	word[5] = abef[0];
	word[6] = cdgh[1];
	word[7] = cdgh[0];
	for (int i = 0; i < 8; i++)
		word[i] = __builtin_bswap32(word[i]);
	memcpy(out->b, word, HASH_LEN);
}

void
lanes_sha256(int prefix, const struct slice *messages, size_t n, struct hash *out)
{
	static const uint8_t idle[BLOCK];
	struct lane lane[LANES];
	struct state state[LANES];
	const uint8_t *block[LANES];
	size_t started = 0, busy = 0;

	for (int i = 0; i < LANES; i++) {
		lane[i].busy = false;
		state_start(&state[i]);
	}
	do {
		for (int i = 0; i < LANES; i++) {
			struct lane *l = &lane[i];

			if (!l->busy && started < n) {
				lane_start(l, prefix, messages[started], started);
				state_start(&state[i]);
				started++;
				busy++;
			}
			block[i] = l->busy ? lane_block(l) : idle;
		}
		if (busy > 0)
			compress(state, block);
		for (int i = 0; i < LANES; i++)
			if (lane[i].busy && lane[i].tail_blocks == 0) {
				state_end(&state[i], &out[lane[i].message]);
				lane[i].busy = false;
				busy--;
			}
	} while (busy > 0 || started < n);
}

#else

bool
lanes_available(void)
{
	return false;
}

void
lanes_sha256(int prefix, const struct slice *messages, size_t n, struct hash *out)
{
	sha256_many_portable(prefix, messages, n, out);
}

#endif
