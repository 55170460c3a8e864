#include "log/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "log/checkpoint.h"
#include "log/place.h"

static const char line_mark[] = "{\"log_event\": \"seal\", \"first_entry\": ";

static int
stop(struct archive *a, const char *rule)
{
	a->error = errno;
	a->rule = rule;
	return -1;
}

/* Call each(arg, name) for the names in dir, until it returns anything but 0.  Returns that. */
static int
each_name(int dir, int (*each)(void *arg, const char *name), void *arg)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), status = 0;
	DIR *list = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (list == NULL) {
		place_close(fd);
		return -1;
	}
	while (status == 0 && (errno = 0, entry = readdir(list)) != NULL)
		status = each(arg, entry->d_name);
	if (status == 0 && errno != 0)
		status = -1;
	closedir(list);
	return status;
}

int
archive_read(int dir, const char *name, struct manifest *m, struct hash *digest)
{
	int fd = place_open(dir, name, O_RDONLY, 0, NULL), status;
	struct buf text = { 0 };
	struct stat st;

	memset(m, 0, sizeof *m);
	if (fd == -1)
		return -1;
	errno = EBADMSG;
	status = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? 0 : -1;
	if (status == 0)
		status = file_read(fd, MANIFEST_MAX, &text);
	place_close(fd);
	if (status == 0) {
		sha256(buf_view(&text), digest);
		status = manifest_get(buf_view(&text), m, NULL);
		if (status == -1)
			errno = EBADMSG;
	}
	buf_free(&text);
	return status;
}

/* Is the segment kept as its own plain file? */
static bool
is_plain(const struct manifest *m)
{
	return m->compression == MANIFEST_PLAIN && !m->encrypted;
}

static int
tidy_one(void *arg, const char *name)
{
	const struct archive *a = arg;
	uint64_t first, last;
	struct buf plain = { 0 };
	struct slice log;
	struct manifest m;
	struct hash digest;
	int status = 0;

	if (manifest_name_get(slice_of(name), &log, &first, &last) == -1 ||
	    !slice_is(log, a->base))
		return 0;
	if (archive_read(a->dir, name, &m, &digest) == 0 && !is_plain(&m)) {
		buf_slice(&plain, m.segment);
		if (faccessat(a->dir, buf_cstr(&plain), F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
		    pack_check(a->dir, &m, "") == 1)
			status = unlinkat(a->dir, plain.p, 0);
	}
	buf_free(&plain);
	manifest_free(&m);
	return status;
}

int
archive_tidy(const struct archive *a)
{
	struct archive copy = *a;

	return each_name(a->dir, tidy_one, &copy) == 0 ? place_sync(a->dir) : -1;
}

/* A search among names: the manifest that ends before first. */
struct search {
	const struct archive *a;
	uint64_t first;
	struct buf *name;
};

static int
find_before(void *arg, const char *name)
{
	struct search *s = arg;
	uint64_t first, last;
	struct slice log;

	if (manifest_name_get(slice_of(name), &log, &first, &last) == 0 &&
	    slice_is(log, s->a->base) && last + 1 == s->first) {
		buf_reset(s->name);
		buf_str(s->name, name);
	}
	return 0;
}

/* Was it this run that went on from a manifest, by the line that the log begins with now? */
static int
find_resumed(struct archive *a, const struct append_state *state)
{
	struct search s = { a, state->first, &a->resumed };

	if (state->first == 0 || a->before != state->first)
		return 0;
	return each_name(a->dir, find_before, &s) == -1 ? stop(a, "system") : 0;
}

/* Is there no line, or only the one that the log was opened with? */
static bool
is_empty(const struct append_state *state)
{
	char text[sizeof line_mark - 1];

	return state->entries == state->first ||
	    (state->entries == state->first + 1 && state->first > 0 &&
		pread(state->fd, text, sizeof text, 0) == (ssize_t)sizeof text &&
		memcmp(text, line_mark, sizeof text) == 0);
}

/* Parts of a segment that begins where the log does: a run that made no manifest left them. */
static int
sweep_one(void *arg, const char *name)
{
	const struct search *s = arg;
	struct slice rest = slice_of(name), prefix = buf_view(s->name);
	size_t digits = 0;

	if (!slice_starts(rest, prefix))
		return 0;
	rest.p += prefix.len;
	rest.len -= prefix.len;
	while (digits < rest.len && rest.p[digits] >= '0' && rest.p[digits] <= '9')
		digits++;
	rest.p += digits;
	rest.len -= digits;
	if (digits < 12 ||
	    !(slice_starts(rest, SLICE(".zst")) || slice_starts(rest, SLICE(".gz")) ||
		slice_starts(rest, SLICE(".cms.")) || slice_is(rest, ".manifest.tmp")))
		return 0;
	return unlinkat(s->a->dir, name, 0);
}

static int
sweep(struct archive *a, uint64_t first)
{
	struct buf prefix = { 0 };
	struct search s = { a, first, &prefix };
	int status;

	buf_printf(&prefix, "%s-%012llu-", a->base, (unsigned long long)first);
	status = each_name(a->dir, sweep_one, &s);
	buf_free(&prefix);
	return status == -1 ? stop(a, "system") : 0;
}

/* Neither the segment nor its manifest may be there: what bears their name is not ours to replace. */
static int
check_names(struct archive *a, const char *segment)
{
	if (faccessat(a->dir, segment, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
	    faccessat(a->dir, buf_cstr(&a->manifest), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return stop(a, "segment-exists");
	return 0;
}

static int
write_manifest(struct archive *a, const struct manifest *m)
{
	struct buf text = { 0 };
	int status;

	manifest_put(&text, m);
	status = file_replace(a->dir, buf_cstr(&a->manifest), buf_view(&text), a->mode, true);
	buf_free(&text);
	return status;
}

static int
close_segment(struct archive *a, const struct append_state *state, struct slice segment,
    struct slice origin)
{
	struct pack_options o = { a->dir, a->compression, a->to, a->mode };
	struct manifest m = {
		.origin = origin,
		.segment = segment,
		.first = state->first,
		.last = state->entries - 1,
		.head = state->head,
		.sealed_at = a->now,
		.compression = a->compression,
		.encrypted = a->to != NULL,
	};
	int status = pack_segment(&o, state->fd, state->bytes, &m);

	if (status == 0)
		status = write_manifest(a, &m);
	if (status == -1)
		stop(a, "system");
	manifest_free(&m);
	return status;
}

int
archive_between(void *arg, const struct append_state *state)
{
	struct archive *a = arg;
	struct buf segment = { 0 };
	struct head head = { 0 };
	int status;

	if (find_resumed(a, state) == -1)
		return -1;
	a->nothing = is_empty(state);
	if (a->nothing)
		return 1;
	manifest_segment_put(&segment, slice_of(a->base), state->first, state->entries - 1);
	buf_slice(&a->manifest, buf_view(&segment));
	buf_str(&a->manifest, ".manifest");
	status = check_names(a, buf_cstr(&segment));
	if (status == 0)
		status = sweep(a, state->first);
	if (status == 0 && head_get(state->head, &head, NULL) == 0)
		status = close_segment(a, state, buf_view(&segment), head.cp.origin);
	head_free(&head);
	buf_free(&segment);
	return status;
}

void
archive_free(struct archive *a)
{
	buf_free(&a->resumed);
	buf_free(&a->manifest);
}
