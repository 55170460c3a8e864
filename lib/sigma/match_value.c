/* One value of an event, and one test. */
#include <arpa/inet.h>
#include <stdio.h>

#include "base/utf8.h"
#include "sigma/fold.h"
#include "sigma/match_inner.h"
#include "sigma/pattern.h"

/* The scratch has room for all of an event's texts: see match_read. */
struct slice
match_text(struct match *x, struct match_value *v)
{
	struct buf *b = &x->scratch;
	struct buf part = { b->p + b->len, 0, b->cap - b->len, false };

	if (v->has_text)
		return v->text;
	v->has_text = true;
	v->text = v->raw;
	if (v->escaped) {
		v->text = json_text(v->raw, true, &part);
		b->len += v->text.len;
	}
	return v->text;
}

struct slice
match_folded(struct match *x, struct match_value *v)
{
	struct buf *b = &x->scratch;
	struct slice text;

	if (v->has_folded)
		return v->folded;
	v->has_folded = true;
	text = value_text(x, v);
	v->folded.p = b->p + b->len;
	v->folded.len = fold_text(b->p + b->len, text);
	b->len += v->folded.len;
	return v->folded;
}

/* Where the character behind p begins. */
static size_t
step(struct slice s, size_t p)
{
	p++;
	while (p < s.len && ((unsigned char)s.p[p] & 0xC0) == 0x80)
		p++;
	return p;
}

/* Does the pattern fit all of s?  Time is at most their product. */
static bool
glob(struct slice p, struct slice s)
{
	size_t g = 0, n = 0, star = SIZE_MAX, from = 0;

	while (n < s.len) {
		if (g < p.len && p.p[g] == PATTERN_MANY) {
			star = g++;
			from = n;
		} else if (g < p.len && p.p[g] == PATTERN_ONE) {
			g++;
			n = step(s, n);
		} else if (g < p.len && p.p[g] == s.p[n]) {
			g++;
			n++;
		} else if (star != SIZE_MAX) {
			g = star + 1;
			from = step(s, from);
			n = from;
		} else {
			return false;
		}
	}
	while (g < p.len && p.p[g] == PATTERN_MANY)
		g++;
	return g == p.len;
}

static bool
text_fits(const struct test *t, struct slice s)
{
	switch (t->kind) {
	case TEST_EXACT: return slice_eq(s, t->text);
	case TEST_PREFIX: return slice_starts(s, t->text);
	case TEST_SUFFIX: return slice_ends(s, t->text);
	case TEST_CONTAINS: return memmem(s.p, s.len, t->text.p, t->text.len) != NULL;
	case TEST_GLOB: return glob(t->text, s);
	default: return false;
	}
}

/* Equal to a number is a text too that is one; less or greater than it only a number. */
static bool
number_fits(struct match *x, const struct test *t, struct match_value *v)
{
	struct decimal d;

	if (v->kind != VALUE_NUMBER && (v->kind != VALUE_TEXT || t->compare != CMP_EQ))
		return false;
	return decimal_get(value_text(x, v), &d) &&
	    compare_holds(t->compare, decimal_cmp(&d, &t->number));
}

/* Most rules ask for a whole hour; what they ask else is compared as all numbers are. */
static bool
part_fits(struct match *x, const struct test *t, struct match_value *v)
{
	char digits[24];
	struct decimal d;
	int64_t part;
	int n;

	if (!match_part(x, v, t->part, &part))
		return false;
	if (t->is_whole)
		return compare_holds(t->compare, part < t->whole ? -1 : part > t->whole);
	n = snprintf(digits, sizeof digits, "%lld", (long long)part);
	decimal_get((struct slice){ digits, (size_t)n }, &d);
	return compare_holds(t->compare, decimal_cmp(&d, &t->number));
}

/* What inet_pton(3) takes for an IPv4 address: four numbers without needless zeros. */
static bool
get_ipv4(struct slice s, unsigned char *address)
{
	const char *p = s.p, *end = s.p + s.len;

	for (int i = 0; i < 4; i++) {
		unsigned v = 0, digits = 0;

		for (; p < end && *p >= '0' && *p <= '9' && digits < 4; p++, digits++)
			v = v * 10 + (unsigned)(*p - '0');
		if (digits == 0 || v > 255 || (digits > 1 && p[-(int)digits] == '0'))
			return false;
		address[i] = (unsigned char)v;
		if (i < 3 && (p == end || *p++ != '.'))
			return false;
	}
	return p == end;
}

static bool
get_ipv6(struct slice s, unsigned char *address)
{
	char copy[64];

	if (s.len >= sizeof copy)
		return false;
	memcpy(copy, s.p, s.len);
	copy[s.len] = '\0';
	return inet_pton(AF_INET6, copy, address) == 1;
}

/* The address that a value is, once for all networks that it is compared with. */
static void
read_address(struct match *x, struct match_value *v)
{
	uint32_t i = (uint32_t)(v - x->values) + 1;
	struct slice text;

	if (x->address_value == i)
		return;
	text = value_text(x, v);
	x->address_value = i;
	x->family = 0;
	if (text.len == 0)
		return;
	if (memchr(text.p, ':', text.len) != NULL)
		x->family = get_ipv6(text, x->address) ? AF_INET6 : 0;
	else
		x->family = get_ipv4(text, x->address) ? AF_INET : 0;
}

static bool
in_network(struct match *x, const struct network *net, struct match_value *v)
{
	const unsigned char *address = x->address;
	unsigned whole = net->bits / 8, rest = net->bits % 8;

	read_address(x, v);
	if (x->family != net->family || memcmp(address, net->address, whole) != 0)
		return false;
	return rest == 0 || (address[whole] ^ net->address[whole]) >> (8 - rest) == 0;
}

/* Two values are equal as Splunk's where has it: numbers as numbers, else byte by byte. */
static bool
same_values(struct match *x, struct match_value *a, struct match_value *b)
{
	struct decimal p, q;
	struct slice s = value_text(x, a), t = value_text(x, b);

	if (slice_eq(s, t))
		return true;
	return (a->kind == VALUE_NUMBER || b->kind == VALUE_NUMBER) && decimal_get(s, &p) &&
	    decimal_get(t, &q) && decimal_cmp(&p, &q) == 0;
}

/* Is t a part of s, at an end where before or behind is false? */
static bool
is_part(struct slice s, struct slice t, bool before, bool behind)
{
	if (!before)
		return slice_starts(s, t);
	if (!behind)
		return slice_ends(s, t);
	return t.len == 0 || memmem(s.p, s.len, t.p, t.len) != NULL;
}

static bool
field_fits(struct match *x, const struct test *t, struct match_value *v)
{
	for (struct match_value *w = chain_first(x, t->other); w != NULL; w = chain_next(x, w))
		if (value_is_scalar(w) &&
		    (t->before || t->behind
			    ? is_part(value_text(x, v), value_text(x, w), t->before, t->behind)
			    : same_values(x, v, w)))
			return true;
	return false;
}

bool
test_value(struct match *x, const struct test *t, struct match_value *v)
{
	if (t->kind == TEST_NULL)
		return v->kind == VALUE_NULL;
	if (!value_is_scalar(v))
		return false;
	switch (t->kind) {
	case TEST_NUMBER: return number_fits(x, t, v);
	case TEST_PART: return part_fits(x, t, v);
	case TEST_CIDR: return v->kind == VALUE_TEXT && in_network(x, &t->net, v);
	case TEST_FIELD: return field_fits(x, t, v);
	case TEST_ANY: return true;
	default: return text_fits(t, t->cased ? value_text(x, v) : match_folded(x, v));
	}
}
