#include "sigma/value.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "sigma/pattern.h"

static struct expr *
wrong_at(struct arena *a, struct findings *f, struct place at, const char *id, const char *text)
{
	finding_error(f, at, id, text);
	return expr_known(a, false);
}

static struct expr *
wrong(struct arena *a, struct findings *f, const struct node *value, const char *id,
    const char *text)
{
	return wrong_at(a, f, value->at, id, text);
}

int
value_number(
    struct arena *a, struct findings *f, const struct node *value, struct slice *number)
{
	struct buf b = { 0 };
	enum node_type type = value->kind == NODE_SCALAR ? node_type(value) : TYPE_NULL;
	int result = -1;

	if (type != TYPE_INT && type != TYPE_FLOAT)
		finding_error(f, value->at, "value-type", "not a number");
	else if ((result = node_number(value, &b)) == -1)
		finding_error(f, value->at, "value-number",
		    "a number without end, or with more digits than 4,096");
	else
		*number = arena_slice(a, buf_view(&b));
	buf_free(&b);
	return result;
}

/* The pattern in value: its text, or the digits of a number. */
static int
get_pattern(struct arena *a, struct findings *f, const struct node *value, struct slice *out)
{
	enum node_type type = node_type(value);
	struct buf b = { 0 };

	if (type == TYPE_INT || type == TYPE_FLOAT)
		return value_number(a, f, value, out);
	if (type != TYPE_TEXT) {
		finding_error(f, value->at, "value-type",
		    type == TYPE_DATE ? "a date is no text: quote it" : "not a text");
		return -1;
	}
	pattern_get(value->text, &b);
	*out = arena_slice(a, buf_view(&b));
	buf_free(&b);
	return 0;
}

bool
value_placeholder(struct slice s, size_t from, struct slice *name)
{
	const char *p = s.p + from, *end = s.p + s.len;

	while (p < end && (p = memchr(p, '%', (size_t)(end - p))) != NULL) {
		const char *q = p + 1;

		while (q < end && *q != '%' && *q != ' ')
			q++;
		if (q < end && *q == '%' && q > p + 1) {
			*name = (struct slice){ p + 1, (size_t)(q - p - 1) };
			return true;
		}
		p = q;
	}
	return false;
}

/* Does text wait for values?  The term that e will be is then one to fill. */
static bool
waits(const struct chain *c, struct slice text)
{
	struct slice name;

	return c->expand && value_placeholder(text, 0, &name);
}

/* Note that e, a term, is to be filled in. */
static struct expr *
to_fill(struct arena *a, const struct chain *c, struct expr *e, struct slice text)
{
	struct placeholder *ph = arena_get(a, sizeof *ph);
	struct chain *copy = arena_get(a, sizeof *copy);

	*copy = *c;
	*ph = (struct placeholder){ .expr = e,
		.chain = copy,
		.field = e->term->field,
		.text = text,
		.at = e->term->at,
		.next = c->rule->placeholders };
	e->term->placeholder = true;
	c->rule->placeholders = ph;
	return e;
}

/* What a pattern means under the modifiers. */
static struct expr *
pattern_expr(struct arena *a, struct findings *f, const struct chain *c, struct field *field,
    struct place at, struct slice pattern)
{
	struct term t = { .kind = TERM_TEXT, .field = field, .cased = c->cased, .at = at };
	struct variants v = { .v[0] = pattern, .n = 1 };
	struct operands o = { 0 };

	for (size_t i = 0; i < c->steps; i++) {
		const char *why = variants_apply(a, c->step[i], &v);

		t.variant = t.variant || c->step[i] == variants_windash ||
		    c->step[i] == variants_base64offset;
		if (why != NULL)
			return wrong_at(a, f, at, "value-encoding", why);
	}
	if (v.raw)
		return wrong_at(a, f, at, "value-encoding",
		    "UTF-16 has to be followed by base64 or base64offset");
	if (field == NULL && v.v[0].len == 0)
		return wrong_at(a, f, at, "value-empty", "an empty keyword");
	if (c->steps > 0 && pattern_any(v.v[0]))
		finding_warning(f, at, "value-any", "nothing but wildcards: any value fits");
	for (size_t i = 0; i < v.n; i++) {
		t.text = v.v[i];
		operands_add(&o, expr_term(a, &t));
	}
	return expr_join(a, EXPR_OR, &o);
}

