#include "stat/sum.h"

#include <math.h>
#include <string.h>

enum {
	DIGIT = 32, /* bits */
	TOP = SUM_DIGITS - 1,
	MANTISSA = 53, /* bits of a double's, the leading one included */
	UNIT = SUM_UNIT,
	WAITING_MAX = 1 << 10, /* an addition moves a digit by less than 2^53: 2^63 is far */
};

static const int64_t DIGIT_MASK = 0xffffffff;

void
sum_settle(struct sum *s)
{
	int64_t carry = 0;

	for (int i = 0; i < TOP; i++) {
		int64_t d = s->digit[i] + carry;

		carry =
		    d >> DIGIT; /* towards minus infinity, so that digits end up in 0..2^32-1 */
		s->digit[i] = d & DIGIT_MASK;
	}
	s->digit[TOP] += carry; /* this one has the sign */
	s->waiting = 0;
}

void
sum_add(struct sum *s, double v)
{
	uint64_t bits, mantissa;
	unsigned exponent, at, shift;
	int64_t low, high;

	memcpy(&bits, &v, sizeof bits);
	exponent = bits >> 52 & 0x7ff;
	mantissa = bits & ((UINT64_C(1) << 52) - 1);
	if (exponent == 0)
		exponent = 1; /* subnormal: no leading one */
	else
		mantissa |= UINT64_C(1) << 52;
	at = exponent / DIGIT;
	shift = exponent % DIGIT;
	low = (int64_t)(mantissa << shift & (uint64_t)DIGIT_MASK);
	high = (int64_t)(mantissa >> (DIGIT - shift));
	if (s->waiting == WAITING_MAX)
		sum_settle(s);
	s->waiting++;
	s->digit[at] += bits >> 63 ? -low : low;
	s->digit[at + 1] += bits >> 63 ? -high : high;
}

void
sum_merge(struct sum *into, struct sum *from)
{
	sum_settle(from);
	sum_settle(into);
	for (int i = 0; i < SUM_DIGITS; i++)
		into->digit[i] += from->digit[i];
	into->waiting = 1;
}

/* x * 2^exponent, x > 0, to the nearest double; rest: there are bits below x, which then has more than 53. */
static double
nearest(unsigned __int128 x, int exponent, bool rest)
{
	int bits = x >> 64 ? 128 - __builtin_clzll((uint64_t)(x >> 64))
			   : 64 - __builtin_clzll((uint64_t)x);
	int cut = bits - MANTISSA; /* not above 0 for a subnormal, which has no bits to lose */
	unsigned __int128 half, low;
	uint64_t m;

	if (cut <= 0)
		return ldexp((double)(uint64_t)x, exponent);
	m = (uint64_t)(x >> cut);
	low = x & (((unsigned __int128)1 << cut) - 1);
	half = (unsigned __int128)1 << (cut - 1);
	if (low > half || (low == half && (rest || m & 1)))
		m++;
	return ldexp((double)m, exponent + cut);
}

double
digits_nearest(const uint32_t *digit, int count, int unit)
{
	unsigned __int128 x = 0;
	bool rest = false;
	int high = count - 1;

	while (high > 2 && digit[high] == 0)
		high--;
	for (int i = high; i > high - 3; i--)
		x = x << DIGIT | digit[i];
	for (int i = 0; i < high - 2; i++)
		rest |= digit[i] != 0;
	return x == 0 ? 0 : nearest(x, DIGIT * (high - 2) + unit, rest);
}

bool
sum_magnitude(const struct sum *s, uint32_t digit[SUM_DIGITS])
{
	struct sum a = *s;
	bool negative;

	sum_settle(&a);
	negative = a.digit[TOP] < 0;
	if (negative) {
		for (int i = 0; i < SUM_DIGITS; i++)
			a.digit[i] = -a.digit[i];
		sum_settle(&a);
	}
	for (int i = 0; i < SUM_DIGITS; i++)
		digit[i] = (uint32_t)a.digit[i];
	return negative;
}

double
sum_value(const struct sum *s)
{
	uint32_t digit[SUM_DIGITS];
	bool negative = sum_magnitude(s, digit);
	double v = digit[TOP] != 0 ? HUGE_VAL : digits_nearest(digit, TOP, UNIT);

	return negative && v != 0 ? -v : v;
}
