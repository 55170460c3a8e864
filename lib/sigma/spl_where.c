/*
 * What search cannot say, as a where expression.
 *
 * A function or comparison on an absent field may give NULL or FALSE; each is guarded, so that NOT of
 * it is right in either case.
 */
#include "base/utf8.h"
#include "sigma/pattern.h"
#include "sigma/spl.h"

/* Append c as part of a regular expression that stands for itself. */
static void
put_regex_char(struct buf *b, const char *p, unsigned n, uint32_t c)
{
	if (spl_control(c)) {
		buf_printf(b, "\\x{%x}", c);
		return;
	}
	if (c < 0x80 && strchr("\\.^$|?*+()[]{}", (int)c) != NULL)
		buf_byte(b, '\\');
	buf_add(b, p, n);
}

/* The regular expression that a pattern means for a whole value, or anywhere in it. */
static void
put_pattern_regex(struct buf *b, struct slice text, bool cased, bool anywhere)
{
	const char *p = text.p, *end = text.p + text.len;
	bool front = !anywhere, back = !anywhere;
	uint32_t c = 0;

	/* A wildcard at an end leaves that end open. */
	for (; p < end && *p == PATTERN_MANY; p++)
		front = false;
	for (; end > p && end[-1] == PATTERN_MANY; end--)
		back = false;
	buf_str(b, cased ? "(?s)" : "(?is)");
	if (front)
		buf_byte(b, '^');
	for (unsigned n; p < end; p += n) {
		n = utf8_get(p, end, &c);
		if (n > 0) {
			put_regex_char(b, p, n, c);
			continue;
		}
		buf_str(b, *p == PATTERN_MANY ? ".*" : ".");
		n = 1;
	}
	if (back)
		buf_str(b, "\\z");
}

/* May raw control characters in a regular expression be written as escapes? Not where they are quoted or ignored. */
static bool
escapable(struct slice text)
{
	bool group = false;

	for (size_t i = 0; i + 1 < text.len; i++) {
		if (text.p[i] == '\\' && text.p[i + 1] == 'Q')
			return false;
		if (text.p[i] == '(' && text.p[i + 1] == '?')
			group = true;
		else if (text.p[i] == ')' || text.p[i] == ':')
			group = false;
		else if (group && text.p[i] == 'x')
			return false;
	}
	return true;
}

/* A rule's own regular expression. */
static void
put_own_regex(struct spl *s, struct buf *b, const struct term *t)
{
	const char *p = t->text.p, *end = t->text.p + t->text.len;
	bool escaped = false;
	uint32_t c = 0;

	if (t->flags[0] != '\0')
		buf_printf(b, "(?%s)", t->flags);
	for (unsigned n; p < end; p += n) {
		n = utf8_get(p, end, &c);
		n = n == 0 ? 1 : n;
		if (!spl_control(c)) {
			buf_add(b, p, n);
			escaped = c == '\\' && !escaped;
			continue;
		}
		if (!escapable(t->text))
			spl_refuse(s, t->at, "value-control",
			    "a control character in a regular expression with \\Q or the "
			    "option x");
		if (escaped)
			b->len--; /* the backslash before it */
		escaped = false;
		buf_printf(b, "\\x{%x}", c);
	}
}

static void
put_match(struct spl *s, const struct term *t)
{
	struct buf regex = { 0 };

	buf_str(s->out, t->field == NULL ? "match(_raw, " : "match(");
	if (t->field != NULL) {
		spl_eval_field(s, t->field, t->at);
		buf_str(s->out, ", ");
	}
	if (t->kind == TERM_REGEX)
		put_own_regex(s, &regex, t);
	else
		put_pattern_regex(&regex, t->text, t->cased, t->field == NULL);
	spl_quote(s->out, buf_view(&regex));
	buf_byte(s->out, ')');
	buf_free(&regex);
}

static void
put_guard(struct spl *s, const struct field *f, struct place at)
{
	buf_str(s->out, "isnotnull(");
	spl_eval_field(s, f, at);
	buf_str(s->out, ") AND ");
}

static void
put_number(struct spl *s, const struct term *t)
{
	static const char *const signs[] = { "=", "!=", ">", ">=", "<", "<=" };
	struct slice part;

	if (t->part != PART_NONE) {
		part = spl_part(s, t->part, t->field, t->at);
		if (!spl_is_time(t->field)) {
			buf_str(s->out, "(isnotnull(");
			buf_slice(s->out, part);
			buf_str(s->out, ") AND ");
		}
		buf_slice(s->out, part);
	} else {
		buf_str(s->out, "(isnotnull(tonumber(");
		spl_eval_field(s, t->field, t->at);
		buf_str(s->out, ")) AND tonumber(");
		spl_eval_field(s, t->field, t->at);
		buf_byte(s->out, ')');
	}
	buf_str(s->out, signs[t->compare]);
	buf_slice(s->out, t->text);
	if (t->part == PART_NONE || !spl_is_time(t->field))
		buf_byte(s->out, ')');
}

