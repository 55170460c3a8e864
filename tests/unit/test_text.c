/* slice, buf, codec, map: the small things, at their edges. */
#include "base/buf.h"
#include "base/codec.h"
#include "base/map.h"
#include "check.h"

static void
slices(void)
{
	struct slice rest = SLICE("a,,b"), part;
	unsigned long long v;

	CHECK(slice_cut(&rest, ',', &part) && slice_is(part, "a"));
	CHECK(slice_cut(&rest, ',', &part) && part.len == 0);
	CHECK(!slice_cut(&rest, ',', &part) && slice_is(part, "b") && rest.len == 0);
	CHECK(slice_cmp(SLICE("a"), SLICE("ab")) < 0 && slice_cmp(SLICE("b"), SLICE("ab")) > 0);
	CHECK(slice_u64(SLICE("18446744073709551615"), ~0ULL, &v) == 0 && v == ~0ULL);
	CHECK(slice_u64(SLICE("18446744073709551616"), ~0ULL, &v) == -1);
	CHECK(slice_u64(SLICE("01"), 9, &v) == -1 && slice_u64(SLICE(""), 9, &v) == -1);
	CHECK(slice_u64(SLICE("10"), 9, &v) == -1 && slice_u64(SLICE("+1"), 9, &v) == -1);
}

static void
codecs(void)
{
	/* RFC 4648 section 10. */
	static const char *const pairs[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" } };
	static const char *const wrong[] = { "Zg=", "Zg",
		"Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm 9v", "Zm9v\n", "Zm-_" };
	struct buf b = { 0 };
	unsigned char raw[2];

	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		buf_reset(&b);
		base64_put(&b, pairs[i][0], strlen(pairs[i][0]));
		CHECK(slice_is(buf_view(&b), pairs[i][1]));
		buf_reset(&b);
		CHECK(base64_get(slice_of(pairs[i][1]), &b) == 0);
		CHECK(slice_is(buf_view(&b), pairs[i][0]));
	}
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		buf_reset(&b);
		buf_str(&b, "kept");
		CHECK(
		    base64_get(slice_of(wrong[i]), &b) == -1 && slice_is(buf_view(&b), "kept"));
	}
	CHECK(hex_get(SLICE("00fF"), raw, 2) == 0 && raw[0] == 0 && raw[1] == 255);
	CHECK(hex_get(SLICE("00f"), raw, 2) == -1 && hex_get(SLICE("00fg"), raw, 2) == -1);
	buf_reset(&b);
	hex_put(&b, "\x01\xab", 2);
	CHECK(slice_is(buf_view(&b), "01ab"));
	buf_free(&b);
}

static void
maps(void)
{
	struct map *m = map_new();
	char key[16];
	bool added;

	for (uint32_t i = 0; i < 5000; i++) {
		int n = snprintf(key, sizeof key, "key%u", i);

		CHECK(map_add(m, (struct slice){ key, (size_t)n }, &added) == i && added);
	}
	CHECK(map_add(m, SLICE("key77"), &added) == 77 && !added);
	CHECK(
	    map_find(m, SLICE("key4999")) == 4999 && map_find(m, SLICE("key5000")) == MAP_NONE);
	CHECK(slice_is(map_key(m, 123), "key123") && map_count(m) == 5000);
	CHECK(map_add(m, SLICE(""), NULL) == 5000 && map_find(m, SLICE("")) == 5000);
	map_clear(m);
	CHECK(map_count(m) == 0 && map_find(m, SLICE("key77")) == MAP_NONE);
	map_free(m);
	map_free(NULL);
}

static void
bufs(void)
{
	struct buf b = { .secret = true };

	for (int i = 0; i < 300; i++)
		buf_byte(&b, 'x');
	buf_printf(&b, "%d", 42);
	CHECK(b.len == 302 && slice_ends(buf_view(&b), SLICE("x42")) &&
	    buf_cstr(&b)[302] == '\0');
	buf_reset(&b);
	CHECK(b.len == 0 && b.p[0] == 0 && b.p[301] == 0);
	buf_free(&b);
}

int
main(void)
{
	slices();
	codecs();
	maps();
	bufs();
	return check_done();
}
