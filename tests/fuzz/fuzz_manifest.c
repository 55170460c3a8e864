/*
 * Manifests, any text, and any name of one.
 *
 * Input "m" is followed by a manifest, which is also read as a file that is its own part, "n" by a
 * file's name, "e" by an entry bundle.  Properties: what is read is written the same; no part's
 * name is a path, and no file has its own hash; a bundle's entries and their lengths are all of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "fault.h"
#include "log/bundle.h"
#include "log/parcel.h"

static char dir[32], path[64];

static void
clean(void)
{
	unlink(path);
	rmdir(dir);
}

static void
put_file(struct slice text)
{
	int fd;

	if (dir[0] == '\0') {
		strcpy(dir,
		    access("/dev/shm", W_OK) == 0 ? "/dev/shm/fuzz_m.XXXXXX"
						  : "/tmp/fuzz_m.XXXXXX");
		MUST(mkdtemp(dir) != NULL);
		atexit(clean);
		strcat(strcpy(path, dir), "/log.manifest");
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	MUST(fd != -1 && file_write(fd, text) == 0);
	close(fd);
}

/* The manifest as a file, which stands for its part as well. */
static uint64_t
try_parcel(struct slice s, bool good)
{
	struct parcel *p;
	enum part_state state = PART_ERROR;
	bool read;

	put_file(s);
	fault_on();
	p = parcel_open(path);
	read = p != NULL;
	MUST(read || fault_hit());
	if (read && p->good)
		state = parcel_part_check(p, 0, path);
	MUST(!read || p->good == good);
	parcel_free(p);
	fault_off();
	MUST(state != PART_GOOD); /* it would hold its own hash */
	return !read || (good && state == PART_ERROR) ? CANNOT
						      : ANSWER + good + (uint64_t)state;
}

static uint64_t
try_manifest(struct slice s)
{
	struct manifest m;
	struct diag d = { NULL, 0 };
	struct buf b = { 0 };
	int status;

	fault_on();
	status = manifest_get(s, &m, &d);
	fault_off();

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
	return try_parcel(s, status == 0);
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

uint64_t
trial(struct slice input)
{
	struct slice rest = { input.p + 1, input.len - 1 };

	if (input.len < 1)
		return CANNOT;
	if (input.p[0] == 'm')
		return try_manifest(rest);
	fault_on();
	if (input.p[0] == 'n')
		try_name(rest);
	if (input.p[0] == 'e')
		try_bundle(rest);
	fault_off();
	return ANSWER;
}
