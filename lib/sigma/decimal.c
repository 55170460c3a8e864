#include "sigma/decimal.h"

enum { EXPONENT_MAX = 1000000000 }; /* beyond any use, and far from overflow */

static bool
is_digit(const char *p, const char *end)
{
	return p < end && *p >= '0' && *p <= '9';
}

static const char *
skip_digits(const char *p, const char *end)
{
	while (is_digit(p, end))
		p++;
	return p;
}

static int64_t
exponent(const char *p, const char *end)
{
	bool minus = p < end && *p == '-';
	int64_t v = 0;

	for (p += p < end && (*p == '-' || *p == '+'); p < end; p++)
		if (v < EXPONENT_MAX)
			v = v * 10 + (*p - '0');
	return minus ? -v : v;
}

/* The end of the digits and the '.' of a number's mantissa, and of the number; NULL if it is none. */
static const char *
grammar(const char *p, const char *end, const char **mantissa)
{
	if (!is_digit(p, end))
		return NULL;
	p = *p == '0' ? p + 1 : skip_digits(p, end);
	if (p < end && *p == '.') {
		if (!is_digit(p + 1, end))
			return NULL;
		p = skip_digits(p + 1, end);
	}
	*mantissa = p;
	if (p < end && (*p | 0x20) == 'e') {
		p++;
		p += p < end && (*p == '+' || *p == '-');
		if (!is_digit(p, end))
			return NULL;
		p = skip_digits(p, end);
	}
	return p == end ? p : NULL;
}

bool
decimal_get(struct slice text, struct decimal *d)
{
	const char *p = text.p, *end = text.p + text.len, *mantissa;
	int64_t before = 0, seen = 0;
	bool dot = false;

	*d = (struct decimal){ .minus = text.len > 0 && *p == '-' };
	p += d->minus;
	if (grammar(p, end, &mantissa) == NULL)
		return false;
	/* before: digits up to the point, seen: digits, both from the first that is not 0. */
	for (; p < mantissa; p++) {
		if (*p == '.') {
			dot = true;
			continue;
		}
		if (d->p == NULL && *p == '0') {
			before -= dot;
			continue;
		}
		if (d->p == NULL)
			d->p = p;
		seen++;
		before += !dot;
		if (*p != '0') {
			d->end = p + 1;
			d->digits = seen;
		}
	}
	d->point = before + (mantissa < end ? exponent(mantissa + 1, end) : 0);
	if (d->digits == 0)
		*d = (struct decimal){ 0 };
	return true;
}

/* The sizes alone, of two that are not zero. */
static int
cmp_size(const struct decimal *a, const struct decimal *b)
{
	const char *p = a->p, *q = b->p;

	if (a->point != b->point)
		return a->point < b->point ? -1 : 1;
	for (;;) {
		p += p < a->end && *p == '.';
		q += q < b->end && *q == '.';
		if (p == a->end || q == b->end)
			return p < a->end ? 1 : q < b->end ? -1 : 0;
		if (*p != *q)
			return *p < *q ? -1 : 1;
		p++;
		q++;
	}
}

int
decimal_cmp(const struct decimal *a, const struct decimal *b)
{
	int sign_a = a->digits == 0 ? 0 : a->minus ? -1 : 1;
	int sign_b = b->digits == 0 ? 0 : b->minus ? -1 : 1;

	if (sign_a != sign_b)
		return sign_a < sign_b ? -1 : 1;
	return sign_a == 0 ? 0 : sign_a * cmp_size(a, b);
}

void
decimal_put(struct buf *b, const struct decimal *d)
{
	if (d->digits == 0) {
		buf_byte(b, '0');
		return;
	}
	if (d->minus)
		buf_byte(b, '-');
	for (const char *p = d->p; p < d->end; p++)
		if (*p != '.')
			buf_byte(b, *p);
	if (d->point > d->digits && d->point <= 20) {
		for (int64_t i = d->digits; i < d->point; i++)
			buf_byte(b, '0');
	} else if (d->point != d->digits) {
		buf_printf(b, "e%lld", (long long)(d->point - d->digits));
	}
}

bool
decimal_plain(struct slice text)
{
	const char *p = text.p, *end = text.p + text.len;

	if (text.len == 0 || text.len > 20)
		return false;
	if (*p == '0')
		return text.len == 1;
	p += *p == '-';
	return p < end && *p != '0' && skip_digits(p, end) == end;
}
