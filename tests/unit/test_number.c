#include "check.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "random.h"
#include "json/scan.h"

/* Bit for bit, so that -0 is not 0. */
static bool
same(double a, double b)
{
	return memcmp(&a, &b, sizeof a) == 0;
}

static bool
reads_as(const char *text, double v)
{
	return same(json_double(slice_of(text)), v);
}

static void
test_double(void)
{
	CHECK(reads_as("0", 0.0));
	CHECK(reads_as("-0", -0.0));
	CHECK(reads_as("0.000e99999999999", 0.0));
	CHECK(reads_as("-0.0E-5", -0.0));
	CHECK(reads_as("445.730", 445.73));
	CHECK(reads_as("-1.5e3", -1500));
	CHECK(reads_as("9007199254740993", 9007199254740992));
	CHECK(reads_as("9007199254740992.99999999999999999999", 9007199254740992));
	CHECK(reads_as("9007199254740993.00000000000000000001", 9007199254740994));
	CHECK(reads_as("1e22", 1e22));
	CHECK(reads_as("1e23", 1e23));
	CHECK(reads_as("1e-23", 1e-23));
	CHECK(reads_as("123456789012345e-22", 123456789012345e-22));
	CHECK(reads_as("2.2250738585072011e-308", 2.2250738585072011e-308));
	CHECK(reads_as("5e-324", 5e-324));
	CHECK(reads_as("2.4703282292062327e-324", 0));
	CHECK(reads_as("2.4703282292062328e-324", 5e-324));
	CHECK(reads_as("1e-400", 0));
	CHECK(reads_as("-1e-9999999999999999999999", -0.0));
	CHECK(reads_as("1.7976931348623157e308", DBL_MAX));
	CHECK(reads_as("1.7976931348623158e308", DBL_MAX));
	CHECK(reads_as("1.7976931348623159e308", HUGE_VAL));
	CHECK(reads_as("-1e309", -HUGE_VAL));
	CHECK(reads_as("1e99999999999999999999", HUGE_VAL));
	CHECK(reads_as("0.00000000000000000000000000000000000000001e41", 1));
}

/* A thousand digits, the last of which decides. */
static void
test_long(void)
{
	struct buf b = { 0 };

	buf_str(&b, "9007199254740993.");
	for (int i = 0; i < 1000; i++)
		buf_byte(&b, '0');
	CHECK(same(json_double(buf_view(&b)), 9007199254740992));
	buf_byte(&b, '1');
	CHECK(same(json_double(buf_view(&b)), 9007199254740994));
	buf_reset(&b);
	buf_str(&b, "0.");
	for (int i = 0; i < 5000; i++)
		buf_byte(&b, '0');
	buf_str(&b, "25e5000");
	CHECK(same(json_double(buf_view(&b)), 0.25));
	buf_reset(&b);
	buf_byte(&b, '1');
	for (int i = 0; i < 5000; i++)
		buf_byte(&b, '0');
	buf_str(&b, "e-5001");
	CHECK(same(json_double(buf_view(&b)), 0.1));
	buf_free(&b);
}

static void
test_random(void)
{
	uint64_t seed = 1;
	char text[80];

	for (int i = 0; i < 200000; i++) {
		uint64_t bits = random_next(&seed);
		double v;

		memcpy(&v, &bits, sizeof v);
		if (!isfinite(v))
			continue;
		snprintf(text, sizeof text, "%.*e", (int)random_below(&seed, 20), v);
		CHECK(same(json_double(slice_of(text)), strtod(text, NULL)));
		v = (double)(int64_t)random_next(&seed) *
		    pow(10, -(double)random_below(&seed, 30));
		snprintf(text, sizeof text, "%.*f", (int)random_below(&seed, 22), v);
		CHECK(same(json_double(slice_of(text)), strtod(text, NULL)));
	}
}

static bool
is_integer(const char *text, int64_t want)
{
	int64_t v = 77;

	return json_integer(slice_of(text), &v) && v == want;
}

static bool
is_none(const char *text)
{
	int64_t v;

	return !json_integer(slice_of(text), &v);
}

static void
test_integer(void)
{
	char text[32];
	uint64_t seed = 3;

	CHECK(is_integer("0", 0) && is_integer("-0", 0) && is_integer("0.0e5", 0));
	CHECK(is_integer("3", 3) && is_integer("3.0", 3) && is_integer("1e3", 1000));
	CHECK(
	    is_integer("-12.50e1", -125) && is_integer("100e-2", 1) && is_integer("0.5e1", 5));
	CHECK(is_integer("9223372036854775807", INT64_MAX));
	CHECK(is_integer("-9223372036854775808", INT64_MIN));
	CHECK(is_integer("9223372036854775807.000", INT64_MAX));
	CHECK(is_integer("922337203685477580.7E+1", INT64_MAX));
	CHECK(is_integer("0.00000000000000000000001e23", 1));
	CHECK(is_none("9223372036854775808") && is_none("-9223372036854775809"));
	CHECK(is_none("18446744073709551616") && is_none("10000000000000000000"));
	CHECK(is_none("0.5") && is_none("1e-1") && is_none("12.34e1") && is_none("1e19"));
	CHECK(is_none("1e999999999999999999999") && is_none("1e-999999999999999999999"));
	CHECK(is_none("99999999999999999999999999999999999999"));
	for (int i = 0; i < 10000; i++) {
		int64_t v = (int64_t)random_next(&seed) >> random_below(&seed, 64);

		snprintf(text, sizeof text, "%" PRId64, v);
		CHECK(is_integer(text, v));
	}
}

int
main(void)
{
	test_double();
	test_long();
	test_random();
	test_integer();
	return check_done();
}
