/* The condition language: what it parses to, how that prints, and where it is refused. */
#include "check.h"
#include "sigma/condition.h"

/* text parsed and printed again. */
static bool
prints(const char *text, const char *want)
{
	struct arena a = { 0 };
	struct diag d = { 0 };
	struct buf b = { 0 };
	struct condition *c = condition_get(&a, slice_of(text), &d), *again;
	bool right = c != NULL;

	if (right) {
		condition_put(&b, c);
		again = condition_get(&a, buf_view(&b), &d);
		right = slice_is(buf_view(&b), want) && again != NULL && condition_eq(c, again);
	}
	if (!right)
		printf("# %s: %.*s\n", text, (int)b.len, b.len > 0 ? b.p : "");
	buf_free(&b);
	arena_free(&a);
	return right;
}

static bool
refuses(const char *text, const char *rule, size_t offset)
{
	struct arena a = { 0 };
	struct diag d = { 0 };
	bool right = condition_get(&a, slice_of(text), &d) == NULL &&
	    strcmp(d.rule, rule) == 0 && d.offset == offset;

	if (!right)
		printf(
		    "# %s: %s at %zu\n", text, d.rule != NULL ? d.rule : "accepted", d.offset);
	arena_free(&a);
	return right;
}

static bool
is_same(const char *one, const char *other)
{
	struct arena a = { 0 };
	struct diag d = { 0 };
	struct condition *x = condition_get(&a, slice_of(one), &d);
	struct condition *y = condition_get(&a, slice_of(other), &d);
	bool same = x != NULL && y != NULL && condition_eq(x, y);

	arena_free(&a);
	return same;
}

static void
test_trees(void)
{
	CHECK(prints("a", "a"));
	CHECK(prints("  a\tand\n b ", "a and b"));
	CHECK(prints("((a))", "a"));
	CHECK(prints("a or b and not c", "a or b and not c"));
	CHECK(prints("(a or b) and c", "(a or b) and c"));
	CHECK(prints("(a and b) and c", "(a and b) and c"));
	CHECK(prints("not(a or b)", "not (a or b)"));
	CHECK(prints("not not a", "not not a"));
	CHECK(prints("1 of x* and all of them", "1 of x* and all of them"));
	CHECK(prints("any of x", "any of x"));
	CHECK(prints("nothing and order or android", "nothing and order or android"));
	CHECK(prints("all and any and of", "all and any and of"));
	CHECK(prints("sel-1 or \xC3\xA4", "sel-1 or \xC3\xA4"));
	CHECK(is_same("a or b and c", "a or (b and c)"));
	CHECK(!is_same("a or b and c", "(a or b) and c"));
	CHECK(!is_same("not a and b", "not (a and b)"));
	CHECK(!is_same("1 of x", "all of x"));
	CHECK(!is_same("a and b", "a and b and c"));
}

static void
test_refusals(void)
{
	CHECK(refuses("", "condition-syntax", 0));
	CHECK(refuses("a and", "condition-syntax", 5));
	CHECK(refuses("a b", "condition-syntax", 2));
	CHECK(refuses("(a", "condition-syntax", 2));
	CHECK(refuses("a)", "condition-syntax", 1));
	CHECK(refuses("()", "condition-syntax", 1));
	CHECK(refuses("and a", "condition-syntax", 0));
	CHECK(refuses("a or or b", "condition-syntax", 5));
	CHECK(refuses("1 of", "condition-syntax", 2));
	CHECK(refuses("1 of (a)", "condition-syntax", 5));
	CHECK(refuses("some of a", "condition-syntax", 0));
	CHECK(refuses("2 of a", "condition-count", 0));
	CHECK(refuses("a AND b", "condition-case", 2));
	CHECK(refuses("(a Or b)", "condition-case", 3));
	CHECK(refuses("NOT a", "condition-case", 0));
	CHECK(refuses("a | count() > 5", "condition-pipe", 2));
	CHECK(refuses("a and | b", "condition-pipe", 6));
}

static void
test_limits(void)
{
	struct buf b = { 0 };

	for (int i = 0; i < CONDITION_DEPTH - 1; i++)
		buf_byte(&b, '(');
	buf_byte(&b, 'a');
	for (int i = 0; i < CONDITION_DEPTH - 1; i++)
		buf_byte(&b, ')');
	CHECK(prints(buf_cstr(&b), "a"));
	buf_reset(&b);
	for (int i = 0; i < CONDITION_DEPTH; i++)
		buf_byte(&b, '(');
	buf_byte(&b, 'a');
	CHECK(refuses(buf_cstr(&b), "condition-limit", CONDITION_DEPTH));
	buf_reset(&b);
	for (int i = 0; i < CONDITION_MAX; i++)
		buf_byte(&b, ' ');
	b.p[0] = 'a';
	CHECK(prints(buf_cstr(&b), "a"));
	buf_byte(&b, ' ');
	CHECK(refuses(buf_cstr(&b), "condition-limit", 0));
	buf_free(&b);
}

int
main(void)
{
	test_trees();
	test_refusals();
	test_limits();
	return check_done();
}
