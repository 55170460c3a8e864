/* Manifests: one form, and every byte of it counts. */
#include "check.h"

#include <stdlib.h>

#include "base/mem.h"
#include "log/manifest.h"

#define HEX_A "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HEX_B "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

static const char text[] =
    "{\"manifest\": \"audit-hash/1\", \"origin\": \"example.com/log\", "
    "\"segment\": \"audit \\\"a\\\\b\\\".jsonl-000000000010-000000000019\", "
    "\"first_entry\": 10, \"last_entry\": 19, \"bytes\": 4321, \"sha256\": \"" HEX_A "\", "
    "\"head\": \"example.com/log\\n20\\nroot\\n\\n\xe2\x80\x94 example.com/log AAAA\\n\", "
    "\"sealed_at\": \"2026-11-24T13:00:00Z\", \"retain_until\": \"2032-11-24T13:00:00Z\", "
    "\"compression\": \"zstd\", \"encryption\": \"cms\", \"parts\": ["
    "{\"file\": \"audit \\\"a\\\\b\\\".jsonl-000000000010-000000000019.zst.cms.001\", "
    "\"bytes\": 1000, \"sha256\": \"" HEX_A "\"}, "
    "{\"file\": \"audit \\\"a\\\\b\\\".jsonl-000000000010-000000000019.zst.cms.002\", "
    "\"bytes\": 7, \"sha256\": \"" HEX_B "\"}]}\n";

static void
reads(void)
{
	struct manifest m;
	struct buf b = { 0 };

	CHECK(manifest_get(SLICE(text), &m, NULL) == 0);
	CHECK(slice_is(m.origin, "example.com/log"));
	CHECK(slice_is(m.segment, "audit \"a\\b\".jsonl-000000000010-000000000019"));
	CHECK(m.first == 10 && m.last == 19 && m.bytes == 4321 && m.sha256.b[1] == 0x11);
	CHECK(slice_ends(m.head, SLICE("\n\n\xe2\x80\x94 example.com/log AAAA\n")));
	CHECK(m.sealed_at == 1795525200);
	CHECK(manifest_retain_until(&m) == 1795525200 + INT64_C(2192) * 86400);
	CHECK(m.compression == MANIFEST_ZSTD && m.encrypted && m.parts == 2);
	CHECK(m.part[1].bytes == 7 && m.part[1].sha256.b[0] == 0xff);
	manifest_put(&b, &m);
	CHECK_BYTES(b.p, b.len, text);
	buf_reset(&b);
	manifest_line_put(&b, &m, &m.sha256);
	CHECK_BYTES(b.p, b.len,
	    "{\"log_event\": \"seal\", \"first_entry\": 10, \"last_entry\": 19, "
	    "\"manifest_sha256\": \"" HEX_A "\"}\n");
	buf_free(&b);
	manifest_free(&m);
}

/* No other text says the same: what is changed is refused, or says something else. */
static void
bends(void)
{
	char *bent = xstrdup(text);
	size_t len = sizeof text - 1, taken = 0;
	struct manifest m;

	for (size_t bit = 0; bit < 8 * len; bit++) {
		struct buf again = { 0 };

		bent[bit / 8] ^= (char)(1 << bit % 8);
		if (manifest_get((struct slice){ bent, len }, &m, NULL) == 0) {
			manifest_put(&again, &m);
			CHECK(slice_eq(buf_view(&again), (struct slice){ bent, len }));
			taken++;
		}
		manifest_free(&m);
		buf_free(&again);
		bent[bit / 8] ^= (char)(1 << bit % 8);
	}
	CHECK(taken > 0);
	for (size_t cut = 0; cut < len; cut++) {
		CHECK(manifest_get((struct slice){ text, cut }, &m, NULL) == -1);
		manifest_free(&m);
	}
	free(bent);
}

