/* Between text and libjq's values: the same as libjq's own reader and writer make of them. */
#include "check.h"

#include "random.h"
#include "json/value.h"

static uint64_t seed = 11;

static const char *
pick(const char *const *from, size_t n)
{
	return from[random_below(&seed, n)];
}

static void
some_string(struct buf *b)
{
	static const char *const parts[] = { "a", "\\n", "\\\"", "\\\\", "\\/", "\\u007f",
		"\\u0001", "\x7f", "\xc3\xa9", "\\ud83d\\ude00", "\xf0\x9f\x98\x80", "\\uffff",
		"\xef\xbf\xbf", "0123456789abcdef0123456789abcdef", " ", "" };

	buf_byte(b, '"');
	for (uint64_t n = random_below(&seed, 4); n > 0; n--)
		buf_str(b, pick(parts, sizeof parts / sizeof parts[0]));
	buf_byte(b, '"');
}

static void
some_value(struct buf *b, unsigned depth)
{
	static const char *const plain[] = { "null", "true", "false", "0", "-0", "-1", "12",
		"1.50", "1e3", "1E-7", "9007199254740992", "-9007199254740992", "0.1", "1e20",
		"1e17", "123456789012.5", "4e-320", "1.7976931348623157e308", "-0.0", "0e5" };
	uint64_t n = random_below(&seed, 6), kind = random_below(&seed, depth > 5 ? 2 : 4);

	if (kind == 0)
		some_string(b);
	if (kind == 1)
		buf_str(b, pick(plain, sizeof plain / sizeof plain[0]));
	if (kind < 2)
		return;
	buf_byte(b, kind == 2 ? '[' : '{');
	for (uint64_t i = 0; i < n; i++) {
		if (kind == 3)
			buf_printf(b, " \"%c\\u00e9%d\" :", 'a' + (int)(i * 7 % 5), (int)i);
		some_value(b, depth + 1);
		buf_str(b, i + 1 < n ? " ,\t" : "");
	}
	buf_byte(b, kind == 2 ? ']' : '}');
}

int
main(void)
{
	struct buf text = { 0 }, scratch = { 0 }, out = { 0 };
	struct json *j = json_new();
	struct diag d;
	jv v, want, back, dumped;

	for (int i = 0; i < 5000; i++) {
		buf_reset(&text);
		buf_reset(&out);
		some_value(&text, 0);
		memset(buf_reserve(&text, JSON_PADDING), '1', JSON_PADDING);
		if (!CHECK(value_get(j, buf_view(&text), &scratch, &v, &d) == 0))
			break;
		want = jv_parse_sized(text.p, (int)text.len);
		CHECK(jv_equal(jv_copy(v), jv_copy(want)));
		CHECK(value_put(v, &out));
		/* members in libjq's order, strings and numbers that say the same */
		back = jv_parse_sized(out.p, (int)out.len);
		dumped = jv_dump_string(back, 0);
		want = jv_dump_string(want, 0);
		if (!CHECK(jv_equal(jv_copy(dumped), jv_copy(want))))
			printf("# %s\n# %s\n", buf_cstr(&text), buf_cstr(&out));
		jv_free(dumped);
		jv_free(want);
		jv_free(v);
	}
	json_free(j);
	buf_free(&text);
	buf_free(&scratch);
	buf_free(&out);
	return check_done();
}
