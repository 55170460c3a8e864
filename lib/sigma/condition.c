#include "sigma/condition.h"

struct parser {
	struct arena *arena;
	struct slice text;
	struct diag *diag;
	struct slice word; /* the token ahead; empty at the end */
	size_t offset;     /* of it */
	unsigned depth;
};

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_mark(char c)
{
	return c == '(' || c == ')' || c == '|';
}

/* Step to the next token: a mark or a word. */
static void
advance(struct parser *p)
{
	size_t i = p->offset + p->word.len, start;

	while (i < p->text.len && is_space(p->text.p[i]))
		i++;
	start = i;
	if (i < p->text.len && is_mark(p->text.p[i]))
		i++;
	else
		while (i < p->text.len && !is_space(p->text.p[i]) && !is_mark(p->text.p[i]))
			i++;
	p->offset = start;
	p->word = (struct slice){ p->text.p + start, i - start };
}

static struct condition *
refuse(struct parser *p, const char *rule)
{
	diag_set(p->diag, rule, p->offset);
	return NULL;
}

static struct condition *
new_node(struct parser *p, enum condition_op op)
{
	struct condition *c = arena_get(p->arena, sizeof *c);

	c->op = op;
	c->word = p->word;
	c->offset = p->offset;
	return c;
}

static bool
is_operator(struct slice word)
{
	return slice_is(word, "and") || slice_is(word, "or") || slice_is(word, "not");
}

static bool
is_capital_operator(struct slice word)
{
	char low[4];

	if (word.len < 2 || word.len > 3 || is_operator(word))
		return false;
	for (size_t i = 0; i < word.len; i++)
		low[i] = (char)(word.p[i] | 0x20);
	return is_operator((struct slice){ low, word.len });
}

/* The word ahead is a number? */
static bool
is_number(struct slice word)
{
	for (size_t i = 0; i < word.len; i++)
		if (word.p[i] < '0' || word.p[i] > '9')
			return false;
	return word.len > 0;
}

static struct condition *parse_or(struct parser *p);

/* "of" and what follows it, the quantifier having been read. */
static struct condition *
parse_of(struct parser *p, struct slice quantifier, size_t at)
{
	struct condition *c;
	size_t of = p->offset;

	if (!slice_is(quantifier, "1") && !slice_is(quantifier, "any") &&
	    !slice_is(quantifier, "all")) {
		p->offset = at;
		return refuse(
		    p, is_number(quantifier) ? "condition-count" : "condition-syntax");
	}
	advance(p);
	if (p->word.len == 0)
		p->offset = of;
	if (p->word.len == 0 || is_mark(p->word.p[0]) || is_operator(p->word))
		return refuse(p, "condition-syntax");
	c = new_node(p, slice_is(quantifier, "all") ? COND_ALL_OF : COND_ONE_OF);
	c->any = slice_is(quantifier, "any");
	advance(p);
	return c;
}

static struct condition *
parse_word(struct parser *p)
{
	struct condition *c;

	if (p->word.len == 0 || is_operator(p->word) || p->word.p[0] == ')')
		return refuse(p, "condition-syntax");
	if (p->word.p[0] == '|')
		return refuse(p, "condition-pipe");
	c = new_node(p, COND_NAME);
	advance(p);
	if (slice_is(p->word, "of"))
		return parse_of(p, c->word, c->offset);
	if (is_capital_operator(c->word)) {
		p->offset = c->offset;
		return refuse(p, "condition-case");
	}
	return c;
}

static struct condition *
parse_group(struct parser *p)
{
	struct condition *c;

	advance(p);
	c = parse_or(p);
	if (c == NULL)
		return NULL;
	if (p->word.len == 0 || p->word.p[0] != ')')
		return refuse(
		    p, is_capital_operator(p->word) ? "condition-case" : "condition-syntax");
	advance(p);
	return c;
}

static struct condition *
parse_not(struct parser *p)
{
	struct condition *c;

	if (p->depth == CONDITION_DEPTH)
		return refuse(p, "condition-limit");
	p->depth++;
	if (slice_is(p->word, "not")) {
		c = new_node(p, COND_NOT);
		advance(p);
		c->kids = parse_not(p);
		if (c->kids == NULL)
			c = NULL;
	} else if (p->word.len > 0 && p->word.p[0] == '(') {
		c = parse_group(p);
	} else {
		c = parse_word(p);
	}
	p->depth--;
	return c;
}

/* One or more operands between which op stands; a single one is itself. */
static struct condition *
parse_list(
    struct parser *p, enum condition_op op, struct condition *(*operand)(struct parser *))
{
	const char *name = op == COND_AND ? "and" : "or";
	struct condition *first = operand(p), *last = first, *list;

	if (first == NULL || !slice_is(p->word, name))
		return first;
	list = new_node(p, op);
	list->kids = first;
	while (slice_is(p->word, name)) {
		advance(p);
		last->next = operand(p);
		last = last->next;
		if (last == NULL)
			return NULL;
	}
	return list;
}

static struct condition *
parse_and(struct parser *p)
{
	return parse_list(p, COND_AND, parse_not);
}

static struct condition *
parse_or(struct parser *p)
{
	return parse_list(p, COND_OR, parse_and);
}

struct condition *
condition_get(struct arena *a, struct slice text, struct diag *d)
{
	struct parser p = { .arena = a, .text = text, .diag = d };
	struct condition *c;

	if (text.len > CONDITION_MAX)
		return refuse(&p, "condition-limit");
	advance(&p);
	c = parse_or(&p);
	if (c == NULL || p.word.len == 0)
		return c; // cppcheck-suppress returnDanglingLifetime ; it lies in the arena
	if (p.word.p[0] == '|')
		return refuse(&p, "condition-pipe");
	return refuse(&p, is_capital_operator(p.word) ? "condition-case" : "condition-syntax");
}

static void
put_kids(struct buf *b, const struct condition *c, const char *between)
{
	for (const struct condition *k = c->kids; k != NULL; k = k->next) {
		bool group = k->op == COND_OR || (k->op == COND_AND && c->op != COND_OR);

		if (k != c->kids)
			buf_str(b, between);
		if (group)
			buf_byte(b, '(');
		condition_put(b, k);
		if (group)
			buf_byte(b, ')');
	}
}

void
condition_put(struct buf *b, const struct condition *c)
{
	switch (c->op) {
	case COND_AND: put_kids(b, c, " and "); break;
	case COND_OR: put_kids(b, c, " or "); break;
	case COND_NOT:
		buf_str(b, "not ");
		put_kids(b, c, "");
		break;
	case COND_NAME: buf_slice(b, c->word); break;
	case COND_ONE_OF:
		buf_str(b, c->any ? "any of " : "1 of ");
		buf_slice(b, c->word);
		break;
	case COND_ALL_OF:
		buf_str(b, "all of ");
		buf_slice(b, c->word);
		break;
	}
}

bool
condition_eq(const struct condition *a, const struct condition *b)
{
	const struct condition *x = a->kids, *y = b->kids;

	if (a->op != b->op || a->any != b->any)
		return false;
	if (a->op >= COND_NAME)
		return slice_eq(a->word, b->word);
	for (; x != NULL && y != NULL; x = x->next, y = y->next)
		if (!condition_eq(x, y))
			return false;
	return x == NULL && y == NULL;
}
