/* What plain scalars mean: the YAML 1.1 types, as PyYAML's resolver has them. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "sigma/node.h"
#include "json/write.h"

static bool
one_of(struct slice s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (slice_is(s, *words))
			return true;
	return false;
}

static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
static const char *const trues[] = { "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On",
	"ON", NULL };
static const char *const falses[] = { "no", "No", "NO", "false", "False", "FALSE", "off", "Off",
	"OFF", NULL };

/* How many bytes from i on are of the given kind or '_'. */
static size_t
run(struct slice s, size_t i, const char *digits)
{
	size_t start = i;

	while (i < s.len && s.p[i] != '\0' && strchr(digits, s.p[i]) != NULL)
		i++;
	return i - start;
}

static size_t
sign(struct slice s)
{
	return s.len > 0 && (s.p[0] == '-' || s.p[0] == '+');
}

/* ":[0-5]?[0-9]" once or more from i on; returns where it ends, i if there is none. */
static size_t
sixties(struct slice s, size_t i)
{
	for (;;) {
		size_t n = i < s.len && s.p[i] == ':' ? run(s, i + 1, "0123456789") : 0;

		if (n == 0 || n > 2 || (n == 2 && s.p[i + 1] > '5'))
			return i;
		i += 1 + n;
	}
}

static bool
is_int(struct slice s)
{
	size_t i = sign(s), n;

	if (i == s.len)
		return false;
	if (s.p[i] == '0') {
		if (i + 1 == s.len)
			return true;
		if (s.p[i + 1] == 'x')
			return s.len > i + 2 &&
			    run(s, i + 2, "0123456789abcdefABCDEF_") == s.len - i - 2;
		if (s.p[i + 1] == 'b')
			return s.len > i + 2 && run(s, i + 2, "01_") == s.len - i - 2;
		return run(s, i + 1, "01234567_") == s.len - i - 1;
	}
	if (s.p[i] == '_')
		return false;
	n = run(s, i, "0123456789_");
	if (n == 0)
		return false;
	i += n;
	return i == s.len || (sixties(s, i) > i && sixties(s, i) == s.len);
}

static bool
is_float(struct slice s)
{
	static const char *const odd[] = { ".inf", ".Inf", ".INF", NULL };
	static const char *const nans[] = { ".nan", ".NaN", ".NAN", NULL };
	size_t i = sign(s), n, dot;

	if (one_of((struct slice){ s.p + i, s.len - i }, odd) || one_of(s, nans))
		return true;
	n = i < s.len && isdigit((unsigned char)s.p[i]) ? run(s, i, "0123456789_") : 0;
	if (n > 0 && sixties(s, i + n) > i + n) {
		i = sixties(s, i + n);
		return i < s.len && s.p[i] == '.' &&
		    run(s, i + 1, "0123456789_") == s.len - i - 1;
	}
	dot = i + n;
	if (dot >= s.len || s.p[dot] != '.')
		return false;
	if (n == 0 && (i > 0 || dot + 1 == s.len || !isdigit((unsigned char)s.p[dot + 1])))
		return false;
	i = dot + 1 + run(s, dot + 1, "0123456789_");
	if (i == s.len)
		return true;
	if ((s.p[i] != 'e' && s.p[i] != 'E') || s.len - i < 3)
		return false;
	return (s.p[i + 1] == '-' || s.p[i + 1] == '+') &&
	    run(s, i + 2, "0123456789") == s.len - i - 2;
}

/* A date, or a date and a time: "2024-01-31", "2024-1-31T10:00:00Z". */
static bool
is_date(struct slice s)
{
	size_t y = run(s, 0, "0123456789"), m, d, i = y;

	if (y != 4 || i >= s.len || s.p[i] != '-')
		return false;
	m = run(s, ++i, "0123456789");
	i += m;
	if (m < 1 || m > 2 || i >= s.len || s.p[i] != '-')
		return false;
	d = run(s, ++i, "0123456789");
	i += d;
	if (d < 1 || d > 2)
		return false;
	if (i == s.len)
		return m == 2 && d == 2;
	return (s.p[i] == 'T' || s.p[i] == 't' || s.p[i] == ' ' || s.p[i] == '\t') &&
	    run(s, i + 1, "0123456789:. \tZ+-") == s.len - i - 1 &&
	    memchr(s.p + i, ':', s.len - i) != NULL;
}

