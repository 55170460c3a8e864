/* A new segment: the log was renamed, by rotation or by sealing, and goes on in a new file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "log/appender.h"
#include "log/hints.h"
#include "log/manifest.h"
#include "log/place.h"
#include "log/siblings.h"

/* Is m the manifest of what ends with the head? */
static bool
of_head(const struct manifest *m, const struct head *head)
{
	struct head then = { 0 };
	bool same = slice_eq(m->origin, head->cp.origin) && m->last + 1 == head->cp.size &&
	    head_get(m->head, &then, NULL) == 0 && slice_eq(then.note.text, head->note.text);

	head_free(&then);
	return same;
}

/* Read the manifest name.  Returns 1 if it is that of what ends with the head, 0, or -1. */
static int
read_manifest(struct append *a, int dir, const char *name, const struct head *head,
    struct manifest *m, struct hash *digest)
{
	int fd = place_open(dir, name, O_RDONLY, 0, NULL), status;
	struct buf text = { 0 };
	struct stat st;

	if (fd == -1)
		return errno == ENOENT || errno == ELOOP ? 0
							 : append_fault_system(a, "manifest");
	status = fstat(fd, &st);
	if (status == 0)
		status = S_ISREG(st.st_mode) ? file_read(fd, MANIFEST_MAX, &text) : 1;
	if (status == -1 && errno != EFBIG)
		append_fault_system(a, "manifest");
	place_close(fd);
	if (status == 0) {
		sha256(buf_view(&text), digest);
		status =
		    manifest_get(buf_view(&text), m, NULL) == 0 && of_head(m, head) ? 1 : 0;
	} else {
		status = a->fault.rule != NULL ? -1 : 0;
	}
	buf_free(&text);
	return status;
}

/*
 * Is there a manifest of what ends with the head?  Then opening gets the line that must come next,
 * and segment the name that the file must have.  Returns 1, 0 or -1.
 */
static int
find_manifest(struct append *a, int dir, const char *base, const struct siblings *s,
    const struct head *head, struct buf *segment)
{
	int status = 0;

	for (size_t i = 0; i < s->manifests && status == 0; i++) {
		struct manifest m = { 0 };
		struct hash digest;
		uint64_t first, last;
		struct slice log;

		if (manifest_name_get(slice_of(s->manifest[i]), &log, &first, &last) == -1 ||
		    !slice_is(log, base) || last + 1 != head->cp.size)
			continue;
		status = read_manifest(a, dir, s->manifest[i], head, &m, &digest);
		if (status == 1) {
			manifest_line_put(&a->opening, &m, &digest);
			manifest_segment_put(segment, slice_of(base), m.first, m.last);
		}
		manifest_free(&m);
	}
	return status;
}

/* Does a segment end with the head's last line?  Returns 1, 0 or -1. */
static int
ends_one(struct append *a, int dir, const struct siblings *s, const struct head *head)
{
	unsigned width = (unsigned)((head->cp.size - 1) % TILE_WIDTH) + 1;
	struct hash tail[TILE_WIDTH];
	unsigned n;

	for (size_t i = 0; i < s->n; i++)
		if (sibling_tail(dir, &s->sibling[i], width, tail, &n) == 1 &&
		    locate_tail(a, head, tail, n))
			return 1;
	return 0;
}

/*
 * A writer was killed before the log was renamed: what it left stands behind the head's last line
 * in a segment, and is taken in there.  Returns 1, 0 or -1.
 */
static int
recover_one(struct append *a, int dir, const struct siblings *s, const struct head *head)
{
	struct locate l;
	struct stat st;
	int status = 0;

	for (size_t i = 0; i < s->n && status == 0; i++) {
		if (s->sibling[i].packed)
			continue;
		place_close(a->log);
		a->log = place_open(dir, s->sibling[i].name, O_RDWR | O_APPEND, 0, NULL);
		if (a->log == -1 || fstat(a->log, &st) == -1 || st.st_size == 0)
			continue;
		a->start = (uint64_t)st.st_size;
		status = locate_end(a, head, &l);
		if (status == 0)
			buf_reset(&a->hints);
	}
	if (status == 1 && (append_recover(a) == -1 || fdatasync(a->log) == -1))
		status = a->fault.rule != NULL ? -1 : append_fault_system(a, "");
	return status;
}

/*
 * Open the new file.  All that belongs to the segments so far is made durable, tiles too: their
 * lines may be gone from here when they are wanted next.
 */
static int
open_new(struct append *a)
{
	if (append_open_log(a, true) == -1)
		return -1;
	a->end = 0;
	a->spanned = a->edge.size % TILE_WIDTH == 0 ? 0 : a->edge.size / TILE_WIDTH + 1;
	hint_put(&a->hints, (struct hint){ a->edge.size, 0 });
	if (append_write_edge(a) == -1)
		return -1;
	if (append_write_hints(a) == -1)
		return append_fault_system(a, "hints");
	return syncfs(a->tree) == -1 ? append_fault_system(a, ".") : 0;
}

static int
begin(struct append *a, int dir, const char *base, const struct head *head, const char *why)
{
	struct siblings s;
	struct buf segment = { 0 };
	int status = -1;

	if (siblings_list(dir, base, &s) == -1)
		append_fault_system(a, "");
	else
		status = find_manifest(a, dir, base, &s, head, &segment);
	buf_free(&segment);
	if (status != -1 && ends_one(a, dir, &s, head) == 0) {
		if (status == 0)
			status = recover_one(a, dir, &s, head);
		if (status == 0 && a->o->new_segment && strcmp(why, "log-missing") == 0)
			status = 1;
		if (status == 0)
			status = append_fault(a, why, "");
		if (status == 1 && a->edge.size == 0 && !locate_last(a, head))
			status = append_fault(a, "tile-damaged", "");
	} else if (status == 0) {
		status = 1;
	}
	siblings_free(&s);
	return status == 1 ? open_new(a) : -1;
}

int
append_begin(struct append *a, const struct head *head, const char *why)
{
	const char *base;
	int dir = place_parent(a->o->log, &base), status;

	if (dir == -1)
		return append_fault_system(a, "");
	memset(&a->edge, 0, sizeof a->edge);
	status = begin(a, dir, base, head, why);
	place_close(dir);
	return status;
}

/* Give the log its segment's name, which nothing has yet. */
static int
rename_log(struct append *a, int dir, const char *base, const char *segment)
{
	if (renameat2(dir, base, dir, segment, RENAME_NOREPLACE) == -1 || place_sync(dir) == -1)
		return append_fault_system(a, "");
	return 0;
}

int
append_finish_seal(struct append *a, const struct head *head)
{
	struct buf segment = { 0 };
	const char *base;
	struct siblings s;
	int dir = place_parent(a->o->log, &base), status;

	if (dir == -1)
		return append_fault_system(a, "");
	status = siblings_list(dir, base, &s) == -1
	    ? append_fault_system(a, "")
	    : find_manifest(a, dir, base, &s, head, &segment);
	/* What was written past the head since then is no part of the segment. */
	if (status == 1 &&
	    ((a->start > a->end && append_set_aside(a) == -1) ||
		rename_log(a, dir, base, buf_cstr(&segment)) == -1 || open_new(a) == -1))
		status = -1;
	siblings_free(&s);
	buf_free(&segment);
	place_close(dir);
	return status == -1 ? -1 : 0;
}
