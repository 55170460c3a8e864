#include "json/shortest.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void
strip_zeros(struct shortest *s)
{
	while (s->count > 1 && s->digits[s->count - 1] == '0')
		s->count--;
}

/*
 * Try v as an integer of at most 15 digits over a power of ten: both are exact as doubles, so the
 * quotient is what that decimal reads as.  No two decimals of 15 digits read alike (DBL_DIG), so
 * there is no shorter one.
 */
static bool
by_division(double v, struct shortest *s)
{
	double power = 1;

	for (int k = 0; k <= 22 && v * power < 1e15; k++, power *= 10) {
		uint64_t m = (uint64_t)(v * power + 0.5);
		int n;

		if (m == 0 || (double)m / power != v)
			continue;
		n = 0;
		for (uint64_t rest = m; rest > 0; rest /= 10)
			n++;
		s->count = n;
		s->point = n - k;
		for (int i = n - 1; i >= 0; i--, m /= 10)
			s->digits[i] = (char)('0' + m % 10);
		strip_zeros(s);
		return true;
	}
	return false;
}

static double
read_back(const struct shortest *s)
{
	char text[40];

	snprintf(text, sizeof text, "0.%.*se%d", s->count, s->digits, s->point);
	return strtod(text, NULL);
}

/* The decimal of n digits that is nearest to v. */
static void
nearest(double v, int n, struct shortest *s)
{
	char text[40];

	snprintf(text, sizeof text, "%.*e", n - 1, v);
	s->digits[0] = text[0];
	for (int i = 1; i < n; i++)
		s->digits[i] = text[i + 1];
	s->count = n;
	s->point = atoi(strchr(text, 'e') + 1) + 1;
}

/* The next decimal of as many digits. */
static void
up(struct shortest *s)
{
	int i = s->count - 1;

	while (i >= 0 && s->digits[i] == '9')
		s->digits[i--] = '0';
	if (i >= 0) {
		s->digits[i]++;
	} else {
		s->digits[0] = '1';
		s->point++;
	}
}

/*
 * The decimals that read as v lie about v, half as far below as above if v is a power of two: only
 * then can the nearest of n digits miss and the next one up hit.
 */
static bool
fits(double v, int n, struct shortest *s)
{
	int exponent;

	nearest(v, n, s);
	if (read_back(s) == v)
		return true;
	if (frexp(v, &exponent) != 0.5)
		return false;
	up(s);
	return read_back(s) == v;
}

struct shortest
shortest_digits(double v)
{
	struct shortest s = { .count = 0 };
	int n = v < DBL_MIN ? 1 : DBL_DIG; /* the digits of a subnormal are fewer */

	if (by_division(v, &s))
		return s;
	while (n < SHORTEST_MAX && !fits(v, n, &s))
		n++;
	if (n == SHORTEST_MAX)
		nearest(v, n, &s);
	strip_zeros(&s);
	return s;
}