/* A wildcard where the modifier has one anyway; a wildcard that a backslash has made a character. */
static void
check_wildcards(
    struct findings *f, const struct chain *c, const struct node *value, struct slice p)
{
	struct slice s = value->text;
	bool front = p.len > 0 && p.p[0] == PATTERN_MANY;
	bool back = p.len > 0 && p.p[p.len - 1] == PATTERN_MANY;
	variants_step *step = c->steps > 0 ? c->step[0] : NULL;

	if (!pattern_any(p) &&
	    ((step == variants_contains && (front || back)) ||
		(step == variants_startswith && back) || (step == variants_endswith && front)))
		finding_warning(f, value->at, "value-wildcard",
		    "a wildcard at an end that the modifier opens anyway");
	if (step == NULL && s.len > 2 && s.p[s.len - 1] == '*' && s.p[s.len - 2] == '\\' &&
	    isalnum((unsigned char)s.p[s.len - 3]))
		finding_warning(f, value->at, "value-escape",
		    "a backslash makes this \"*\" a plain character");
}

static struct expr *
read_text(struct arena *a, struct findings *f, const struct chain *c, struct field *field,
    const struct node *value)
{
	struct term t = { .kind = TERM_TEXT, .field = field, .at = value->at };
	struct slice pattern;

	if (get_pattern(a, f, value, &pattern) == -1)
		return expr_known(a, false);
	check_wildcards(f, c, value, pattern);
	t.text = pattern;
	if (waits(c, pattern))
		return to_fill(a, c, expr_term(a, &t), pattern);
	return pattern_expr(a, f, c, field, value->at, pattern);
}

/* Address and length of the network text; host bits must be zero. */
static const char *
cidr_wrong(struct slice text)
{
	char address[64];
	unsigned char bits[16] = { 0 };
	struct slice rest = text, part;
	unsigned long long length;
	bool six = text.len > 0 && memchr(text.p, ':', text.len) != NULL;

	if (!slice_cut(&rest, '/', &part))
		length = six ? 128 : 32;
	else if (slice_u64(rest, six ? 128 : 32, &length) == -1)
		return "no network in CIDR notation";
	if (part.len >= sizeof address || memchr(part.p, '\0', part.len) != NULL)
		return "no network in CIDR notation";
	memcpy(address, part.p, part.len);
	address[part.len] = '\0';
	if (inet_pton(six ? AF_INET6 : AF_INET, address, bits) != 1)
		return "no network in CIDR notation";
	for (unsigned i = (unsigned)length; i < (six ? 128U : 32U); i++)
		if ((bits[i / 8] >> (7 - i % 8) & 1) != 0)
			return "the network has host bits set";
	return NULL;
}

/* A regular expression or a network: what is wrong with it. */
static const char *
special_wrong(const struct term *t, const char **id)
{
	const char *why = NULL;

	*id = t->kind == TERM_REGEX ? "value-regex" : "value-cidr";
	if (t->kind == TERM_REGEX)
		regex_check(t->text, t->flags, &why);
	else
		why = cidr_wrong(t->text);
	return why;
}

/* What contains, startswith and endswith leave open around another field's value. */
static void
open_ends(const struct chain *c, struct term *t)
{
	for (size_t i = 0; i < c->steps; i++) {
		t->before = t->before || c->step[i] != variants_startswith;
		t->behind = t->behind || c->step[i] != variants_endswith;
	}
}

