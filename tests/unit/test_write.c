#include "check.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "python.h"
#include "random.h"
#include "json/scan.h"
#include "json/write.h"

static bool
writes(const char *text, size_t len, enum json_style style, const char *want)
{
	struct buf b = { 0 };
	bool right;

	json_put_string(&b, (struct slice){ text, len }, style);
	right = slice_is(buf_view(&b), want);
	if (!right)
		printf("# %.*s\n", (int)b.len, b.p);
	buf_free(&b);
	return right;
}

#define WRITES(text, style, want) CHECK(writes(text, sizeof text - 1, style, want))

static void
test_string(void)
{
	WRITES("", JSON_ASCII, "\"\"");
	WRITES("plain ~", JSON_ASCII, "\"plain ~\"");
	WRITES("\"\\/\b\f\n\r\t", JSON_ASCII, "\"\\\"\\\\/\\b\\f\\n\\r\\t\"");
	WRITES("\"\\/\b\f\n\r\t", JSON_UTF8, "\"\\\"\\\\/\\b\\f\\n\\r\\t\"");
	WRITES("\x01\x1f\0", JSON_ASCII, "\"\\u0001\\u001f\\u0000\"");
	WRITES("\x01\x1f\0", JSON_UTF8, "\"\\u0001\\u001f\\u0000\"");
	WRITES("\x7f\x7f"
	       "a\x7f",
	    JSON_ASCII, "\"\\u007f\\u007fa\\u007f\"");
	WRITES("\x7f", JSON_UTF8, "\"\x7f\"");
	WRITES("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf", JSON_ASCII,
	    "\"\\u00e9\\u20ac\\ud83d\\ude00\\udbff\\udfff\"");
	WRITES("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", JSON_UTF8,
	    "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
	WRITES("a\xff", JSON_UTF8, "\"a\xef\xbf\xbd\"");
}

/* What is written reads back as it was, whatever stands where. */
static void
test_string_reads_back(void)
{
	static const char *const parts[] = { "a", "0123456789", "\"", "\\", "\n", "\x7f",
		"\x02", "\xc3\xa9", "\xed\x9f\xbf", "\xf0\x9f\x98\x80", "/",
		"0123456789abcdef0123456789abcdef" };
	struct buf text = { 0 }, out = { 0 }, scratch = { 0 };
	struct json *j = json_new();
	struct json_token t;
	uint64_t seed = 5;

	for (int i = 0; i < 20000; i++) {
		buf_reset(&text);
		buf_reset(&out);
		for (uint64_t n = random_below(&seed, i % 100 == 0 ? 1500 : 12); n > 0; n--)
			buf_str(
			    &text, parts[random_below(&seed, sizeof parts / sizeof parts[0])]);
		json_put_string(&out, buf_view(&text), i % 2 == 0 ? JSON_ASCII : JSON_UTF8);
		memset(buf_reserve(&out, JSON_PADDING), '"', JSON_PADDING);
		json_begin(j, buf_view(&out));
		CHECK(json_next(j, &t) == 1 && t.type == JSON_STRING);
		CHECK(slice_eq(json_text(t.text, t.escaped, &scratch), buf_view(&text)));
		CHECK(json_next(j, &t) == 0);
	}
	buf_free(&text);
	buf_free(&out);
	buf_free(&scratch);
	json_free(j);
}

static bool
writes_double(double v, const char *want)
{
	struct buf b = { 0 };
	bool right;

	json_put_double(&b, v);
	right = slice_is(buf_view(&b), want);
	if (!right)
		printf("# %.17g: %.*s\n", v, (int)b.len, b.p);
	buf_free(&b);
	return right;
}

static void
test_double(void)
{
	CHECK(writes_double(0, "0") && writes_double(-0.0, "0"));
	CHECK(writes_double(620, "620") && writes_double(-1.5, "-1.5"));
	CHECK(writes_double(0.1, "0.1") && writes_double(1e-6, "0.000001"));
	CHECK(writes_double(1e-7, "1e-7") && writes_double(1.5e-7, "1.5e-7"));
	CHECK(writes_double(1.25e-6, "0.00000125"));
	CHECK(writes_double(1e20, "100000000000000000000"));
	CHECK(writes_double(123456789012345680000.0, "123456789012345680000"));
	CHECK(writes_double(1e21, "1e+21") && writes_double(1.5e300, "1.5e+300"));
	CHECK(writes_double(DBL_MAX, "1.7976931348623157e+308"));
	CHECK(writes_double(DBL_MIN, "2.2250738585072014e-308"));
	CHECK(writes_double(5e-324, "5e-324") && writes_double(1e-323, "1e-323"));
	CHECK(writes_double(0x1p-44, "5.684341886080802e-14"));
	CHECK(writes_double(0x1p53, "9007199254740992"));
	CHECK(writes_double(0x1p89, "6.189700196426902e+26"));
	CHECK(writes_double(0.30000000000000004, "0.30000000000000004"));
	CHECK(writes_double(999999999999999.9, "999999999999999.9"));
	CHECK(writes_double(9.5367431640625e-07, "9.5367431640625e-7"));
}

/* The i-th of the doubles to try: any bits, all powers of two and their neighbours, decimals. */
static double
sample(int i, uint64_t *seed)
{
	uint64_t bits = random_next(seed) >> 1;
	double v;

	if (i < 3 * 2098)
		return fabs(i % 3 == 0
			? ldexp(1, i / 3 - 1074)
			: nextafter(ldexp(1, i / 3 - 1074), i % 3 == 1 ? 0 : HUGE_VAL));
	if (i % 3 == 0)
		return (double)(bits >> random_below(seed, 62)) /
		    pow(10, (double)random_below(seed, 23));
	if (i % 3 == 1)
		bits >>= random_below(seed, 63); /* subnormals too */
	memcpy(&v, &bits, sizeof v);
	return v;
}

/* The digits of a number, without what leads or follows them. */
static struct slice
digits(struct slice text, struct buf *b)
{
	buf_reset(b);
	for (size_t i = 0; i < text.len && text.p[i] != 'e' && text.p[i] != '\n'; i++)
		if (text.p[i] != '.' && (text.p[i] != '0' || b->len > 0))
			buf_byte(b, text.p[i]);
	while (b->len > 0 && b->p[b->len - 1] == '0')
		b->len--;
	return buf_view(b);
}

static void
test_double_random(void)
{
	static const char script[] =
	    "import sys\nfor l in sys.stdin: print(repr(float.fromhex(l)))";
	struct buf b = { 0 }, hex = { 0 }, lines = { 0 }, python = { 0 }, ours = { 0 },
		   theirs = { 0 };
	struct slice l, p, line, answer;
	uint64_t seed = 7;
	int oracle;

	for (int i = 0; i < 200000; i++) {
		double v = sample(i, &seed);

		if (!isfinite(v))
			continue;
		buf_reset(&b);
		json_put_double(&b, v);
		CHECK(strtod(buf_cstr(&b), NULL) == v);
		buf_slice(&lines, buf_view(&b));
		buf_byte(&lines, '\n');
		buf_printf(&hex, "%a\n", v);
	}
	CHECK((oracle = python_answers(script, buf_view(&hex), &python)) >= 0);
	if (oracle == 1) {
		l = buf_view(&lines);
		p = buf_view(&python);
		while (slice_cut(&l, '\n', &line) && slice_cut(&p, '\n', &answer))
			if (!CHECK(slice_eq(digits(line, &ours), digits(answer, &theirs))))
				printf("# %.*s, Python %.*s\n", (int)line.len, line.p,
				    (int)answer.len, answer.p);
		CHECK(l.len == 0 && p.len == 0);
	}
	buf_free(&b);
	buf_free(&hex);
	buf_free(&lines);
	buf_free(&python);
	buf_free(&ours);
	buf_free(&theirs);
}

int
main(void)
{
	test_string();
	test_string_reads_back();
	test_double();
	test_double_random();
	return check_done();
}
