/*
 * Manifests, any text, and any name of one.
 *
 * Input "m" is followed by a manifest, "n" by a file's name, "e" by an entry bundle.  Properties: what is
 * read is written the same; no part's name is a path; a bundle's entries and their lengths are all of it.
 */
#include <stdlib.h>

#include "log/bundle.h"
#include "log/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUST(cond)                                                                             \
	do                                                                                     \
		if (!(cond))                                                                   \
			abort();                                                               \
	while (0)

static void
try_manifest(struct slice s)
{
	struct manifest m;
	struct diag d = { NULL, 0 };
	struct buf b = { 0 };
	int status = manifest_get(s, &m, &d);

	MUST((status == -1) == (d.rule != NULL));
	if (status == 0) {
		manifest_put(&b, &m);
		MUST(slice_eq(buf_view(&b), s));
		MUST(m.parts > 0 && m.first <= m.last);
		for (size_t i = 0; i < m.parts; i++) {
			buf_reset(&b);
			manifest_part_put(&b, &m, i);
			MUST(memchr(b.p, '/', b.len) == NULL);
			MUST(slice_starts(buf_view(&b), m.segment));
		}
	}
	buf_free(&b);
	manifest_free(&m);
}

static void
try_name(struct slice s)
{
	struct buf b = { 0 };
	struct slice log;
	uint64_t first, last;

	if (manifest_name_get(s, &log, &first, &last) == -1)
		return;
	MUST(manifest_log_ok(log) && first <= last);
	manifest_segment_put(&b, log, first, last);
	buf_str(&b, ".manifest");
	MUST(slice_eq(buf_view(&b), s));
	buf_free(&b);
}

static void
try_bundle(struct slice s)
{
	struct slice rest = s, entry;
	struct buf b = { 0 };
	int more;

	while ((more = bundle_next(&rest, &entry)) == 1)
		bundle_put(&b, entry);
	MUST(b.len == s.len - rest.len && (b.len == 0 || memcmp(b.p, s.p, b.len) == 0));
	MUST((more == 0) == (rest.len == 0));
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice rest = { (const char *)data + 1, len - 1 };

	if (len < 1)
		return 0;
	if (data[0] == 'm')
		try_manifest(rest);
	if (data[0] == 'n')
		try_name(rest);
	if (data[0] == 'e')
		try_bundle(rest);
	return 0;
}
