#include "check.h"

#include <stdlib.h>

#include "json/scan.h"

/* A text with hostile padding: what stands behind it would go on with it. */
static struct slice
padded(struct buf *b, const char *text, size_t len, const char *tail)
{
	size_t n = strlen(tail);

	buf_reset(b);
	buf_add(b, text, len);
	for (size_t i = 0; i < JSON_PADDING; i++)
		buf_byte(b, tail[i % n]);
	return (struct slice){ b->p, len };
}

static const char *const tails[] = { " ", "\"", "1", ",", "]", "}", "\\", "\x80", "e", "0,\"",
	"u0000", ":1}", "\xbf\xbf", "." };

enum { TAILS = sizeof tails / sizeof tails[0] };

/* Does every path, whatever stands behind the text, decide so?  rule NULL: accepted. */
static bool
decides(const char *text, size_t len, const char *rule, size_t offset)
{
	struct json *j = json_new();
	struct buf b = { 0 };
	bool right = true;

	for (size_t i = 0; i < 2 * TAILS; i++) {
		struct diag d = { NULL, 0 };
		struct slice s = padded(&b, text, len, tails[i / 2]);
		int r;

		json_portable(i % 2 == 1);
		r = json_check(j, s, &d);
		if (rule == NULL)
			right = right && r == 0 && d.rule == NULL;
		else
			right =
			    right && r == -1 && strcmp(d.rule, rule) == 0 && d.offset == offset;
		if (!right) {
			printf("# %.*s: %s at %zu, tail %zu\n", (int)len, text,
			    d.rule == NULL ? "accepted" : d.rule, d.offset, i);
			break;
		}
	}
	json_portable(false);
	buf_free(&b);
	json_free(j);
	return right;
}

#define ACCEPTS(text) CHECK(decides(text, sizeof text - 1, NULL, 0))
#define REFUSES(text, rule, at) CHECK(decides(text, sizeof text - 1, rule, at))

static void
test_values(void)
{
	ACCEPTS("null");
	ACCEPTS(" true ");
	ACCEPTS("\t\r\nfalse\n");
	ACCEPTS("\"\"");
	ACCEPTS("[]");
	ACCEPTS("{}");
	ACCEPTS("[ ]");
	ACCEPTS("{ }");
	ACCEPTS("[1, [2], {\"a\": [ ] , \"b\" : {}}]");
	REFUSES("", "json-syntax", 0);
	REFUSES("  ", "json-syntax", 2);
	REFUSES("nul", "json-syntax", 3);
	REFUSES("nulL", "json-syntax", 3);
	REFUSES("truetrue", "json-syntax", 4);
	REFUSES("[1 2]", "json-syntax", 3);
	REFUSES("[1,]", "json-syntax", 3);
	REFUSES("[,1]", "json-syntax", 1);
	REFUSES("[1", "json-syntax", 2);
	REFUSES("[1}", "json-syntax", 2);
	REFUSES("{\"a\":1]", "json-syntax", 6);
	REFUSES("{\"a\"}", "json-syntax", 4);
	REFUSES("{\"a\":}", "json-syntax", 5);
	REFUSES("{\"a\":1,}", "json-syntax", 7);
	REFUSES("{a:1}", "json-syntax", 1);
	REFUSES("{\"a\":1", "json-syntax", 6);
	REFUSES("{\"a\":", "json-syntax", 5);
	REFUSES("{\"a\"", "json-syntax", 4);
	REFUSES("{\"a", "json-syntax", 3);
	REFUSES("]", "json-syntax", 0);
	REFUSES("[]]", "json-syntax", 2);
	REFUSES("\f1", "json-syntax", 0);
	REFUSES("\xef\xbb\xbf{}", "json-syntax", 0);
	REFUSES("\xff\xfe{}", "json-utf8", 0);
	REFUSES("[\0]", "json-nul", 1);
	REFUSES("1\0", "json-nul", 1);
}

