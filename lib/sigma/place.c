/* Where in the file a byte of a scalar's text stands, of a text that is folded over several lines too. */
#include "base/utf8.h"
#include "sigma/node.h"

/* A walk over the file. */
struct walk {
	const char *p, *end;
	struct place at;
};

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* One character forward. */
static void
step(struct walk *w)
{
	unsigned n = utf8_get(w->p, w->end, NULL);
	bool line = *w->p == '\n' || (*w->p == '\r' && (w->p + 1 == w->end || w->p[1] != '\n'));

	w->at.line += line;
	w->at.column = line ? 1 : w->at.column + 1;
	w->p += n == 0 ? 1 : n;
}

static void
skip_spaces(struct walk *w)
{
	while (w->p < w->end && is_space(*w->p))
		step(w);
}

static void
skip_word(struct walk *w)
{
	while (w->p < w->end && !is_space(*w->p))
		step(w);
}

/* What stands before the text: the header of a block scalar, or a quote. */
static void
skip_head(struct walk *w, bool plain)
{
	if (plain || w->p == w->end)
		return;
	if (*w->p == '|' || *w->p == '>') {
		while (w->p < w->end && *w->p != '\n' && *w->p != '\r')
			step(w);
	} else {
		step(w);
	}
}

struct place
node_place(const struct node *n, size_t offset)
{
	struct walk w = { n->source.p, n->source.p + n->source.len, n->at };
	size_t i = 0, word = 0, length = 0;

	if (n->source.len == 0)
		return n->at;
	skip_head(&w, n->plain);
	if (n->shift >= 0) {
		for (const char *to = w.p + offset; w.p < to && w.p < w.end;)
			step(&w);
		return w.at;
	}
	/* Folding changes white space alone: the words of the text are those of the file. */
	for (;;) {
		while (i < n->text.len && is_space(n->text.p[i]))
			i++;
		if (i == n->text.len)
			return w.at; /* behind the last word */
		skip_spaces(&w);
		word = i;
		while (i < n->text.len && !is_space(n->text.p[i]))
			i++;
		length = i - word;
		if (i == n->text.len || i > offset)
			break;
		skip_word(&w);
	}
	if ((size_t)(w.end - w.p) < length || memcmp(w.p, n->text.p + word, length) != 0)
		return n->at; /* it was written with escapes */
	for (const char *to = w.p + (offset > word ? offset - word : 0);
	     w.p < to && w.p < w.end;)
		step(&w);
	return w.at;
}
