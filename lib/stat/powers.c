#include "stat/powers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
	FRACTION = 64,  /* bits below 1 of a sum */
	SHIFT_MAX = 74, /* a mantissa of 53 bits, and a sign, in 128 */
	LSB = 1075,     /* weight of a double's lowest bit: 2^(exponent - LSB) */
	SKEW = 19,      /* 2^-64 and 2^-128 are so far up in a digit of struct sum */
	SUM_AT = (LSB - FRACTION - SKEW) / 32,        /* namely this one */
	SQUARE_AT = (LSB - 2 * FRACTION - SKEW) / 32, /* and this one */
};

static const double INTEGER_MAX = 2147483648.0;

static void
wide_add(struct powers *m, double v)
{
	double square = v * v;

	if (m->wide == NULL)
		m->wide = xzalloc(1, sizeof *m->wide);
	sum_add(&m->wide->sum, v);
	if (!isfinite(square))
		return;
	sum_add(&m->wide->square, square);
	sum_add(&m->wide->square, fma(v, v, -square));
}

/* Add x * 2^shift to the words, of which there are enough. */
static inline void
words_add(uint64_t *word, int words, unsigned __int128 x, unsigned shift)
{
	unsigned at = shift / 64, up = shift % 64;
	uint64_t low = (uint64_t)x, high = (uint64_t)(x >> 64), part[3];
	unsigned __int128 t = 0;

	part[0] = low << up;
	part[1] = high << up | (up == 0 ? 0 : low >> (64 - up));
	part[2] = up == 0 ? 0 : high >> (64 - up);
	for (unsigned i = 0; i < 3; i++) {
		t += (unsigned __int128)word[at + i] + part[i];
		word[at + i] = (uint64_t)t;
		t >>= 64;
	}
	for (unsigned i = at + 3; t != 0 && i < (unsigned)words; i++)
		t = ++word[i] == 0;
}

static void
any_add(struct powers *m, double v)
{
	uint64_t bits, mantissa;
	unsigned __int128 x, before;
	int shift;

	memcpy(&bits, &v, sizeof bits);
	shift = (int)(bits >> 52 & 0x7ff) - (LSB - FRACTION);
	mantissa = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
	if (bits << 1 == 0)
		return;
	if (shift < 0 && shift > -53 && mantissa << (64 + shift) == 0) {
		mantissa >>= -shift;
		shift = 0;
	}
	if (shift < 0 || shift > SHIFT_MAX) {
		wide_add(m, v);
		return;
	}
	before = (unsigned __int128)m->sum[1] << 64 | m->sum[0];
	x = (unsigned __int128)mantissa << shift;
	if (bits >> 63) {
		m->sum[2] -= before < x;
		x = before - x;
	} else {
		x += before;
		m->sum[2] += x < before;
	}
	m->sum[0] = (uint64_t)x;
	m->sum[1] = (uint64_t)(x >> 64);
	words_add(m->square, POWERS_SQUARE, (unsigned __int128)mantissa * mantissa,
	    2 * (unsigned)shift);
}

/* Counts, and much else: i in units of 2^-64 is one word up, its square two. */
static inline void
integer_add(struct powers *m, int64_t i)
{
	uint64_t square = (uint64_t)(i * i);

	m->sum[1] += (uint64_t)i;
	m->sum[2] += (uint64_t)(i < 0 ? -1 : 0) + (m->sum[1] < (uint64_t)i);
	m->square[2] += square;
	if (m->square[2] < square && ++m->square[3] == 0)
		m->square[4]++;
}

void
powers_add(struct powers *m, double v)
{
	if (v > -INTEGER_MAX && v < INTEGER_MAX && v == (double)(int64_t)v)
		integer_add(m, (int64_t)v);
	else
		any_add(m, v);
}

static void
words_merge(uint64_t *into, const uint64_t *from, int words)
{
	unsigned __int128 t = 0;

	for (int i = 0; i < words; i++) {
		t += (unsigned __int128)into[i] + from[i];
		into[i] = (uint64_t)t;
		t >>= 64;
	}
}

void
powers_merge(struct powers *into, struct powers *from)
{
	words_merge(into->sum, from->sum, POWERS_SUM);
	words_merge(into->square, from->square, POWERS_SQUARE);
	if (into->wide != NULL && from->wide != NULL) {
		sum_merge(&into->wide->sum, &from->wide->sum);
		sum_merge(&into->wide->square, &from->wide->square);
	} else if (from->wide != NULL) {
		into->wide = from->wide;
		from->wide = NULL;
	}
	powers_free(from);
}

void
powers_add_all(struct powers *into, const struct powers *from)
{
	struct powers copy = *from;

	if (from->wide != NULL) {
		copy.wide = xmalloc(sizeof *copy.wide);
		*copy.wide = *from->wide;
	}
	powers_merge(into, &copy);
}

/* Add the words, skewed, to the digits from at on. */
static void
digits_add(struct sum *s, int at, const uint64_t *word, int words, int64_t sign)
{
	for (int i = 0; i < 2 * words; i++) {
		uint64_t skewed = (word[i / 2] >> 32 * (i % 2) & UINT32_MAX) << SKEW;

		s->digit[at + i] += sign * (int64_t)(skewed & UINT32_MAX);
		s->digit[at + i + 1] += sign * (int64_t)(skewed >> 32);
	}
	sum_settle(s);
}

