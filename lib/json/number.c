#include <math.h>
#include <stdlib.h>

#include "json/scan.h"

/* The shape of a checked number: 0.DIGITS times ten to the power of point, zeros stripped. */
struct shape {
	bool minus;
	const char *p,
	    *end; /* from the first to behind the last digit that is not 0; may hold a '.' */
	int64_t digits; /* between them */
	int64_t point;
};

enum { EXPONENT_MAX = 1000000000 }; /* beyond any use, and far from overflow */

static int64_t
exponent(const char *p, const char *end)
{
	bool minus = *p == '-';
	int64_t v = 0;

	if (*p == '-' || *p == '+')
		p++;
	for (; p < end; p++)
		if (v < EXPONENT_MAX)
			v = v * 10 + (*p - '0');
	return minus ? -v : v;
}

static struct shape
shape(struct slice number)
{
	const char *p = number.p, *end = number.p + number.len;
	struct shape s = { .minus = *p == '-' };
	int64_t before = 0, seen = 0;
	bool dot = false;

	/* before: digits up to the point, seen: digits, both from the first that is not 0. */
	for (p += s.minus; p < end && (*p | 0x20) != 'e'; p++) {
		if (*p == '.') {
			dot = true;
			continue;
		}
		if (s.p == NULL && *p == '0') {
			before -= dot;
			continue;
		}
		if (s.p == NULL)
			s.p = p;
		seen++;
		before += !dot;
		if (*p != '0') {
			s.end = p + 1;
			s.digits = seen;
		}
	}
	s.point = before + (p < end ? exponent(p + 1, end) : 0);
	return s;
}

/* The digits as an integer; there are at most 19. */
static uint64_t
mantissa(const struct shape *s)
{
	uint64_t v = 0;

	for (const char *p = s->p; p < s->end; p++)
		if (*p != '.')
			v = v * 10 + (uint64_t)(*p - '0');
	return v;
}

/* By strtod, on a copy with an end.  What lies beyond 800 digits only breaks ties. */
static double
by_strtod(const struct shape *s)
{
	char text[864], *t = text;
	int64_t left = s->digits, exp = s->point;

	*t++ = s->minus ? '-' : '+';
	*t++ = '0';
	*t++ = '.';
	for (const char *p = s->p; p < s->end && t < text + 3 + 800; p++)
		if (*p != '.') {
			*t++ = *p;
			left--;
		}
	if (left > 0)
		*t++ = '1';
	*t++ = 'e';
	if (exp < 0)
		*t++ = '-';
	exp = exp < 0 ? -exp : exp;
	if (exp > 99999)
		exp = 99999;
	for (int64_t unit = 10000; unit > 0; unit /= 10)
		*t++ = (char)('0' + exp / unit % 10);
	*t = '\0';
	return strtod(text, NULL);
}

static const double tens[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

enum { EXACT_DIGITS = 15 }; /* so many are an integer below 2^53 */

/* What logs are full of: few digits, perhaps a point among them, no sign, no exponent. */
static bool
plain_double(struct slice number, double *v)
{
	uint64_t m = 0;
	size_t point = number.len;

	if (number.len > EXACT_DIGITS)
		return false;
	for (size_t i = 0; i < number.len; i++) {
		unsigned digit = (unsigned char)number.p[i] - '0';

		if (digit <= 9)
			m = m * 10 + digit;
		else if (number.p[i] == '.')
			point = i + 1;
		else
			return false;
	}
	/* Both exact, so the one operation rounds once (Clinger, PLDI 1990). */
	*v = (double)m / tens[number.len - point];
	return true;
}

double
json_double(struct slice number)
{
	struct shape s;
	int64_t exp;
	double v;

	if (plain_double(number, &v))
		return v;
	s = shape(number);
	if (s.digits == 0)
		return s.minus ? -0.0 : 0.0;
	exp = s.point - s.digits;
	if (s.digits <= EXACT_DIGITS && exp >= -22 && exp <= 22) {
		double m = (double)mantissa(&s);

		m = exp < 0 ? m / tens[-exp] : m * tens[exp];
		return s.minus ? -m : m;
	}
	return by_strtod(&s);
}

bool
json_integer(struct slice number, int64_t *v)
{
	struct shape s = shape(number);
	uint64_t u;

	if (s.digits == 0) {
		*v = 0;
		return true;
	}
	if (s.digits > s.point || s.point > 19)
		return false;
	u = mantissa(&s);
	for (int64_t i = s.digits; i < s.point; i++)
		if (__builtin_mul_overflow(u, (uint64_t)10, &u))
			return false;
	if (u > (uint64_t)INT64_MAX + s.minus)
		return false;
	*v = s.minus ? (int64_t)(0 - u) : (int64_t)u;
	return true;
}
