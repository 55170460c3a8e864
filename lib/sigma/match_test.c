/* Terms as tests: what is folded, what is searched for, and equal ones once. */
#include <arpa/inet.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "sigma/fold.h"
#include "sigma/match_inner.h"
#include "sigma/pattern.h"

static struct slice
fold(struct matcher *m, struct slice text)
{
	struct buf padded = { 0 };
	char *out = arena_get(&m->arena, fold_room(text.len));
	size_t len;

	buf_slice(&padded, text);
	buf_add(&padded, "0123456789abcdef", 16);
	len = fold_text(out, (struct slice){ padded.p, text.len });
	buf_free(&padded);
	return (struct slice){ out, len };
}

/* The longest piece of a pattern between wildcards. */
static struct slice
longest_piece(struct slice p)
{
	struct slice best = { p.p, 0 };
	size_t from = 0;

	for (size_t i = 0; i <= p.len; i++) {
		if (i < p.len && p.p[i] != PATTERN_MANY && p.p[i] != PATTERN_ONE)
			continue;
		if (i - from > best.len)
			best = (struct slice){ p.p + from, i - from };
		from = i + 1;
	}
	return best;
}

/* The pattern of a text; with a keyword anything may stand around it. */
static void
set_text(struct matcher *m, struct test *x, struct slice pattern)
{
	struct slice folded = fold(m, pattern),
		     p = x->cased ? arena_slice(&m->arena, pattern) : folded;
	bool front = x->field == MATCH_NONE, back = front;

	x->literal = longest_piece(folded);
	for (; p.len > 0 && p.p[0] == PATTERN_MANY; p.p++, p.len--)
		front = true;
	for (; p.len > 0 && p.p[p.len - 1] == PATTERN_MANY; p.len--)
		back = true;
	x->text = p;
	if (p.len == 0 && (front || back)) {
		x->kind = TEST_ANY;
	} else if (!pattern_wild(p)) {
		x->kind = front && back ? TEST_CONTAINS
		    : front             ? TEST_SUFFIX
		    : back              ? TEST_PREFIX
					: TEST_EXACT;
	} else {
		char *whole = arena_get(&m->arena, p.len + 2), *w = whole;

		if (front)
			*w++ = PATTERN_MANY;
		memcpy(w, p.p, p.len);
		w += p.len;
		if (back)
			*w++ = PATTERN_MANY;
		x->kind = TEST_GLOB;
		x->text = (struct slice){ whole, (size_t)(w - whole) };
	}
}

/* The network is well-formed: the rule has been checked. */
static void
set_network(struct test *x, struct slice text)
{
	char address[64];
	struct slice rest = text, part;
	unsigned long long bits = 0;
	bool six = memchr(text.p, ':', text.len) != NULL;

	x->net.family = six ? AF_INET6 : AF_INET;
	bits = six ? 128 : 32;
	if (slice_cut(&rest, '/', &part))
		slice_u64(rest, bits, &bits);
	x->net.bits = (unsigned)bits;
	memcpy(address, part.p, part.len);
	address[part.len] = '\0';
	inet_pton(x->net.family, address, x->net.address);
}

static void
set_regex(struct matcher *m, struct test *x, const struct term *t)
{
	struct slice literal = match_regex_literal(&m->arena, t->text);

	x->kind = TEST_REGEX;
	x->regex = match_regex_new(t->text, t->flags);
	x->literal = fold(m, literal);
}

static void
set_number(struct matcher *m, struct test *x, const struct term *t)
{
	x->kind = t->part != PART_NONE ? TEST_PART : TEST_NUMBER;
	x->compare = t->compare;
	x->part = t->part;
	x->text = arena_slice(&m->arena, t->text);
	decimal_get(x->text, &x->number);
	x->is_whole = json_integer(x->text, &x->whole);
	if (x->field == MATCH_NONE)
		set_text(m, x, t->text); /* a keyword is looked for as text */
}

static void
fill(struct matcher *m, struct test *x, const struct term *t)
{
	switch (t->kind) {
	case TERM_TEXT: set_text(m, x, t->text); break;
	case TERM_NUMBER: set_number(m, x, t); break;
	case TERM_BOOL: set_text(m, x, t->yes ? SLICE("true") : SLICE("false")); break;
	case TERM_NULL: x->kind = TEST_NULL; break;
	case TERM_EXISTS:
		x->kind = TEST_EXISTS;
		x->yes = t->yes;
		break;
	case TERM_CIDR:
		x->kind = TEST_CIDR;
		set_network(x, t->text);
		break;
	case TERM_REGEX: set_regex(m, x, t); break;
	case TERM_FIELD:
		x->kind = TEST_FIELD;
		x->other = matcher_field(m, t->other->mapped);
		x->before = t->before;
		x->behind = t->behind;
		break;
	case TERM_RULE: break; /* of a correlation's condition, which is none of ours */
	}
	if (x->kind == TEST_EXACT)
		x->indexed = true;
	else if (x->kind == TEST_NUMBER)
		x->indexed = x->compare == CMP_EQ;
	else if (x->kind == TEST_ANY)
		x->indexed = x->field != MATCH_NONE;
	else if (x->literal.len >= SHORT_LITERAL)
		*(x->kind == TEST_REGEX ? &x->hinted : &x->indexed) = true;
}

/* What tells one test from another. */
static void
put_key(struct buf *b, const struct term *t, uint32_t field)
{
	const uint32_t head[] = { field, t->kind, t->part, t->compare, t->cased, t->yes,
		t->before, t->behind };

	buf_add(b, head, sizeof head);
	buf_add(b, t->flags, sizeof t->flags);
	buf_slice(b, t->kind == TERM_FIELD ? t->other->mapped : t->text);
}

uint32_t
test_add(struct matcher *m, const struct term *t, struct finding *why)
{
	uint32_t field = t->field == NULL ? MATCH_NONE : matcher_field(m, t->field->mapped), i;
	struct buf key = { 0 };
	bool added;

	if (t->placeholder) {
		*why = (struct finding){ .at = t->at,
			.severity = SEVERITY_ERROR,
			.id = "placeholder",
			.text = "modifier \"expand\": a placeholder without values" };
		return MATCH_NONE;
	}
	put_key(&key, t, field);
	i = map_add(m->test_keys, buf_view(&key), &added);
	buf_free(&key);
	if (added) {
		if (m->test_count == m->test_cap) {
			m->test_cap = m->test_cap == 0 ? 256 : m->test_cap * 2;
			m->tests = xrealloc(m->tests, m->test_cap, sizeof *m->tests);
		}
		m->tests[i] =
		    (struct test){ .field = field, .other = MATCH_NONE, .cased = t->cased };
		m->test_count++;
		fill(m, &m->tests[i], t);
		m->keywords = m->keywords || field == MATCH_NONE;
	}
	m->tests[i].users++;
	return i;
}
