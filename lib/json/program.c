#include "json/program.h"

#include "base/slice.h"

enum { NESTING = 256 }; /* brackets open at once; a program with more is refused */

/* What a bracket encloses: '(' '[' '{', or 's' for the interpolation "\( )" of a string. */
struct bracket {
	char kind;
	bool keyword; /* one stood in it, and a comma may be other than between members */
};

struct lexer {
	const char *p;
	size_t line;
	size_t depth;
	struct bracket open[NESTING];
	char before; /* the last token's first character; 0 at the start */
};

static bool
is_off(struct slice word)
{
	static const char *const words[] = { "debug", "stderr", "input", "inputs", "env",
		"import", "include", "halt", "halt_error", "modulemeta", "input_filename",
		"get_search_list", "get_prog_origin", "get_jq_origin", "_input" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (slice_is(word, words[i]))
			return true;
	return false;
}

static bool
is_keyword(struct slice word)
{
	static const char *const words[] = { "if", "then", "elif", "else", "end", "def",
		"reduce", "foreach", "try", "catch", "label", "as", "and", "or", "module" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (slice_is(word, words[i]))
			return true;
	return false;
}

static bool
starts_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* [a-zA-Z_][a-zA-Z_0-9]* */
static struct slice
word(struct lexer *l)
{
	const char *start = l->p;

	while (starts_word(*l->p) || is_digit(*l->p))
		l->p++;
	return (struct slice){ start, (size_t)(l->p - start) };
}

/* White space and comments.  Returns false for a comment that jq versions end differently. */
static bool
skip_blank(struct lexer *l)
{
	for (;; l->p++) {
		if (*l->p == '#') {
			l->p += strcspn(l->p, "\r\n");
			if (l->p[-1] == '\\' || (*l->p == '\r' && l->p[1] != '\n'))
				return false;
		}
		if (*l->p == '\n')
			l->line++;
		else if (*l->p == '\0' || strchr(" \t\r", *l->p) == NULL)
			return true;
	}
}

static bool
open_bracket(struct lexer *l, char kind)
{
	if (l->depth == NESTING)
		return false;
	l->open[l->depth++] = (struct bracket){ kind, false };
	return true;
}

/* The text of a string from p, to behind its closing quote or its next "\(".  False: it has no end. */
static bool
string(struct lexer *l)
{
	for (; *l->p != '\0'; l->p++) {
		if (*l->p == '\n')
			l->line++;
		if (*l->p == '"') {
			l->p++;
			l->before = '"';
			return true;
		}
		if (*l->p != '\\')
			continue;
		if (*++l->p == '(') {
			l->p++;
			l->before = '(';
			return open_bracket(l, 's');
		}
		if (*l->p == '\0')
			return false;
		if (*l->p == '\n')
			l->line++;
	}
	return false;
}

/* One that does not fit what is open is an error that jq finds too: any answer will do. */
static bool
close_bracket(struct lexer *l)
{
	if (l->depth > 0 && l->open[--l->depth].kind == 's')
		return string(l);
	return true;
}

/* Is the word just read, in braces or not, the key of a member? */
static bool
is_key(const struct lexer *l)
{
	const struct bracket *b = l->depth > 0 ? &l->open[l->depth - 1] : NULL;
	struct lexer next = *l;

	if (b == NULL || b->kind != '{' || (l->before != '{' && l->before != ','))
		return false;
	if (!skip_blank(&next))
		return false;
	return *next.p == ':' || l->before == '{' || !b->keyword;
}

static bool
plain_word(struct lexer *l)
{
	struct slice w = word(l);

	if (is_off(w) && !is_key(l))
		return false;
	if (is_keyword(w) && l->depth > 0 && !is_key(l))
		l->open[l->depth - 1].keyword = true;
	l->before = 'a';
	return true;
}

/* "$" and its name, which jq before 1.8 lets stand apart. */
static bool
variable(struct lexer *l)
{
	struct slice w;

	l->p++;
	if (!skip_blank(l))
		return false;
	w = word(l);
	l->before = '$';
	return !slice_is(w, "ENV") && !slice_is(w, "__loc__") && !slice_is(w, "__prog_args");
}

static void
number(struct lexer *l)
{
	while (is_digit(*l->p) || *l->p == '.')
		l->p++;
	if (*l->p == 'e' || *l->p == 'E') {
		const char *p = l->p + 1;

		p += *p == '+' || *p == '-';
		while (is_digit(*p))
			l->p = ++p;
	}
	l->before = '0';
}

/* A field ".name", or a dot, or two. */
static void
dot(struct lexer *l)
{
	l->before = '.';
	if (*++l->p == '.')
		l->p++;
	else
		word(l);
}

static bool
token(struct lexer *l)
{
	char c = *l->p;

	if (starts_word(c))
		return plain_word(l);
	if (is_digit(c) || (c == '.' && is_digit(l->p[1]))) {
		number(l);
		return true;
	}
	switch (c) {
	case '.': dot(l); return true;
	case '$': return variable(l);
	case '"': l->p++; return string(l);
	case '@':
		l->p++;
		word(l);
		l->before = '@';
		return true;
	default: break;
	}
	l->p++;
	l->before = c;
	if (strchr("([{", c) != NULL)
		return open_bracket(l, c);
	if (strchr(")]}", c) != NULL)
		return close_bracket(l);
	return true;
}

bool
program_is_tame(const char *program, size_t *line)
{
	struct lexer l = { .p = program, .line = 1 };
	bool tame = true;

	while (tame && (tame = skip_blank(&l)) && *l.p != '\0')
		tame = token(&l);
	*line = l.line;
	return tame;
}
