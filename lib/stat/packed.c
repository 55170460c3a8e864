#include "stat/packed.h"

#include <math.h>
#include <string.h>

enum { BITS = 5, BASE = 1 << BITS, DIGITS_MAX = 13 };

static const char more_digits[] = "0123456789abcdefghijklmnopqrstuv";
static const char last_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZwxyz+-";

static const double tens[PACKED_SCALES] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6 };

static const double INTEGER_MAX = 9007199254740992.0; /* 2^53 */
static const uint64_t MIDDLE = UINT64_C(1) << 63;     /* what zero is */

void
packed_put(struct buf *b, uint64_t v)
{
	char text[DIGITS_MAX], *p = text + DIGITS_MAX;

	*--p = last_digits[v % BASE];
	while ((v >>= BITS) != 0)
		*--p = more_digits[v % BASE];
	buf_add(b, p, (size_t)(text + DIGITS_MAX - p));
}

static int
digit_of(char c, bool *last)
{
	*last = true;
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'w' && c <= 'z')
		return c - 'w' + 26;
	if (c == '+' || c == '-')
		return c == '+' ? 30 : 31;
	*last = false;
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'v' ? c - 'a' + 10 : -1;
}

int
packed_get(struct slice *text, uint64_t max, uint64_t *v)
{
	bool last = false;

	*v = 0;
	for (size_t i = 0; i < text->len && !last; i++) {
		int digit = digit_of(text->p[i], &last);

		if (digit == -1 || *v > max >> BITS || (i == 0 && !last && digit == 0))
			return -1;
		*v = *v << BITS | (uint64_t)digit;
		if (*v > max)
			return -1;
		if (last) {
			text->p += i + 1;
			text->len -= i + 1;
		}
	}
	return last ? 0 : -1;
}

static bool
is_scaled(double v, double ten)
{
	double i = rint(v * ten);

	return fabs(i) <= INTEGER_MAX && i / ten == v && !(v == 0 && signbit(v));
}

unsigned
packed_scale(const double *v, size_t n)
{
	unsigned scale = 0;

	for (size_t i = 0; i < n && scale < PACKED_SCALES; i++)
		while (scale < PACKED_SCALES && !is_scaled(v[i], tens[scale]))
			scale++;
	/* A value that went at a lower scale may not at a higher. */
	for (size_t i = 0; i < n && scale < PACKED_SCALES; i++)
		if (!is_scaled(v[i], tens[scale]))
			scale = PACKED_BITS;
	return scale;
}

uint64_t
packed_number(double v, unsigned scale)
{
	uint64_t bits;

	if (scale < PACKED_SCALES)
		return MIDDLE + (uint64_t)(int64_t)rint(v * tens[scale]);
	memcpy(&bits, &v, sizeof bits);
	return bits ^ (bits & MIDDLE ? UINT64_MAX : MIDDLE);
}

bool
packed_value(uint64_t number, unsigned scale, double *v)
{
	uint64_t bits = number ^ (number & MIDDLE ? MIDDLE : UINT64_MAX);

	if (scale < PACKED_SCALES) {
		int64_t i = (int64_t)(number - MIDDLE);

		*v = (double)i / tens[scale];
		return i <= (int64_t)INTEGER_MAX && i >= -(int64_t)INTEGER_MAX;
	}
	memcpy(v, &bits, sizeof bits);
	return isfinite(*v);
}