static void
test_numbers(void)
{
	ACCEPTS("0");
	ACCEPTS("-0");
	ACCEPTS("12");
	ACCEPTS("-12.50e+10");
	ACCEPTS("1E5");
	ACCEPTS("1e-5");
	ACCEPTS("0.0");
	ACCEPTS("123456789012345678901234567890123456789012345678901234567890");
	REFUSES("-", "json-syntax", 1);
	REFUSES("01", "json-syntax", 1);
	REFUSES("-01", "json-syntax", 2);
	REFUSES("1.", "json-syntax", 2);
	REFUSES("[1.]", "json-syntax", 3);
	REFUSES(".5", "json-syntax", 0);
	REFUSES("1e", "json-syntax", 2);
	REFUSES("1e+", "json-syntax", 3);
	REFUSES("+1", "json-syntax", 0);
	REFUSES("1.5.5", "json-syntax", 3);
	REFUSES("0x1", "json-syntax", 1);
	REFUSES("NaN", "json-syntax", 0);
	REFUSES("-Infinity", "json-syntax", 1);
	REFUSES("1\xff", "json-utf8", 1);
}

static void
test_strings(void)
{
	ACCEPTS("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uABCD\"");
	ACCEPTS("\"\\ud83d\\ude00\"");
	ACCEPTS("\"\\uDBFF\\uDFFF\"");
	ACCEPTS("\"\x7f\"");
	ACCEPTS("\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"");
	ACCEPTS("\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"");
	REFUSES("\"", "json-syntax", 1);
	REFUSES("\"\\\"", "json-syntax", 3);
	REFUSES("\"\\", "json-syntax", 2);
	REFUSES("\"\\x\"", "json-syntax", 2);
	REFUSES("\"\\u12\"", "json-syntax", 5);
	REFUSES("\"\\u12g4\"", "json-syntax", 5);
	REFUSES("\"\\u123", "json-syntax", 6);
	REFUSES("\"\\U0041\"", "json-syntax", 2);
	REFUSES("\"a\tb\"", "json-syntax", 2);
	REFUSES("\"a\x1f\"", "json-syntax", 2);
	REFUSES("\"a\0b\"", "json-nul", 2);
	REFUSES("\"a\\u0000\"", "json-nul", 2);
	REFUSES("{\"\\u0000\":1}", "json-nul", 2);
	REFUSES("\"\\ud800\"", "json-surrogate", 1);
	REFUSES("\"\\udc00\"", "json-surrogate", 1);
	REFUSES("\"\\ud800\\n\"", "json-surrogate", 1);
	REFUSES("\"\\ud800\\u0041\"", "json-surrogate", 1);
	REFUSES("\"\\ud800\\ud800\\udc00\"", "json-surrogate", 1);
	REFUSES("\"\\udbff\\ue000\"", "json-surrogate", 1);
	REFUSES("\"\\ud800", "json-surrogate", 1);
	REFUSES("\"\\ud800\\u", "json-syntax", 9);
	REFUSES("\"\x80\"", "json-utf8", 1);
	REFUSES("\"\xc0\x80\"", "json-utf8", 1);
	REFUSES("\"\xc1\xbf\"", "json-utf8", 1);
	REFUSES("\"\xc3\"", "json-utf8", 1);
	REFUSES("\"\xc3", "json-utf8", 1);
	REFUSES("\"\xe0\x9f\xbf\"", "json-utf8", 1);
	REFUSES("\"\xed\xa0\x80\"", "json-utf8", 1);
	REFUSES("\"\xe2\x82", "json-utf8", 1);
	REFUSES("\"\xf0\x8f\xbf\xbf\"", "json-utf8", 1);
	REFUSES("\"\xf4\x90\x80\x80\"", "json-utf8", 1);
	REFUSES("\"\xf5\x80\x80\x80\"", "json-utf8", 1);
	REFUSES("\"\xf0\x90\x80", "json-utf8", 1);
}

/* A string of every length about the width of a step, with each kind of byte at each place. */
static void
test_places(void)
{
	static const char *const bytes[] = { "\x01", "\x1f", "\"", "\\", "\x80", "\xff", "\0" };
	char text[128];

	for (size_t len = 0; len < 100; len++) {
		memset(text, 'x', sizeof text);
		text[0] = text[len + 1] = '"';
		CHECK(decides(text, len + 2, NULL, 0));
		CHECK(decides(text, len + 1, "json-syntax", len + 1));
		text[len / 2 + 1] = ' ';
		text[len] = '~';
		text[0] = text[len + 1] = '"';
		CHECK(decides(text, len + 2, NULL, 0));
		for (size_t b = 0; b < sizeof bytes / sizeof bytes[0]; b++) {
			const char *rule = "json-syntax";
			size_t at = len + 1;

			memset(text + 1, 'x', len + 1);
			text[len + 1] = bytes[b][0];
			text[len + 2] = '"';
			if (bytes[b][0] == '"')
				at++;
			else if (bytes[b][0] == '\\')
				at += 2;
			else if (bytes[b][0] == '\0')
				rule = "json-nul";
			else if ((unsigned char)bytes[b][0] >= 0x80)
				rule = "json-utf8";
			CHECK(decides(text, len + 3, rule, at));
		}
	}
}

static void
test_depth(void)
{
	char text[400];

	memset(text, '[', 200);
	memset(text + 64, ']', 64);
	CHECK(decides(text, 128, NULL, 0));
	memset(text, '[', 200);
	memset(text + 65, ']', 65);
	CHECK(decides(text, 130, "json-depth", 64));
	CHECK(decides(text, 64, "json-syntax", 64));
	for (int i = 0; i < 65; i++)
		memcpy(text + (size_t)i * 5, "{\"a\":", 5);
	CHECK(decides(text, 325, "json-depth", 320));
}

static void
test_duplicates(void)
{
	REFUSES("{\"a\":1,\"a\":1}", "json-duplicate", 7);
	REFUSES("{\"\":1,\"\":1}", "json-duplicate", 6);
	REFUSES("{\"a\":1,\"b\":2, \"\\u0061\":1}", "json-duplicate", 14);
	REFUSES("{\"\\u0062\":1, \"b\":1}", "json-duplicate", 13);
	REFUSES("{\"\\/\":1, \"\\u002f\":1}", "json-duplicate", 9);
	REFUSES("{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":1}", "json-duplicate", 18);
	REFUSES("{\"a\":{\"b\":1},\"a\":1}", "json-duplicate", 13);
	REFUSES("{\"a\":{\"b\":1,\"b\":2}}", "json-duplicate", 12);
	REFUSES("[{\"a\":1},{\"a\":1,\"c\":[{\"a\":1}],\"a\":1}]", "json-duplicate", 30);
	ACCEPTS("{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}");
	ACCEPTS("[{\"a\":1},{\"a\":1}]");
	ACCEPTS("{\"ab\":1,\"ba\":1,\"a\":1,\"b\":1,\"\":1}");
	ACCEPTS("{\"A\":1,\"a\":1}");
	ACCEPTS("{\"abcdefgh0ijklmnop\":1,\"abcdefgh1ijklmnop\":1}");
	REFUSES("{\"abcdefgh0ijklmnop\":1,\"abcdefgh1ijklmnop\":1,\"abcdefgh0ijklmnop\":1}",
	    "json-duplicate", 45);
}

/* An object of n members "PREFIX<i>SUFFIX", each after the third holding an object of its own. */
static void
put_members(struct buf *b, size_t n, const char *prefix, const char *suffix)
{
	buf_reset(b);
	buf_byte(b, '{');
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s\"%s%zu%s\":%s", i == 0 ? "" : ",", prefix, i, suffix,
		    i > 3 && i % 8 == 0 ? "{\"0\":0}" : "1");
}

static void
test_many_members(void)
{
	/* The second kind has all its names alike in length and both ends: one tag, one filter bit. */
	static const struct {
		const char *prefix, *suffix;
		size_t base;
	} kinds[] = { { "", "", 0 }, { "12345678", "abcdefgh", 1000000 },
		{ "\\u0041", "\\n", 0 } };
	struct buf b = { 0 };

	for (size_t k = 0; k < 3; k++)
		for (size_t n = 30; n < 3000; n = n < 36 ? n + 1 : n * 3) {
			size_t at;

			put_members(&b, n, kinds[k].prefix, kinds[k].suffix);
			buf_byte(&b, '}');
			CHECK(decides(b.p, b.len, NULL, 0));
			for (size_t i = 0; i < n; i += n / 3) {
				b.len--;
				buf_byte(&b, ',');
				at = b.len;
				buf_printf(
				    &b, "\"%s%zu%s\":1}", kinds[k].prefix, i, kinds[k].suffix);
				CHECK(decides(b.p, b.len, "json-duplicate", at));
				b.len = at;
			}
		}
	buf_free(&b);
}

/* Big objects in big objects, and again with the same reader: no name of one counts in another. */
static void
test_many_scopes(void)
{
	struct buf b = { 0 };

	buf_byte(&b, '[');
	for (int i = 0; i < 3; i++) {
		buf_str(&b, i == 0 ? "{" : ",{");
		for (int m = 0; m < 50; m++) {
			buf_printf(&b, "%s\"k%d\":", m == 0 ? "" : ",", m);
			if (m % 20 != 10) {
				buf_byte(&b, '1');
				continue;
			}
			buf_byte(&b, '{');
			for (int k = 0; k < 70; k++)
				buf_printf(&b, "%s\"k%d\":%d", k == 0 ? "" : ",", k, k);
			buf_byte(&b, '}');
		}
		buf_byte(&b, '}');
	}
	buf_byte(&b, ']');
	CHECK(decides(b.p, b.len, NULL, 0));
	b.len -= 2;
	buf_str(&b, ",\"k49\":1}]");
	CHECK(decides(b.p, b.len, "json-duplicate", b.len - 9));
	buf_free(&b);
}

/* Many objects alike, each past a few members: their places in the table overlap. */
static void
test_many_alike(void)
{
	struct buf b = { 0 };

	for (int i = 0; i < 100; i++) {
		buf_byte(&b, i == 0 ? '[' : ',');
		for (int m = 0; m < 40; m++)
			buf_printf(&b, "%s\"k%d\":1", m == 0 ? "{" : ",", m);
		buf_byte(&b, '}');
	}
	buf_byte(&b, ']');
	CHECK(decides(b.p, b.len, NULL, 0));
	buf_free(&b);
}

/* What one text left in the table is not in the way of the next, as it grows or after that. */
static void
test_many_again(void)
{
	static const size_t sizes[] = { 100, 40, 500, 33, 2000, 100, 8000, 50 };
	struct json *j = json_new();
	struct buf b = { 0 };
	struct diag d;

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		for (size_t twice = 0; twice < sizes[i]; twice += 1 + sizes[i] / 50) {
			size_t at;

			put_members(&b, sizes[i], "", "");
			at = b.len + 1;
			buf_printf(&b, ",\"%zu\":1}", twice);
			memset(buf_reserve(&b, JSON_PADDING), '"', JSON_PADDING);
			CHECK(json_check(j, buf_view(&b), &d) == -1);
			CHECK(strcmp(d.rule, "json-duplicate") == 0 && d.offset == at);
			b.p[at - 1] = '}';
			CHECK(json_check(j, (struct slice){ b.p, at }, &d) == 0);
		}
	buf_free(&b);
	json_free(j);
}

static void
test_tokens(void)
{
	static const char text[] = " {\"a\\n\": [1, \"x\\u0041\"], \"b\" :{} , \"c\":-1.50 }";
	static const struct {
		enum json_type type;
		const char *key, *text;
		size_t offset;
		bool key_escaped, escaped;
		unsigned depth;
	} want[] = {
		{ JSON_OBJECT, "", "", 1, false, false, 1 },
		{ JSON_ARRAY, "a\\n", "", 9, true, false, 2 },
		{ JSON_NUMBER, "", "1", 10, false, false, 2 },
		{ JSON_STRING, "", "x\\u0041", 13, false, true, 2 },
		{ JSON_CLOSE, "", "", 22, false, false, 1 },
		{ JSON_OBJECT, "b", "", 30, false, false, 2 },
		{ JSON_CLOSE, "", "", 31, false, false, 1 },
		{ JSON_NUMBER, "c", "-1.50", 39, false, false, 1 },
		{ JSON_CLOSE, "", "", 45, false, false, 0 },
		{ JSON_END, "", "", 46, false, false, 0 },
	};
	struct json *j = json_new();
	struct buf b = { 0 };
	struct json_token t;

	json_begin(j, padded(&b, text, sizeof text - 1, "]"));
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		CHECK(json_next(j, &t) == (want[i].type != JSON_END));
		CHECK(t.type == want[i].type);
		CHECK(slice_is(t.key, want[i].key));
		CHECK(slice_is(t.text, want[i].text));
		CHECK(t.key_escaped == want[i].key_escaped && t.escaped == want[i].escaped);
		CHECK(t.offset == want[i].offset);
		CHECK(json_depth(j) == want[i].depth);
	}
	CHECK(json_next(j, &t) == 0);
	buf_free(&b);
	json_free(j);
	json_free(NULL);
}

