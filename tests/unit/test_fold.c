/* Case folding against Python's tables; decimals against exact arithmetic. */
#include <stdlib.h>

#include "base/utf8.h"
#include "check.h"
#include "sigma/decimal.h"
#include "sigma/fold.h"

static void
test_ascii(void)
{
	char in[64 + 16] = { 0 }, out[128];

	for (int c = 0; c < 128; c++) {
		int want = c >= 'A' && c <= 'Z' ? c + 32 : c;

		memset(in, c, 64);
		for (size_t len = 1; len <= 40; len++) {
			CHECK(fold_text(out, (struct slice){ in, len }) == len);
			CHECK(out[0] == (char)want && out[len - 1] == (char)want);
		}
	}
}

static void
test_folds(const char *text, const char *want)
{
	struct buf in = { 0 };
	char out[256];
	size_t len;

	buf_str(&in, text);
	buf_add(&in, "################", 16);
	len = fold_text(out, (struct slice){ in.p, strlen(text) });
	CHECK(slice_eq((struct slice){ out, len }, slice_of(want)));
	CHECK(len <= fold_room(strlen(text)));
	buf_free(&in);
}

/* Folding is done in one step: what is folded folds to itself, and to one character. */
static void
test_all(void)
{
	unsigned changed = 0;

	for (uint32_t c = 0; c <= 0x10FFFF; c++) {
		changed += fold_char(c) != c;
		CHECK(fold_char(fold_char(c)) == fold_char(c));
	}
	CHECK(changed > 1300 && changed < 1600);
}

static void
test_compare(const char *a, const char *b, int want)
{
	struct decimal x, y;

	CHECK(decimal_get(slice_of(a), &x) && decimal_get(slice_of(b), &y));
	CHECK(decimal_cmp(&x, &y) == want && decimal_cmp(&y, &x) == -want);
}

static void
test_common(const char *text, const char *want)
{
	struct decimal d;
	struct buf b = { 0 };

	CHECK(decimal_get(slice_of(text), &d));
	decimal_put(&b, &d);
	CHECK(slice_is(buf_view(&b), want));
	CHECK(!decimal_plain(slice_of(text)) || strcmp(text, want) == 0);
	buf_free(&b);
}

static void
test_decimals(void)
{
	static const char *const none[] = { "", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x1",
		" 1", "1 ", "--1", "1.5.2", "Infinity", "NaN", "1e1.5" };
	struct decimal d;

	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		CHECK(!decimal_get(slice_of(none[i]), &d));
	test_compare("1", "2", -1);
	test_compare("10", "9.999999999999999999999999", 1);
	test_compare("-1", "1", -1);
	test_compare("-2", "-1", -1);
	test_compare("0", "-0.000e9", 0);
	test_compare("1e2", "100.0", 0);
	test_compare("12345678901234567890123456789", "12345678901234567890123456788", 1);
	test_compare("0.1", "0.10000000000000000000000000001", -1);
	test_compare("1e-400", "0", 1);
	test_compare("1e999999999999", "1e5", 1);
	test_common("100", "100");
	test_common("1e2", "100");
	test_common("-0.50", "-5e-1");
	test_common("0.0", "0");
	test_common("-12", "-12");
	test_common("99999999999999999999", "99999999999999999999");
}

int
main(void)
{
	test_ascii();
	test_folds("ÀÉÎ ΣΊΣΥΦΟΣ ЖУК", "àéî σίσυφοσ жук");
	test_folds("straße STRAẞE", "straße straße");
	test_folds(
	    "\xE2\x84\xAA\xC8\xBA", "k\xE2\xB1\xA5"); /* the Kelvin sign; one that grows */
	test_folds("İI", "İi");
	test_folds("a\xFF\xFEZ", "a\xFF\xFEz");
	test_all();
	test_decimals();
	return check_done();
}