void
powers_total(const struct powers *m, struct sum *sum, struct sum *square)
{
	uint64_t word[POWERS_SUM];
	bool negative = m->sum[POWERS_SUM - 1] >> 63;
	unsigned carry = negative;

	*sum = m->wide != NULL ? m->wide->sum : (struct sum){ 0 };
	*square = m->wide != NULL ? m->wide->square : (struct sum){ 0 };
	sum_settle(sum);
	sum_settle(square);
	for (int i = 0; i < POWERS_SUM; i++) {
		word[i] = (negative ? ~m->sum[i] : m->sum[i]) + carry;
		carry = carry && word[i] == 0;
	}
	digits_add(sum, SUM_AT, word, POWERS_SUM, negative ? -1 : 1);
	digits_add(square, SQUARE_AT, m->square, POWERS_SQUARE, 1);
}

/* The digits from at on, less their skew, as words.  Returns false if there is anything besides. */
static bool
words_of(const uint32_t digit[SUM_DIGITS], int at, uint64_t *word, int words)
{
	uint32_t outside = 0;

	for (int i = 0; i < SUM_DIGITS; i++)
		if (i < at || i >= at + 2 * words)
			outside |= digit[i];
	for (int i = 0; i < 2 * words; i++) {
		uint32_t low = digit[at + i] >> SKEW,
			 high = i + 1 < 2 * words ? digit[at + i + 1] << (32 - SKEW) : 0;

		word[i / 2] =
		    (i % 2 ? word[i / 2] : 0) | (uint64_t)(low | high) << 32 * (i % 2);
	}
	return outside == 0 && (digit[at] & ((UINT32_C(1) << SKEW) - 1)) == 0 &&
	    word[words - 1] >> 32 == 0;
}

void
powers_set(struct powers *m, const struct sum *sum, const struct sum *square)
{
	uint32_t digit[SUM_DIGITS], squares[SUM_DIGITS];
	bool negative = sum_magnitude(sum, digit);
	unsigned carry = negative;

	sum_magnitude(square, squares);
	if (!words_of(digit, SUM_AT, m->sum, POWERS_SUM) ||
	    !words_of(squares, SQUARE_AT, m->square, POWERS_SQUARE)) {
		*m = (struct powers){ .wide = xmalloc(sizeof *m->wide) };
		*m->wide = (struct powers_wide){ *sum, *square };
		return;
	}
	for (int i = 0; i < POWERS_SUM && negative; i++) {
		m->sum[i] = ~m->sum[i] + carry;
		carry = carry && m->sum[i] == 0;
	}
}

double
powers_sum(const struct powers *m)
{
	struct sum sum, square;

	powers_total(m, &sum, &square);
	return sum_value(&sum);
}

enum { BIG = 2 * SUM_DIGITS + 4 }; /* digits of a square of a sum, with room */

/* big += x * y * 2^(32 at) */
static void
big_add(uint32_t *big, int at, uint32_t x, const uint32_t *y, int n)
{
	uint64_t t = 0;

	if (x == 0)
		return;
	for (int i = 0; i < n || t != 0; i++) {
		t += big[at + i] + (uint64_t)x * (i < n ? y[i] : 0);
		big[at + i] = (uint32_t)t;
		t >>= 32;
	}
}

/* a -= b.  Returns false if b is the larger. */
static bool
big_sub(uint32_t *a, const uint32_t *b)
{
	int64_t t = 0;

	for (int i = 0; i < BIG; i++) {
		t += (int64_t)a[i] - b[i];
		a[i] = (uint32_t)t;
		t >>= 32;
	}
	return t == 0;
}

double
powers_variance(const struct powers *m, uint64_t n)
{
	struct sum sum, square;
	uint32_t digit[SUM_DIGITS], a[BIG] = { 0 }, b[BIG] = { 0 }, up[SUM_DIGITS + 1] = { 0 };
	/* n S2 is in units of 2^-1075, S1^2 of 2^-2150: so many digits and bits more. */
	const int more = -SUM_UNIT / 32, bits = -SUM_UNIT % 32;

	powers_total(m, &sum, &square);
	sum_magnitude(&square, digit);
	big_add(up, 0, UINT32_C(1) << bits, digit, SUM_DIGITS - 1);
	big_add(a, more, (uint32_t)n, up, SUM_DIGITS + 1);
	big_add(a, more + 1, (uint32_t)(n >> 32), up, SUM_DIGITS + 1);
	sum_magnitude(&sum, digit);
	for (int i = 0; i < SUM_DIGITS; i++)
		big_add(b, i, digit[i], digit, SUM_DIGITS);
	if (!big_sub(a, b)) /* squares that were too small for a double */
		return 0;
	return digits_nearest(a, BIG, 2 * SUM_UNIT) / (double)n / (double)(n - 1);
}

void
powers_free(struct powers *m)
{
	free(m->wide);
	*m = (struct powers){ 0 };
}