enum node_type
node_type(const struct node *n)
{
	struct slice s = n->text;

	if (!n->plain)
		return TYPE_TEXT;
	if (one_of(s, nulls))
		return TYPE_NULL;
	if (strchr("yYnNtTfFoO", s.p[0]) != NULL)
		return one_of(s, trues) || one_of(s, falses) ? TYPE_BOOL : TYPE_TEXT;
	if (strchr("+-.0123456789", s.p[0]) == NULL)
		return TYPE_TEXT;
	return is_int(s)  ? TYPE_INT
	    : is_float(s) ? TYPE_FLOAT
	    : is_date(s)  ? TYPE_DATE
			  : TYPE_TEXT;
}

bool
node_bool(const struct node *n)
{
	return one_of(n->text, trues);
}

/* A natural number of any size: limbs of nine decimal digits, the least first. */
struct natural {
	uint32_t limb[NODE_DIGITS / 8 + 2];
	size_t n;
};

/* x = x * factor + more.  NODE_DIGITS digits in any base up to 60 fit but for hostile sexagesimals. */
static int
natural_step(struct natural *x, uint32_t factor, uint32_t more)
{
	uint64_t carry = more;

	for (size_t i = 0; i < x->n; i++) {
		carry += (uint64_t)x->limb[i] * factor;
		x->limb[i] = (uint32_t)(carry % 1000000000);
		carry /= 1000000000;
	}
	if (carry > 0) {
		if (x->n == sizeof x->limb / sizeof x->limb[0])
			return -1;
		x->limb[x->n++] = (uint32_t)carry;
	}
	return 0;
}

static void
natural_put(const struct natural *x, struct buf *out)
{
	if (x->n == 0)
		buf_byte(out, '0');
	for (size_t i = x->n; i > 0; i--)
		buf_printf(out, i == x->n ? "%u" : "%09u", x->limb[i - 1]);
}

static uint32_t
digit(char c)
{
	return c <= '9' ? (uint32_t)(c - '0') : (uint32_t)((c | 0x20) - 'a' + 10);
}

static int
put_int(struct slice s, struct buf *out)
{
	struct natural x = { .n = 0 };
	size_t start = out->len, i = sign(s);
	uint32_t base = 10, part = 0;
	bool colon = memchr(s.p, ':', s.len) != NULL;

	if (s.p[0] == '-')
		buf_byte(out, '-');
	if (s.p[i] == '0' && s.len > i + 1 && !colon) {
		base = s.p[i + 1] == 'x' ? 16 : s.p[i + 1] == 'b' ? 2 : 8;
		i += base == 8 ? 1 : 2;
	}
	for (; i < s.len; i++) {
		if (s.p[i] == '_')
			continue;
		if (s.p[i] == ':') { /* the part so far is whole; its sixties follow */
			size_t n = run(s, i + 1, "0123456789");

			part = (uint32_t)strtoul(
			    (char[]){ s.p[i + 1], n > 1 ? s.p[i + 2] : '\0', '\0' }, NULL, 10);
			if (natural_step(&x, 60, part) == -1)
				return -1;
			i += n;
		} else if (natural_step(&x, base, digit(s.p[i])) == -1) {
			return -1;
		}
	}
	if (x.n == 0)
		out->len = start; /* no "-0" */
	natural_put(&x, out);
	return 0;
}

static int
put_float(struct slice s, struct buf *out)
{
	char text[NODE_DIGITS + 1];
	size_t n = 0;
	double v, whole = 0;
	char *p = text, *end;

	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] != '_')
			text[n++] = s.p[i];
	text[n] = '\0';
	for (; strchr(p, ':') != NULL; p = end + 1)
		whole = (whole + fabs(strtod(p, &end))) * 60;
	v = strtod(p, &end);
	if (*end != '\0' || !isfinite(v) || !isfinite(whole))
		return -1;
	if (whole > 0)
		v = text[0] == '-' ? -(whole + v) : whole + v;
	json_put_double(out, v);
	return 0;
}

int
node_number(const struct node *n, struct buf *out)
{
	if (n->text.len > NODE_DIGITS)
		return -1;
	return node_type(n) == TYPE_INT ? put_int(n->text, out) : put_float(n->text, out);
}