static void
put_keyword(struct spl *s, const struct term *t)
{
	struct term text = *t;

	text.kind = TERM_TEXT;
	if (t->kind == TERM_BOOL)
		text.text = t->yes ? SLICE("true") : SLICE("false");
	put_match(s, t->kind == TERM_REGEX ? t : &text);
}

/*
 * What one field has within what another has, taken for nothing but itself; in a form '$' is the field
 * and '@' the other.  The texts compared begin with '=' so that they are no numbers, which compare as such.
 */
static void
put_compare_fields(struct spl *s, const struct term *t)
{
	static const char *const forms[2][2] = {
		{ "$=@", "(len(@)=0 OR \"=\".substr($, 1, len(@))=\"=\".@)" },
		{ "(len(@)=0 OR \"=\".substr($, 1+len($)-len(@))=\"=\".@)",
		    "(len(@)=0 OR mvcount(split($, @))>1)" },
	};

	for (const char *p = forms[t->before][t->behind]; *p != '\0'; p++) {
		if (*p == '$')
			spl_eval_field(s, t->field, t->at);
		else if (*p == '@')
			spl_eval_field(s, t->other, t->at);
		else
			buf_byte(s->out, *p);
	}
}

/* Equality of two fields.  alone: nothing is around it that could turn NULL into true. */
static void
put_equal_fields(struct spl *s, const struct term *t, bool alone)
{
	if (!alone) {
		buf_byte(s->out, '(');
		put_guard(s, t->field, t->at);
		put_guard(s, t->other, t->at);
	}
	put_compare_fields(s, t);
	if (!alone)
		buf_byte(s->out, ')');
}

static void
put_cidr(struct spl *s, const struct term *t)
{
	buf_str(s->out, "cidrmatch(");
	spl_quote(s->out, t->text);
	buf_str(s->out, ", ");
	spl_eval_field(s, t->field, t->at);
	buf_byte(s->out, ')');
}

static void
put_field_term(struct spl *s, const struct term *t)
{
	bool absent = t->kind == TERM_NULL || (t->kind == TERM_EXISTS && !t->yes);

	if (absent || t->kind == TERM_EXISTS) {
		buf_str(s->out, absent ? "isnull(" : "isnotnull(");
		spl_eval_field(s, t->field, t->at);
		buf_byte(s->out, ')');
		return;
	}
	buf_byte(s->out, '(');
	put_guard(s, t->field, t->at);
	if (t->kind == TERM_CIDR) {
		put_cidr(s, t);
	} else if (t->kind == TERM_BOOL) {
		buf_str(s->out, "lower(");
		spl_eval_field(s, t->field, t->at);
		buf_str(s->out, t->yes ? ")=\"true\"" : ")=\"false\"");
	} else {
		put_match(s, t);
	}
	buf_byte(s->out, ')');
}

static void
put_term(struct spl *s, const struct term *t, bool alone)
{
	if (t->placeholder)
		spl_refuse(s, t->at, "placeholder",
		    "modifier \"expand\": a placeholder without values");
	if (t->field == NULL)
		put_keyword(s, t);
	else if (t->kind == TERM_FIELD)
		put_equal_fields(s, t, alone && !t->before && !t->behind);
	else if (t->kind == TERM_NUMBER)
		put_number(s, t);
	else
		put_field_term(s, t);
}

static void put(struct spl *s, const struct expr *e);

static void
put_group(struct spl *s, const struct expr *e, bool group)
{
	if (group)
		buf_byte(s->out, '(');
	put(s, e);
	if (group)
		buf_byte(s->out, ')');
}

static void
put(struct spl *s, const struct expr *e)
{
	if (!spl_step(s, e->n))
		return;
	if (e->op == EXPR_TERM) {
		put_term(s, e->term, false);
	} else if (e->op == EXPR_NOT) {
		const struct expr *kid = e->kids[0];

		/* A term is a call or stands in parentheses of its own, but for a part of _time. */
		buf_str(s->out, "NOT ");
		put_group(s, kid,
		    kid->op != EXPR_TERM ||
			(kid->term->part != PART_NONE && spl_is_time(kid->term->field)));
	} else {
		for (uint32_t i = 0; i < e->n; i++) {
			const struct expr *kid = e->kids[i];

			if (i > 0)
				buf_str(s->out, e->op == EXPR_AND ? " AND " : " OR ");
			put_group(s, kid,
			    kid->op != e->op && (kid->op == EXPR_AND || kid->op == EXPR_OR));
		}
	}
}

void
spl_where(struct spl *s, const struct expr *e, bool grouped)
{
	if (e->op == EXPR_TERM)
		put_term(s, e->term, true);
	else
		put_group(s, e, grouped && e->op == EXPR_OR);
}