/* Replace from by to in the text; is it still a manifest? */
static bool
with(const char *from, const char *to)
{
	const char *at = strstr(text, from);
	struct buf b = { 0 };
	struct manifest m;
	struct diag d = { NULL, 0 };
	bool ok;

	CHECK(at != NULL);
	buf_add(&b, text, (size_t)(at - text));
	buf_str(&b, to);
	buf_str(&b, at + strlen(from));
	ok = manifest_get(buf_view(&b), &m, &d) == 0;
	CHECK(ok == (d.rule == NULL));
	manifest_free(&m);
	buf_free(&b);
	return ok;
}

static void
refuses(void)
{
	CHECK(with("4321", "4322"));
	CHECK(!with("4321", "04321"));
	CHECK(!with("4321", "-1"));
	CHECK(!with("4321", "9223372036854775808"));
	CHECK(!with("hash/1", "hash/2"));
	CHECK(!with("\"first_entry\": 10", "\"first_entry\": 9"));
	CHECK(!with("\"last_entry\": 19", "\"last_entry\": 20"));
	CHECK(!with(", \"bytes\"", ",\"bytes\""));
	CHECK(!with("]}\n", "]}"));
	CHECK(!with("]}\n", "]}\n\n"));
	CHECK(!with("]}\n", "], \"more\": 1}\n"));
	CHECK(!with("\"retain_until\": \"2032-11-24T13:00:00Z\"",
	    "\"retain_until\": \"2027-11-24T13:00:00Z\""));
	CHECK(!with("\"sealed_at\": \"2026-11-24T13:00:00Z\"",
	    "\"sealed_at\": \"2026-11-24T14:00:00+01:00\""));
	CHECK(!with("\"encryption\": \"cms\"", "\"encryption\": null"));
	CHECK(!with(".cms.002", ".cms.003"));
	CHECK(!with(".cms.002", ".cms.002/../../etc/passwd"));
	CHECK(!with("\"origin\": \"e", "\"origin\": \"\\u0065"));
	CHECK(!with("\"origin\": \"example.com/log\"", "\"origin\": \"\""));
	CHECK(!with("\"" HEX_B, "\"" HEX_A HEX_B));
	CHECK(!with("ffeedd", "FFEEDD"));
}

static void
names(void)
{
	static const char *const bad[] = { "", ".manifest",
		"-000000000000-000000000001.manifest", "a-000000000002-000000000001.manifest",
		"a-00000000001-000000000001.manifest", "a-0000000000000-000000000001.manifest",
		"a-000000000000-000000000001", "a/b-000000000000-000000000001.manifest",
		"a-00000000000x-000000000001.manifest", "a-000000000000.manifest",
		"a\n-000000000000-000000000001.manifest",
		"a-000000000000-99999999999999999999.manifest" };
	struct slice log;
	uint64_t first, last;
	struct buf b = { 0 };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(manifest_name_get(slice_of(bad[i]), &log, &first, &last) == -1);
	CHECK(manifest_name_get(SLICE("a-b.jsonl-000000000000-1234567890123.manifest"), &log,
		  &first, &last) == 0);
	CHECK(slice_is(log, "a-b.jsonl") && first == 0 && last == 1234567890123);
	CHECK(manifest_part_get(SLICE("l-000000000007-000000000009.gz"), &log, &first, &last) ==
	    0);
	CHECK(slice_is(log, "l") && first == 7 && last == 9);
	CHECK(
	    manifest_part_get(SLICE("l-000000000000-000000000001"), &log, &first, &last) == 0);
	CHECK(manifest_part_get(SLICE("l-20261124.gz"), &log, &first, &last) == -1);
	CHECK(manifest_part_get(SLICE("a-b.jsonl-000000000000-1234567890123.manifest"), &log,
		  &first, &last) == 0);
	manifest_segment_put(&b, log, first, last);
	CHECK_BYTES(b.p, b.len, "a-b.jsonl-000000000000-1234567890123");
	CHECK(manifest_log_ok(SLICE("audit.jsonl")) && !manifest_log_ok(SLICE("")));
	CHECK(!manifest_log_ok(SLICE("a\xff")) && !manifest_log_ok(SLICE("a\tb")));
	buf_free(&b);
}

int
main(void)
{
	reads();
	bends();
	refuses();
	names();
	return check_done();
}
