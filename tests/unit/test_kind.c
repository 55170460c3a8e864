/* The grammars of values, at their edges. */
#include "event/kind.h"

#include "base/mem.h"
#include "check.h"
#include "event/unicode.h"

static struct slice
times(const char *s, size_t n, struct buf *b)
{
	buf_reset(b);
	for (size_t i = 0; i < n; i++)
		buf_str(b, s);
	return buf_view(b);
}

static bool
token(const char *s)
{
	return kind_token(slice_of(s), NULL);
}

static bool
label(const char *s)
{
	return kind_label(slice_of(s), NULL);
}

static bool
path(const char *s)
{
	return kind_path(slice_of(s));
}

static void
test_token(void)
{
	struct buf b = { 0 };
	bool plain;

	CHECK(token("a") && token("9") && token("._:/@+-#~='\\|$"));
	CHECK(!token("") && !token(" a") && !token("a b") && !token("a\tb"));
	for (const char *p = "!\"%&()*,;<>?[]^`{}\x7f\x01"; *p != '\0'; p++)
		CHECK(!token((char[]){ 'a', *p, '\0' }));
	CHECK(token("m\xc3\xbcller") && token("\xe6\x82\xa3") && token("e\xcc\x81"));
	CHECK(token("\xf0\x90\x8d\x88"));  /* U+10348, Gothic */
	CHECK(!token("\xd9\xa3"));         /* U+0663, a digit */
	CHECK(!token("\xe2\x85\xa7"));     /* U+2167, a numeral */
	CHECK(!token("\xf0\x9f\x98\x80")); /* an emoji */
	CHECK(!token("a\xc2\xa0"
		     "b")); /* no-break space */
	CHECK(!token("\xff") && !token("\xc3") && !token("a\xc0\x80"));
	CHECK(kind_token(times("a", 128, &b), NULL) && !kind_token(times("a", 129, &b), NULL));
	CHECK(kind_token(times("\xc3\xbc", 128, &b), NULL));
	CHECK(!kind_token(times("\xc3\xbc", 129, &b), NULL));
	CHECK(kind_token(times("\xf0\x90\x8d\x88", 128, &b), NULL));
	CHECK(kind_token(SLICE("abc"), &plain) && plain);
	CHECK(kind_token(SLICE("a\\c"), &plain) && !plain);
	CHECK(kind_token(SLICE("a\xc3\xbc"), &plain) && !plain);
	buf_free(&b);
}

static void
test_label(void)
{
	struct buf b = { 0 };

	CHECK(label("nurse") && label("on call nurse") && label("a b c d"));
	CHECK(!label("a b c d e") && !label("a  b") && !label(" a") && !label("a ") &&
	    !label(""));
	CHECK(!label("a\tb") &&
	    !label("a\xc2\xa0"
		   "b"));
	CHECK(kind_label(times("a", 64, &b), NULL) && !kind_label(times("a", 65, &b), NULL));
	CHECK(kind_label(times("a ", 1, &b), NULL) == false);
	times("a", 62, &b);
	buf_str(&b, " b");
	CHECK(kind_label(buf_view(&b), NULL));
	buf_str(&b, "b");
	CHECK(!kind_label(buf_view(&b), NULL));
	CHECK(kind_word(SLICE("ai_prompt"), NULL) && !kind_word(SLICE("ai prompt"), NULL));
	buf_free(&b);
}

static void
test_path(void)
{
	struct buf b = { 0 };

	CHECK(path("name") && path("Observation.valueQuantity") && path("a_1.b2"));
	CHECK(path("Observation.value[x]") && path("a.b[x].c") && !path("value[x]"));
	CHECK(!path("") && !path(".") && !path("a.") && !path(".a") && !path("a..b"));
	CHECK(!path("1a") && !path("_a") && !path("a.1") && !path("a b") && !path("a-b"));
	CHECK(!path("a.b[y]") && !path("a.b[x") && !path("a.b[x]c") && !path("a.b[x][x]"));
	CHECK(!path("n\xc3\xa4me"));
	CHECK(kind_path(times("a", 128, &b)) && !kind_path(times("a", 129, &b)));
	buf_free(&b);
}

static void
test_ip(void)
{
	CHECK(kind_ip(SLICE("10.0.0.1")) && kind_ip(SLICE("::")) &&
	    kind_ip(SLICE("2001:DB8::1")));
	CHECK(kind_ip(SLICE("::ffff:1.2.3.4")));
	CHECK(!kind_ip(SLICE("")) && !kind_ip(SLICE("10.0.0")) && !kind_ip(SLICE("256.1.1.1")));
	CHECK(!kind_ip(SLICE("fe80::1%eth0")) && !kind_ip(SLICE("[::1]")));
	CHECK(!kind_ip(SLICE("10.0.0.1:80")) && !kind_ip(SLICE(" 10.0.0.1")));
	CHECK(!kind_ip(SLICE("10.0.0.1\0")) && !kind_ip(SLICE("010.0.0.1")));
}

static bool
utc(const char *given, const char *wanted)
{
	struct buf b = { 0 };
	bool same = kind_time(slice_of(given), &b) && slice_is(buf_view(&b), wanted);

	buf_free(&b);
	return same;
}

static bool
time_fits(const char *s)
{
	struct buf b = { 0 };
	bool fits = kind_time(slice_of(s), &b);

	buf_free(&b);
	return fits;
}

static void
test_time(void)
{
	CHECK(utc("2026-01-05T08:00:00Z", "2026-01-05T08:00:00Z"));
	CHECK(utc("2026-01-05t08:00:00.50z", "2026-01-05T08:00:00.50Z"));
	CHECK(utc("2026-01-05T08:00:00.123456789+01:30", "2026-01-05T06:30:00.123456789Z"));
	CHECK(utc("2026-01-05T08:00:00.100-00:00", "2026-01-05T08:00:00.100Z"));
	CHECK(utc("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"));
	CHECK(!time_fits("2026-01-05T08:00:00") && !time_fits("2026-01-05T24:00:00Z"));
	CHECK(!time_fits("2026-01-05T08:00:60Z") && !time_fits("2026-01-05 08:00:00Z"));
	CHECK(!time_fits("2026-02-29T00:00:00Z") &&
	    !time_fits("2026-01-05T08:00:00.1234567890Z"));
	CHECK(
	    !time_fits("9999-12-31T23:59:59-00:01") && !time_fits("0000-01-01T00:00:00+00:01"));
	CHECK(!time_fits("") && !time_fits("now"));
}

static void
test_unicode(void)
{
	CHECK(unicode_letter(0xaa) && unicode_letter(0xe9) && unicode_letter(0x30a4));
	CHECK(!unicode_letter('a') && !unicode_letter(0xd7) && !unicode_letter(0x10ffff));
	for (size_t i = 1; i < unicode_letters_count; i++)
		CHECK(unicode_letters[i - 1].last + 1 < unicode_letters[i].first);
	for (uint32_t c = 0; c < 0x20; c++)
		CHECK(unicode_unseen(c));
	CHECK(unicode_unseen(0x7f) && unicode_unseen(0x85) && unicode_unseen(0x200b));
	CHECK(unicode_unseen(0x202e) && unicode_unseen(0x2066) && unicode_unseen(0xfeff));
	CHECK(unicode_unseen(0x61c) && unicode_unseen(0xe0041) && unicode_unseen(0xfe0f));
	CHECK(!unicode_unseen(' ') && !unicode_unseen(0xa0) && !unicode_unseen(0x301));
}

int
main(void)
{
	test_token();
	test_label();
	test_path();
	test_ip();
	test_time();
	test_unicode();
	return check_done();
}
