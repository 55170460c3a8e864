/*
 * Regular expressions.  PCRE2 with its JIT compiler, and limits that end one made to explode.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/match_inner.h"

enum {
	MATCH_LIMIT = 1000000,
	DEPTH_LIMIT = 10000,
	HEAP_LIMIT = 20000, /* KiB */
	JIT_STACK = 1 << 20,
};

struct match_regex {
	pcre2_code *code;
};

struct regex_scratch {
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
};

/* The rule has been checked: text compiles. */
struct match_regex *
match_regex_new(struct slice text, const char *flags)
{
	struct match_regex *r = xzalloc(1, sizeof *r);
	uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
	int error;
	size_t offset;

	for (; *flags != '\0'; flags++)
		options |= *flags == 'i' ? PCRE2_CASELESS
		    : *flags == 'm'      ? PCRE2_MULTILINE
					 : PCRE2_DOTALL;
	r->code = pcre2_compile((PCRE2_SPTR)text.p, text.len, options, &error, &offset, NULL);
	if (r->code != NULL)
		pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE);
	return r;
}

void
match_regex_free(struct match_regex *r)
{
	if (r == NULL)
		return;
	pcre2_code_free(r->code);
	free(r);
}

struct regex_scratch *
regex_scratch_new(void)
{
	struct regex_scratch *s = xzalloc(1, sizeof *s);

	s->data = pcre2_match_data_create(1, NULL);
	s->context = pcre2_match_context_create(NULL);
	s->stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK, NULL);
	pcre2_set_match_limit(s->context, MATCH_LIMIT);
	pcre2_set_depth_limit(s->context, DEPTH_LIMIT);
	pcre2_set_heap_limit(s->context, HEAP_LIMIT);
	pcre2_jit_stack_assign(s->context, NULL, s->stack);
	return s;
}

void
regex_scratch_free(struct regex_scratch *s)
{
	if (s == NULL)
		return;
	pcre2_match_data_free(s->data);
	pcre2_match_context_free(s->context);
	pcre2_jit_stack_free(s->stack);
	free(s);
}

/* The scanner has found text to be UTF-8. */
enum held
match_regex_run(const struct match_regex *r, struct regex_scratch *s, struct slice text)
{
	int n;

	if (r->code == NULL)
		return HELD_UNKNOWN;
	n = pcre2_match(r->code, (PCRE2_SPTR)(text.p != NULL ? text.p : ""), text.len, 0,
	    PCRE2_NO_UTF_CHECK, s->data, s->context);
	return n >= 0 ? HELD_YES : n == PCRE2_ERROR_NOMATCH ? HELD_NO : HELD_UNKNOWN;
}

/* Reading a regular expression for a literal that whatever it matches has in it. */
struct literal_reader {
	const char *p, *end;
	struct buf run;
	struct buf best;
};

static void
end_run(struct literal_reader *l)
{
	if (l->run.len > l->best.len) {
		buf_reset(&l->best);
		buf_slice(&l->best, buf_view(&l->run));
	}
	buf_reset(&l->run);
}

/* A quantifier at p: how long it is, 0 for none; *none: it allows for no occurrence at all. */
static size_t
quantifier(const char *p, const char *end, bool *none)
{
	const char *q = p;

	*none = false;
	if (q == end || strchr("*+?{", *q) == NULL || *q == '\0')
		return 0;
	if (*q != '{') {
		*none = *q != '+';
		q++;
	} else {
		const char *digits = ++q;

		while (q < end && isdigit((unsigned char)*q))
			q++;
		*none = q == digits || *digits == '0';
		if (q < end && *q == ',')
			q++;
		while (q < end && isdigit((unsigned char)*q))
			q++;
		if (q == end || *q != '}')
			return 0;
		q++;
	}
	if (q < end && (*q == '?' || *q == '+'))
		q++;
	return (size_t)(q - p);
}

/* Pass over a class, from behind its '['. */
static bool
skip_class(struct literal_reader *l)
{
	if (l->p < l->end && *l->p == '^')
		l->p++;
	if (l->p < l->end && *l->p == ']')
		l->p++;
	for (; l->p < l->end && *l->p != ']'; l->p++) {
		if (*l->p == '[' || (*l->p == '\\' && l->p + 1 < l->end && l->p[1] == 'Q'))
			return false; /* a named class, or quoting: leave it alone */
		if (*l->p == '\\')
			l->p++;
	}
	return l->p++ < l->end;
}

/* Options that are set within: only those that change no character's meaning but by case. */
static bool
plain_group(const char *p, const char *end)
{
	if (p < end && *p == '*')
		return false;
	if (p == end || *p != '?')
		return true;
	for (p++; p < end && *p != ')' && *p != ':'; p++)
		if (strchr("ims", *p) == NULL)
			return strchr("=!<>P", *p) != NULL;
	return true;
}

/* Pass over a group, from behind its '('. */
static bool
skip_group(struct literal_reader *l)
{
	unsigned depth = 1;

	while (l->p < l->end) {
		char c = *l->p++;

		if (c == '\\') {
			if (l->p < l->end && strchr("QE", *l->p) != NULL)
				return false;
			l->p++;
		} else if (c == '[') {
			if (!skip_class(l))
				return false;
		} else if (c == '(') {
			if (!plain_group(l->p, l->end))
				return false;
			depth++;
		} else if (c == ')' && --depth == 0) {
			return true;
		}
	}
	return false;
}

/* One item at l->p.  Returns false if nothing sure can be said. */
static bool
read_item(struct literal_reader *l)
{
	char c = *l->p++;
	bool literal = false, none;
	size_t n;

	if (c == '|' || c == ')')
		return false;
	if (c == '(') {
		if (!plain_group(l->p, l->end) || !skip_group(l))
			return false;
	} else if (c == '[') {
		if (!skip_class(l))
			return false;
	} else if (c == '\\') {
		if (l->p == l->end)
			return false;
		c = *l->p++;
		literal = !isalnum((unsigned char)c) && (unsigned char)c < 0x80;
		if (!literal && strchr("dDsSwWbBAzZhHvVntrfea", c) == NULL)
			return false; /* what follows may belong to it */
	} else {
		literal = strchr(".^$", c) == NULL && (unsigned char)c < 0x80 && c != '\0';
	}
	n = quantifier(l->p, l->end, &none);
	if (literal && !(n > 0 && none))
		buf_byte(&l->run, c);
	if (!literal || n > 0)
		end_run(l);
	l->p += n;
	return true;
}

struct slice
match_regex_literal(struct arena *a, struct slice text)
{
	struct literal_reader l = { .p = text.p, .end = text.p + text.len };
	struct slice best = { NULL, 0 };
	bool sure = true;

	if (text.len >= 2 && text.p[0] == '(' && text.p[1] == '*')
		return best;
	while (sure && l.p < l.end)
		sure = read_item(&l);
	end_run(&l);
	if (sure)
		best = arena_slice(a, buf_view(&l.best));
	buf_free(&l.run);
	buf_free(&l.best);
	return best;
}