static void
test_refused_stays_refused(void)
{
	struct json *j = json_new();
	struct buf b = { 0 };
	struct json_token t;

	json_begin(j, padded(&b, "[1,x,2]", 7, "]"));
	CHECK(json_next(j, &t) == 1 && json_next(j, &t) == 1);
	for (int i = 0; i < 3; i++) {
		CHECK(json_next(j, &t) == -1);
		CHECK(slice_is(slice_of(json_diag(j)->rule), "json-syntax"));
		CHECK(json_diag(j)->offset == 3);
	}
	json_begin(j, padded(&b, "1", 1, "1"));
	CHECK(json_next(j, &t) == 1 && json_next(j, &t) == 0 && json_diag(j)->rule == NULL);
	buf_free(&b);
	json_free(j);
}

static void
test_skip(void)
{
	static const char text[] = "{\"a\":[1,[2],{}] , \"b\":{}, \"c\":3}";
	struct json *j = json_new();
	struct buf b = { 0 };
	struct json_token t;

	json_begin(j, padded(&b, text, sizeof text - 1, "]"));
	CHECK(json_next(j, &t) == 1 && json_next(j, &t) == 1 && t.type == JSON_ARRAY);
	CHECK(json_skip(j, &t) == 1 && slice_is(t.text, "[1,[2],{}]"));
	CHECK(slice_is(t.key, "a") && json_depth(j) == 1);
	CHECK(json_next(j, &t) == 1 && json_skip(j, &t) == 1 && slice_is(t.text, "{}"));
	CHECK(json_next(j, &t) == 1 && json_skip(j, &t) == 1 && slice_is(t.text, "3"));
	CHECK(json_next(j, &t) == 1 && json_next(j, &t) == 0);
	json_begin(j, padded(&b, "[[1,{]]", 7, "]"));
	CHECK(json_next(j, &t) == 1 && json_skip(j, &t) == -1 && json_diag(j)->offset == 5);
	json_begin(j, padded(&b, text, sizeof text - 1, "]"));
	CHECK(json_next(j, &t) == 1 && json_skip(j, &t) == 1 && slice_is(t.text, text));
	CHECK(json_next(j, &t) == 0);
	buf_free(&b);
	json_free(j);
}

static void
test_text(void)
{
	struct buf b = { 0 };
	struct slice raw =
	    SLICE("a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC\\uD83D\\ude00z");
	struct slice plain = SLICE("pl\xc3\xa9in");
	struct slice text = json_text(raw, true, &b);

	CHECK_BYTES(text.p, text.len, "a\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z");
	CHECK(json_text(plain, false, &b).p == plain.p);
	CHECK(json_text((struct slice){ raw.p, 0 }, true, &b).len == 0);
	buf_free(&b);
}

int
main(void)
{
	test_values();
	test_numbers();
	test_strings();
	test_places();
	test_depth();
	test_duplicates();
	test_many_members();
	test_many_scopes();
	test_many_alike();
	test_many_again();
	test_tokens();
	test_refused_stays_refused();
	test_skip();
	test_text();
	return check_done();
}
