#include "base/instant.h"
#include "check.h"

/* text as UTC with its own number of digits, or "refused". */
static const char *
utc(const char *text)
{
	static struct buf b;
	struct instant t;
	unsigned digits;

	buf_reset(&b);
	if (instant_get(slice_of(text), &t, &digits) == -1)
		return "refused";
	instant_put(&b, t, digits);
	return buf_cstr(&b);
}

static void
years_beyond_four_digits(void)
{
	static const struct {
		int64_t s;
		const char *text;
	} cases[] = {
		{ INT64_C(-62167219200), "0000-01-01T00:00:00Z" },
		{ INT64_C(-62167219201), "-000001-12-31T23:59:59Z" },
		{ INT64_C(253402300799), "9999-12-31T23:59:59Z" },
		{ INT64_C(253402300800), "+010000-01-01T00:00:00Z" },
		{ INT64_C(-9223372036854000000), "-292277022657-02-05T08:00:00Z" },
	};
	struct buf b = { 0 };

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		buf_reset(&b);
		instant_put(&b, (struct instant){ cases[i].s, 0 }, 0);
		CHECK(strcmp(buf_cstr(&b), cases[i].text) == 0);
	}
	buf_free(&b);
}

static void
times(void)
{
	static const char *const pairs[][2] = {
		{ "1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.52Z" }, /* RFC 3339 5.8 */
		{ "1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57Z" },  /* RFC 3339 5.8 */
		{ "1937-01-01T12:00:27.87+00:20",
		    "1937-01-01T11:40:27.87Z" }, /* RFC 3339 5.8 */
		{ "2024-02-29t00:00:00z", "2024-02-29T00:00:00Z" },
		{ "2026-11-24T09:00:00.123456789+05:30", "2026-11-24T03:30:00.123456789Z" },
		{ "1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z" },
		{ "0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z" },
		{ "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z" },
		{ "2026-11-24T09:00:00-00:00", "2026-11-24T09:00:00Z" },
		{ "9999-12-31T23:59:59-00:01", "refused" },
		{ "0000-01-01T00:00:00+00:01", "refused" },
		{ "1990-12-31T23:59:60Z", "refused" },
		{ "2026-11-24T24:00:00Z", "refused" },
		{ "2025-02-29T00:00:00Z", "refused" },
		{ "2026-13-01T00:00:00Z", "refused" },
		{ "2026-00-01T00:00:00Z", "refused" },
		{ "2026-11-24T09:00:00", "refused" },
		{ "2026-11-24 09:00:00Z", "refused" },
		{ "2026-11-24T09:00:00.Z", "refused" },
		{ "2026-11-24T09:00:00.1234567890Z", "refused" },
		{ "2026-11-24T09:00:00+24:00", "refused" },
		{ "2026-11-24T09:00:00+0100", "refused" },
		{ "2026-11-24T09:00:00Z ", "refused" },
		{ "2026-11-24T09:00:0 Z", "refused" },
		{ "+026-11-24T09:00:00Z", "refused" },
		{ "", "refused" },
	};

	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		if (!CHECK(strcmp(utc(pairs[i][0]), pairs[i][1]) == 0))
			printf("# %s gave %s\n", pairs[i][0], utc(pairs[i][0]));
}

static void
calendar(void)
{
	struct civil c;
	int64_t day = civil_days(0, 1, 1);

	for (int64_t end = civil_days(9999, 12, 31); day <= end; day += 13) {
		c = instant_civil((struct instant){ day * 86400 + 86399, 0 });
		CHECK(civil_days(c.year, c.month, c.day) == day && c.hour == 23 &&
		    c.second == 59);
	}
	CHECK(civil_days(1970, 1, 1) == 0 && civil_days(2000, 1, 3) == 10959);
}

static void
spans(void)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: refused */
	} cases[] = { { "90s", 90 }, { "15m", 900 }, { "24h", 86400 }, { "7d", 604800 },
		{ "2w", 1209600 }, { "6y", 2192 * 86400LL }, { "1y", 366 * 86400LL },
		{ "4y", 1461 * 86400LL }, { "0s", 0 }, { "PT1H", 3600 },
		{ "P1DT2H3M4S", 93784 }, { "P6Y", 2192 * 86400LL }, { "P1W", 604800 },
		{ "PT90M", 5400 }, { "P1M", -1 }, { "P", -1 }, { "PT", -1 }, { "P1DT", -1 },
		{ "PT1S2H", -1 }, { "pt1h", -1 }, { "PT1h", -1 }, { "1", -1 }, { "h", -1 },
		{ "", -1 }, { "-1h", -1 }, { "1.5h", -1 }, { "1h ", -1 },
		{ "9223372036854775807d", -1 }, { "99999999999999999999s", -1 } };
	int64_t s;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int r = span_get(slice_of(cases[i].text), &s);

		if (!CHECK(cases[i].seconds == -1 ? r == -1 : r == 0 && s == cases[i].seconds))
			printf("# %s\n", cases[i].text);
	}
}

static void
whens(void)
{
	struct instant now = { 1000000, 5 }, t;

	CHECK(when_get(SLICE("1h"), now, &t) == 0 && t.s == 996400 && t.ns == 5);
	CHECK(when_get(SLICE("1970-01-01T00:00:01Z"), now, &t) == 0 && t.s == 1 && t.ns == 0);
	CHECK(when_get(SLICE("yesterday"), now, &t) == -1);
}

int
main(void)
{
	times();
	years_beyond_four_digits();
	calendar();
	spans();
	whens();
	return check_done();
}
