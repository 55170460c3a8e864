#include "check.h"

#include <stdlib.h>

#include "python.h"
#include "random.h"
#include "json/canon.h"

/* The canonical form of text, or of the rule it is refused by "rule at offset". */
static struct slice
canon(struct json *j, struct slice text, struct buf *out)
{
	struct buf padded = { 0 };
	struct diag d = { NULL, 0 };

	buf_slice(&padded, text);
	memset(buf_reserve(&padded, JSON_PADDING), '1', JSON_PADDING);
	buf_reset(out);
	buf_str(out, "<");
	if (json_canon(j, (struct slice){ padded.p, text.len }, out, &d) != 0)
		buf_printf(out, "%s at %zu", d.rule, d.offset);
	buf_free(&padded);
	return (struct slice){ out->p + 1, out->len - 1 };
}

static bool
becomes(const char *text, const char *want)
{
	struct json *j = json_new();
	struct buf out = { 0 };
	struct slice got = canon(j, slice_of(text), &out);
	bool right = slice_is(got, want);

	if (!right)
		printf("# %s: %.*s\n", text, (int)got.len, got.p);
	buf_free(&out);
	json_free(j);
	return right;
}

static void
test_values(void)
{
	CHECK(
	    becomes(" null ", "null") && becomes("true", "true") && becomes("false", "false"));
	CHECK(becomes("[]", "[]") && becomes("{ }", "{}") &&
	    becomes("[ 1,[2 ],{}]", "[1, [2], {}]"));
	CHECK(becomes(
	    "{\"b\":1,\"a\":{\"d\":[],\"c\":2}}", "{\"a\": {\"c\": 2, \"d\": []}, \"b\": 1}"));
	CHECK(
	    becomes("\"\\/\\u0041\xc3\xa9\\n\\u001f\x7f\"", "\"/A\\u00e9\\n\\u001f\\u007f\""));
	/* By code points: U+FFFF before U+1F600, which UTF-16 would have the other way. */
	CHECK(becomes(
	    "{\"\xf0\x9f\x98\x80\":1,\"\\uffff\":2,\"\":3,\"aa\":4,\"a\":5,\"\\u0061b\":6}",
	    "{\"\": 3, \"a\": 5, \"aa\": 4, \"ab\": 6, \"\\uffff\": 2, \"\\ud83d\\ude00\": "
	    "1}"));
}

static void
test_numbers(void)
{
	CHECK(becomes("-0", "0") && becomes("-0.0", "-0.0") && becomes("0e5", "0.0"));
	CHECK(becomes("12345678901234567890123456789012345678901234567890",
	    "12345678901234567890123456789012345678901234567890"));
	CHECK(
	    becomes("1.0", "1.0") && becomes("1e3", "1000.0") && becomes("445.730", "445.73"));
	CHECK(becomes("1e15", "1000000000000000.0") && becomes("1e16", "1e+16"));
	CHECK(becomes("1234567890123456.7", "1234567890123456.8"));
	CHECK(becomes("0.0001", "0.0001") && becomes("0.00001", "1e-05"));
	CHECK(becomes("-1.5e-7", "-1.5e-07") && becomes("1e100", "1e+100"));
	CHECK(becomes("1e-400", "0.0") && becomes("-1e-400", "-0.0"));
	CHECK(becomes("[1, 1e400]", "range at 4") && becomes("-1E400", "range at 0"));
}

static void
test_refused(void)
{
	CHECK(becomes("[1,]", "json-syntax at 3"));
	CHECK(becomes("{\"a\":1,\"\\u0061\":2}", "json-duplicate at 7"));
	CHECK(becomes("[1e400, x]", "json-syntax at 8"));
}

static void
put_random_string(struct buf *b, uint64_t *seed)
{
	static const char *const parts[] = { "a", "b", "key", "\\n", "\\\"", "\\\\", "\\/",
		"\\u00e9", "\xc3\xa9", "\\ud83d\\ude00", "\xf0\x9f\x98\x80", "\\uffff", "\x7f",
		"\\u001f", "0123456789abcdefghijk", " " };

	buf_byte(b, '"');
	for (uint64_t n = random_below(seed, 5); n > 0; n--)
		buf_str(b, parts[random_below(seed, sizeof parts / sizeof parts[0])]);
	buf_byte(b, '"');
}