static struct expr *
read_special(struct arena *a, struct findings *f, const struct chain *c, struct term *t,
    const struct node *value)
{
	const char *why = NULL, *id;

	if (c->kind == TERM_EXISTS) {
		if (node_type(value) != TYPE_BOOL || t->field == NULL)
			return wrong(
			    a, f, value, "value-type", "\"exists\" takes true or false");
		t->yes = node_bool(value);
		return expr_term(a, t);
	}
	if (node_type(value) != TYPE_TEXT)
		return wrong(a, f, value, "value-type", "not a text");
	t->text = value->text;
	memcpy(t->flags, c->flags, sizeof t->flags);
	if (c->kind != TERM_REGEX && t->field == NULL)
		return wrong(a, f, value, "modifier-order", "this modifier needs a field");
	if (c->kind == TERM_FIELD) {
		t->other = rule_field(a, c->rule, t->text);
		open_ends(c, t);
		return expr_term(a, t);
	}
	if (waits(c, t->text))
		return to_fill(a, c, expr_term(a, t), t->text);
	if ((why = special_wrong(t, &id)) != NULL)
		return wrong(a, f, value, id, why);
	return expr_term(a, t);
}

void
value_fill(struct arena *a, struct findings *f, struct placeholder *ph,
    const struct slice *texts, size_t n)
{
	struct operands o = { 0 };
	struct expr *made;

	for (size_t i = 0; i < n; i++) {
		struct term t = *ph->expr->term;
		const char *why = NULL, *id;

		if (ph->chain->kind == TERM_TEXT) {
			operands_add(
			    &o, pattern_expr(a, f, ph->chain, ph->field, ph->at, texts[i]));
			continue;
		}
		t.text = texts[i];
		t.placeholder = false;
		if ((why = special_wrong(&t, &id)) != NULL)
			finding_error(f, ph->at, id, why);
		operands_add(&o, expr_term(a, &t));
	}
	made = expr_join(a, EXPR_OR, &o);
	*ph->expr = *made;
}

/* A number that no such part of a time has. */
static void
check_part(struct findings *f, const struct term *t)
{
	static const struct {
		int least, most;
	} ranges[] = { { 0, 0 }, { 0, 59 }, { 0, 23 }, { 1, 31 }, { 1, 53 }, { 1, 12 },
		{ 0, 9999 } }; /* by enum part */
	double v = strtod(t->text.p, NULL);

	if (t->part != PART_NONE &&
	    (v < ranges[t->part].least || v > ranges[t->part].most || v != floor(v)))
		finding_warning(
		    f, t->at, "value-range", "no time has this number for this part");
}

static struct expr *
read_number(struct arena *a, struct findings *f, const struct chain *c, struct term *t,
    const struct node *value)
{
	if (t->field == NULL && (c->compare != CMP_EQ || c->part != PART_NONE))
		return wrong(a, f, value, "modifier-order", "this modifier needs a field");
	t->kind = TERM_NUMBER;
	t->compare = c->compare;
	t->part = c->part;
	if (value_number(a, f, value, &t->text) == -1)
		return expr_known(a, false);
	check_part(f, t);
	return expr_term(a, t);
}

struct expr *
value_read(struct arena *a, struct findings *f, const struct chain *c, struct field *field,
    const struct node *value)
{
	struct term t = { .kind = c->kind, .field = field, .at = value->at };
	enum node_type type;

	if (value->kind != NODE_SCALAR)
		return wrong(a, f, value, "value-kind", "a list or map is no value here");
	type = node_type(value);
	if (c->kind != TERM_TEXT)
		return read_special(a, f, c, &t, value);
	if (c->compare != CMP_EQ || c->part != PART_NONE)
		return read_number(a, f, c, &t, value);
	if (c->steps > 0 || type == TYPE_TEXT || type == TYPE_DATE)
		return read_text(a, f, c, field, value);
	if (type == TYPE_NULL) {
		t.kind = TERM_NULL;
		if (field == NULL)
			return wrong(a, f, value, "value-empty", "no keyword");
		return expr_term(a, &t);
	}
	if (type == TYPE_BOOL) {
		t.kind = TERM_BOOL;
		t.yes = node_bool(value);
		return expr_term(a, &t);
	}
	return read_number(a, f, c, &t, value);
}
