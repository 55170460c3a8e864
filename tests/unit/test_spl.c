/* Patterns, spellings, quoting, and tables: the small parts that a query is made of. */
#include "check.h"
#include "sigma/pattern.h"
#include "sigma/spl.h"
#include "sigma/variants.h"
#include "term/style.h"

static bool
reads(const char *text, const char *want)
{
	struct buf b = { 0 };
	bool right;

	pattern_get(slice_of(text), &b);
	right = slice_is(buf_view(&b), want);
	buf_free(&b);
	return right;
}

static void
test_patterns(void)
{
	CHECK(reads("a*b?",
	    "a\xFF"
	    "b\xFE"));
	CHECK(reads("\\*\\?\\\\", "*?\\"));
	CHECK(reads("C:\\x\\", "C:\\x\\"));
	CHECK(reads("\\\\*", "\\\xFF"));
	CHECK(reads("\\\\\\*", "\\*"));
	CHECK(pattern_wild(SLICE("a\xFE")) && !pattern_wild(SLICE("a*?")));
	CHECK(pattern_any(SLICE("\xFF\xFF")) && !pattern_any(SLICE("")) &&
	    !pattern_any(SLICE("\xFF"
			       "a")));
	CHECK(pattern_glob(SLICE("a*c"), SLICE("abbc")) &&
	    !pattern_glob(SLICE("a*c"), SLICE("abb")));
	CHECK(pattern_glob(SLICE("*"), SLICE("")) && pattern_glob(SLICE("a**"), SLICE("a")));
	CHECK(
	    !pattern_glob(SLICE("a"), SLICE("ab")) && !pattern_glob(SLICE("b*"), SLICE("ab")));
	CHECK(pattern_glob(SLICE("*ab*ab"), SLICE("abaab")) &&
	    !pattern_glob(SLICE("*ab*ab"), SLICE("aab")));
}

/* How many spellings a step makes, and the first and last. */
static bool
spells(variants_step *step, const char *text, size_t n, const char *first, const char *last)
{
	struct arena a = { 0 };
	struct variants v = { .n = 1 };
	bool right;

	v.v[0] = slice_of(text);
	right = variants_apply(&a, step, &v) == NULL && v.n == n && slice_is(v.v[0], first) &&
	    slice_is(v.v[n - 1], last);
	if (!right)
		printf("# %s: %zu, %.*s\n", text, v.n, (int)v.v[0].len, v.v[0].p);
	arena_free(&a);
	return right;
}

static bool
cannot(variants_step *step, const char *text)
{
	struct arena a = { 0 };
	struct variants v = { .n = 1 };
	const char *why;

	v.v[0] = slice_of(text);
	why = variants_apply(&a, step, &v);
	arena_free(&a);
	return why != NULL;
}

static void
test_variants(void)
{
	CHECK(spells(variants_contains, "x", 1, "\xFFx\xFF", "\xFFx\xFF"));
	CHECK(spells(variants_contains, "", 1, "\xFF", "\xFF"));
	CHECK(spells(variants_startswith, "\xFFx", 1, "\xFFx\xFF", "\xFFx\xFF"));
	CHECK(spells(variants_endswith, "\xFFx", 1, "\xFFx", "\xFFx"));
	CHECK(spells(variants_windash, " -a", 5, " -a",
	    " \xE2\x80\x95"
	    "a"));
	CHECK(spells(variants_windash, "/a", 5, "-a",
	    "\xE2\x80\x95"
	    "a"));
	CHECK(spells(variants_windash, "a-b - -", 1, "a-b - -", "a-b - -"));
	CHECK(spells(
	    variants_windash, "\xFF-\xC3\xA4", 5, "\xFF-\xC3\xA4", "\xFF\xE2\x80\x95\xC3\xA4"));
	CHECK(spells(variants_windash, "\xC3\xA4-a", 1, "\xC3\xA4-a", "\xC3\xA4-a"));
	CHECK(spells(variants_windash, "-a -b", 25, "-a -b",
	    "\xE2\x80\x95"
	    "a \xE2\x80\x95"
	    "b"));
	CHECK(cannot(variants_windash, "-a -b -c"));
	CHECK(spells(variants_base64, "foo", 1, "Zm9v", "Zm9v"));
	CHECK(spells(variants_base64offset, "foobar", 3, "Zm9vYmFy", "mb29iYX"));
	CHECK(cannot(variants_base64, "f\xFF"));
	CHECK(cannot(variants_base64offset, ""));
	CHECK(cannot(variants_utf16le, "f\xFE"));
}

static void
test_quoting(void)
{
	struct buf b = { 0 };

	spl_quote(&b, SLICE("a\"b\\"));
	CHECK_BYTES(b.p, b.len, "\"a\\\"b\\\\\"");
	buf_free(&b);
	CHECK(spl_bare(SLICE("a.b_1")) && spl_bare(SLICE("4")));
	CHECK(!spl_bare(SLICE("")) && !spl_bare(SLICE("a-b")) && !spl_bare(SLICE("\xC3\xA4")));
	CHECK(!spl_bare(SLICE("NOT")) && !spl_bare(SLICE("or")) && spl_bare(SLICE("nor")));
	CHECK(spl_control(0x85) && spl_control(0x2028) && spl_control('\n') &&
	    !spl_control(0xA0));
}

static bool
cleans(const char *text, const char *want, size_t columns)
{
	struct buf b = { 0 };
	bool right;

	style_clean(&b, slice_of(text));
	right = slice_is(buf_view(&b), want) && style_columns(buf_view(&b)) == columns;
	if (!right)
		printf("# %.*s: %zu columns\n", (int)b.len, b.p, style_columns(buf_view(&b)));
	buf_free(&b);
	return right;
}

static void
test_cells(void)
{
	CHECK(cleans("a\x1B[31m", "a?[31m", 6));
	CHECK(cleans(" a \n\t b ", "a b", 3));
	CHECK(cleans("\xC2\x9B"
		     "a\x7F",
	    "?a?", 3));
	CHECK(cleans("\xE2\x80\xAE"
		     "ab",
	    "?ab", 3));
	CHECK(cleans("\xFF\xC3", "??", 2));
	CHECK(cleans("e\xCC\x81", "e\xCC\x81", 1));
	CHECK(cleans("\xE6\x97\xA5\xE6\x9C\xAC", "\xE6\x97\xA5\xE6\x9C\xAC", 4));
	CHECK(cleans("", "", 0));
}

int
main(void)
{
	test_patterns();
	test_variants();
	test_quoting();
	test_cells();
	return check_done();
}
