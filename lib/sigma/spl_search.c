/* What search can say: a base search that keeps at least the events that a rule is about. */
#include "base/utf8.h"
#include "sigma/pattern.h"
#include "sigma/spl.h"

/* Names that mean something else to search than a field. */
static bool
is_search_option(struct slice name)
{
	static const char *const names[] = { "earliest", "latest", "_index_earliest",
		"_index_latest", "starttime", "endtime", "starttimeu", "endtimeu",
		"startdaysago", "enddaysago", "starthoursago", "endhoursago", "startminutesago",
		"endminutesago", "startmonthsago", "endmonthsago", "searchtimespandays",
		"searchtimespanhours", "searchtimespanminutes", "searchtimespanmonths",
		"daysago", "hoursago", "minutesago", "monthsago", "timeformat", "now",
		"savedsearch", "savedsplunk", "hosttag", "eventtypetag" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (slice_is(name, names[i]))
			return true;
	return false;
}

bool
spl_is_time(const struct field *f)
{
	return slice_is(f->mapped, "timestamp") || slice_is(f->mapped, "_time");
}

/* How many bytes at the front of s are among those of set. */
static size_t
span_of(struct slice s, const char *set)
{
	size_t n = 0;

	while (n < s.len && s.p[n] != '\0' && strchr(set, s.p[n]) != NULL)
		n++;
	return n;
}

/* Would search take a text for a network in CIDR notation, and look for addresses within it? */
static bool
is_network(struct slice s)
{
	size_t n = span_of(s, "0123456789abcdefABCDEF.:");

	return n > 0 && n + 1 < s.len && s.p[n] == '/' &&
	    span_of((struct slice){ s.p + n + 1, s.len - n - 1 }, "0123456789") ==
	    s.len - n - 1;
}

/* Can search say a pattern: no '?', no literal '*', nothing that may not stand raw? */
static bool
sayable(struct slice s)
{
	const char *p = s.p, *end = s.p + s.len;
	uint32_t c;

	for (unsigned n; p < end; p += n) {
		if (*p == PATTERN_MANY) {
			n = 1;
			continue;
		}
		n = utf8_get(p, end, &c);
		if (n == 0 || c == '*' || spl_control(c))
			return false;
	}
	return true;
}

static void
judge_term(struct expr *e)
{
	const struct term *t = e->term;
	bool text = t->kind == TERM_TEXT;

	e->exact = t->kind != TERM_REGEX && t->kind != TERM_FIELD && t->part == PART_NONE;
	if (text)
		e->exact =
		    !t->cased && sayable(t->text) && !(t->field != NULL && is_network(t->text));
	if (t->field != NULL && is_search_option(t->field->mapped)) {
		e->exact = false;
		e->wide = true;
	}
	e->narrow = !e->exact;
	e->timed = t->part != PART_NONE;
	/* A keyword is looked for by words, so that no other keyword surely keeps all its events. */
	if (!e->exact && (t->field == NULL || (!text && t->kind != TERM_REGEX)))
		e->wide = true;
}

void
spl_judge(struct expr *e)
{
	bool all_wide = true, any_wide = false, all_narrow = true, any_narrow = false;

	if (e->judged)
		return;
	e->judged = true;
	e->exact = true;
	if (e->op == EXPR_TERM) {
		judge_term(e);
		return;
	}
	for (uint32_t i = 0; i < e->n; i++) {
		spl_judge(e->kids[i]);
		e->exact = e->exact && e->kids[i]->exact;
		e->timed = e->timed || e->kids[i]->timed;
		all_wide = all_wide && e->kids[i]->wide;
		any_wide = any_wide || e->kids[i]->wide;
		all_narrow = all_narrow && e->kids[i]->narrow;
		any_narrow = any_narrow || e->kids[i]->narrow;
	}
	if (e->op == EXPR_NOT) {
		e->wide = all_narrow;
		e->narrow = all_wide;
	} else {
		e->wide = e->op == EXPR_AND ? all_wide : any_wide;
		e->narrow = e->op == EXPR_AND ? any_narrow : all_narrow;
	}
}

/* Is e to be said at all: in a search that keeps all its events (up), or only its events? */
static bool
kept(const struct expr *e, bool up)
{
	return up ? !e->wide : !e->narrow;
}

/* An AND or OR of which one operand is left is that operand. */
static const struct expr *
resolve(const struct expr *e, bool up)
{
	while (e->op == EXPR_AND || e->op == EXPR_OR) {
		const struct expr *only = NULL;

		for (uint32_t i = 0; i < e->n; i++) {
			if (!kept(e->kids[i], up))
				continue;
			if (only != NULL)
				return e;
			only = e->kids[i];
		}
		if (only == NULL)
			return e;
		e = only;
	}
	return e;
}

/* "f IN (...)" is for texts and numbers of one field, as they were given. */
static bool
fits_in(const struct expr *e, const struct field *f)
{
	const struct term *t = e->term;

	return e->op == EXPR_TERM && t->field != NULL && (f == NULL || t->field == f) &&
	    !t->variant &&
	    (t->kind == TERM_TEXT || (t->kind == TERM_NUMBER && t->compare == CMP_EQ));
}

static bool
is_in(const struct expr *e, bool up)
{
	const struct field *f = NULL;

	if (e->op != EXPR_OR)
		return false;
	for (uint32_t i = 0; i < e->n; i++) {
		if (!kept(e->kids[i], up))
			continue;
		if (!fits_in(e->kids[i], f))
			return false;
		f = e->kids[i]->term->field;
	}
	return f != NULL;
}

/* A pattern in quotes; what search cannot say becomes '*'. */
static void
put_pattern(struct spl *s, struct slice text, bool keyword)
{
	const char *p = text.p, *end = text.p + text.len;
	bool network = !keyword && is_network(text);
	uint32_t c = 0;

	buf_byte(s->out, '"');
	for (unsigned n; p < end; p += n) {
		n = utf8_get(p, end, &c);
		if (n == 0 || spl_control(c) || (network && c == '/')) {
			buf_byte(s->out, '*');
			n = n == 0 ? 1 : n;
			continue;
		}
		if (c == '"' || c == '\\')
			buf_byte(s->out, '\\');
		buf_add(s->out, p, n);
	}
	buf_byte(s->out, '"');
}

static void
put_value(struct spl *s, const struct term *t)
{
	switch (t->kind) {
	case TERM_TEXT: put_pattern(s, t->text, t->field == NULL); break;
	case TERM_BOOL: buf_str(s->out, t->yes ? "true" : "false"); break;
	case TERM_CIDR: spl_quote(s->out, t->text); break;
	case TERM_NUMBER: buf_slice(s->out, t->text); break;
	default: buf_byte(s->out, '*'); break;
	}
}

static void
put_term(struct spl *s, const struct term *t)
{
	static const char *const signs[] = { "=", "!=", ">", ">=", "<", "<=" };

	if (t->placeholder)
		spl_refuse(s, t->at, "placeholder",
		    "modifier \"expand\": a placeholder without values");
	if (t->field != NULL) {
		if (t->kind == TERM_NULL || (t->kind == TERM_EXISTS && !t->yes))
			buf_str(s->out, "NOT ");
		spl_field(s, t->field, t->at);
		buf_str(s->out, signs[t->compare]);
	}
	put_value(s, t);
}

static void put(struct spl *s, const struct expr *e, bool up);

/* An operand in its parentheses, if it needs them below outer. */
static void
put_kid(struct spl *s, const struct expr *kid, enum expr_op outer, bool up)
{
	const struct expr *e = resolve(kid, up);
	bool group = outer == EXPR_NOT
	    ? e->op != EXPR_TERM
	    : (e->op == EXPR_AND || e->op == EXPR_OR) && e->op != outer && !is_in(e, up);

	if (group)
		buf_byte(s->out, '(');
	put(s, e, up);
	if (group)
		buf_byte(s->out, ')');
}

static void
put_in(struct spl *s, const struct expr *e, bool up)
{
	const char *between = "";

	for (uint32_t i = 0; i < e->n && s->why.id == NULL; i++) {
		const struct term *t = e->kids[i]->term;

		if (!kept(e->kids[i], up))
			continue;
		if (t->placeholder)
			spl_refuse(s, t->at, "placeholder",
			    "modifier \"expand\": a placeholder without values");
		if (*between == '\0') {
			spl_field(s, t->field, t->at);
			buf_str(s->out, " IN (");
		}
		buf_str(s->out, between);
		between = ", ";
		put_value(s, t);
	}
	buf_byte(s->out, ')');
}

static void
put_list(struct spl *s, const struct expr *e, bool up)
{
	const char *between = "";

	for (uint32_t i = 0; i < e->n && s->why.id == NULL; i++) {
		if (!kept(e->kids[i], up))
			continue;
		buf_str(s->out, between);
		between = e->op == EXPR_AND ? " " : " OR ";
		put_kid(s, e->kids[i], e->op, up);
	}
}

static void
put(struct spl *s, const struct expr *e, bool up)
{
	if (!spl_step(s, e->n))
		return;
	if (e->op == EXPR_TERM) {
		put_term(s, e->term);
	} else if (e->op == EXPR_NOT) {
		buf_str(s->out, "NOT ");
		put_kid(s, e->kids[0], EXPR_NOT, !up);
	} else if (is_in(e, up)) {
		put_in(s, e, up);
	} else {
		put_list(s, e, up);
	}
}

void
spl_search(struct spl *s, const struct expr *e)
{
	put(s, resolve(e, true), true);
}