static void
put_random_number(struct buf *b, uint64_t *seed)
{
	uint64_t r = random_next(seed) >> random_below(seed, 63);

	if (random_below(seed, 4) == 0)
		buf_byte(b, '-');
	buf_printf(b, "%llu", (unsigned long long)r);
	if (r > 0 && random_below(seed, 8) == 0)
		buf_printf(b, "%020llu", (unsigned long long)random_next(seed));
	if (random_below(seed, 2) == 0)
		buf_printf(b, ".%0*llu", (int)random_below(seed, 12),
		    (unsigned long long)random_below(seed, 100000));
	if (random_below(seed, 3) == 0)
		buf_printf(
		    b, "%c%s%llu", "eE" [random_below(seed, 2)],
		    (const char *[]) { "", "+", "-" }[random_below(seed, 3)],
		    (unsigned long long)random_below(
			seed, random_below(seed, 2) == 0 ? 25 : 280));
}

static void
put_random(struct buf *b, uint64_t *seed, unsigned depth)
{
	static const char *const gaps[] = { "", "", " ", "\t" };
	uint64_t kind = random_below(seed, depth < 5 ? 10 : 6);
	bool object = kind >= 8;

	buf_str(b, gaps[random_below(seed, 4)]);
	if (kind < 3) {
		put_random_number(b, seed);
	} else if (kind < 5) {
		put_random_string(b, seed);
	} else if (kind < 6) {
		buf_str(b, (const char *[]){ "true", "false", "null" }[random_below(seed, 3)]);
	} else {
		buf_byte(b, object ? '{' : '[');
		for (uint64_t i = 0, n = random_below(seed, depth == 0 ? 40 : 7); i < n; i++) {
			if (i > 0)
				buf_byte(b, ',');
			if (object) {
				put_random_string(b, seed);
				buf_str(b, gaps[random_below(seed, 4)]);
				buf_byte(b, ':');
			}
			put_random(b, seed, depth + 1);
		}
		buf_byte(b, object ? '}' : ']');
	}
	buf_str(b, gaps[random_below(seed, 4)]);
}

/* Python refuses what we do: members given twice, numbers beyond a double. */
static const char script[] =
    "import json, sys\n"
    "class Twice(Exception): pass\n"
    "def once(pairs):\n"
    " if len(dict(pairs)) < len(pairs): raise Twice\n"
    " return dict(pairs)\n"
    "for l in sys.stdin.buffer:\n"
    " try:\n"
    "  s = json.dumps(json.loads(l, object_pairs_hook=once), sort_keys=True)\n"
    "  print(\"range\" if \"Infinity\" in s else s)\n"
    " except Twice: print(\"json-duplicate\")\n";

static void
test_random(void)
{
	struct buf texts = { 0 }, python = { 0 }, out = { 0 }, again = { 0 };
	struct json *j = json_new();
	struct slice t, p, text, answer;
	uint64_t seed = 11;
	size_t accepted = 0;
	int oracle;

	for (int i = 0; i < 20000; i++) {
		put_random(&texts, &seed, 0);
		buf_byte(&texts, '\n');
	}
	CHECK((oracle = python_answers(script, buf_view(&texts), &python)) >= 0);
	t = buf_view(&texts);
	p = buf_view(&python);
	while (slice_cut(&t, '\n', &text)) {
		struct slice got = canon(j, text, &out);
		const char *at = memmem(got.p, got.len, " at ", 4);

		if (at != NULL) {
			got.len = (size_t)(at - got.p);
		} else {
			CHECK(slice_eq(canon(j, got, &again), got));
			accepted++;
		}
		if (oracle == 1 &&
		    !CHECK(slice_cut(&p, '\n', &answer) && slice_eq(got, answer)))
			printf("# %.*s\n# ours   %.*s\n# Python %.*s\n", (int)text.len, text.p,
			    (int)got.len, got.p, (int)answer.len, answer.p);
	}
	CHECK(p.len == 0);
	CHECK(accepted > 3000);
	buf_free(&texts);
	buf_free(&python);
	buf_free(&out);
	buf_free(&again);
	json_free(j);
}

int
main(void)
{
	test_values();
	test_numbers();
	test_refused();
	test_random();
	return check_done();
}
