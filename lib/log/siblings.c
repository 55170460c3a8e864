#include "log/siblings.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/slice.h"
#include "log/extent.h"
#include "log/leaves.h"
#include "log/place.h"
#include "log/tree.h"

enum { WINDOW = 256 * 1024 };

/* "….cms." and digits. */
static bool
is_message(struct slice name)
{
	while (name.len > 0 && name.p[name.len - 1] >= '0' && name.p[name.len - 1] <= '9')
		name.len--;
	return slice_ends(name, SLICE(".cms."));
}

static bool
is_segment(struct slice name, struct slice log)
{
	if (!slice_starts(name, log) || name.len < log.len + 2)
		return false;
	if (slice_ends(name, SLICE(".manifest")) || slice_ends(name, SLICE(".tmp")) ||
	    is_message(name))
		return false;
	return name.p[log.len] == '-' ||
	    (name.p[log.len] == '.' && name.p[log.len + 1] >= '0' &&
		name.p[log.len + 1] <= '9');
}

/* A name with when its file was changed last, for sorting. */
struct dated {
	struct timespec time;
	char *name;
};

static int
newer(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;

	if (x->time.tv_sec != y->time.tv_sec)
		return x->time.tv_sec < y->time.tv_sec ? 1 : -1;
	if (x->time.tv_nsec != y->time.tv_nsec)
		return x->time.tv_nsec < y->time.tv_nsec ? 1 : -1;
	return strcmp(y->name, x->name);
}

static void
add_manifest(struct siblings *s, const char *name)
{
	s->manifest = xrealloc(s->manifest, s->manifests + 1, sizeof *s->manifest);
	s->manifest[s->manifests++] = xstrdup(name);
}

static int
take_names(DIR *list, int dir, struct slice log, struct siblings *s, struct dated **found)
{
	struct dirent *entry;
	struct stat st;

	for (errno = 0; (entry = readdir(list)) != NULL; errno = 0) {
		struct slice name = slice_of(entry->d_name);

		if (slice_starts(name, log) && slice_ends(name, SLICE(".manifest")))
			add_manifest(s, entry->d_name);
		if (!is_segment(name, log))
			continue;
		if (fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
			if (errno == ENOENT)
				continue;
			return -1;
		}
		if (!S_ISREG(st.st_mode))
			continue;
		*found = xrealloc(*found, s->n + 1, sizeof **found);
		(*found)[s->n++] = (struct dated){ st.st_mtim, xstrdup(entry->d_name) };
	}
	return errno == 0 ? 0 : -1;
}

int
siblings_list(int dir, const char *log, struct siblings *s)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd == -1 ? NULL : fdopendir(fd);
	struct dated *found = NULL;
	int status, error;

	memset(s, 0, sizeof *s);
	if (list == NULL) {
		place_close(fd);
		return -1;
	}
	status = take_names(list, dir, slice_of(log), s, &found);
	error = errno;
	closedir(list);
	errno = error;
	if (s->n > 0)
		qsort(found, s->n, sizeof *found, newer);
	s->sibling = xzalloc(s->n + 1, sizeof *s->sibling);
	for (size_t i = 0; i < s->n; i++) {
		struct slice name = slice_of(found[i].name);

		s->sibling[i].name = found[i].name;
		s->sibling[i].packed =
		    slice_ends(name, SLICE(".gz")) || slice_ends(name, SLICE(".zst"));
	}
	free(found);
	return status;
}

void
siblings_free(struct siblings *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->sibling[i].name);
	for (size_t i = 0; i < s->manifests; i++)
		free(s->manifest[i]);
	free(s->sibling);
	free(s->manifest);
	memset(s, 0, sizeof *s);
}

/* The last leaves, in a ring. */
struct ring {
	struct hash leaf[TILE_WIDTH];
	uint64_t n;
	uint64_t end;
};

static int
keep(void *arg, const struct extent_run *run)
{
	struct ring *r = arg;

	for (size_t i = 0; i < run->n; i++)
		r->leaf[r->n++ % TILE_WIDTH] = run->leaf[i];
	r->end = run->end[run->n - 1];
	return 0;
}

/* Where the first line begins at or after from: behind an LF.  size if there is none, -1 with errno. */
static int64_t
line_start(int fd, uint64_t from, uint64_t size)
{
	char piece[4096];

	for (uint64_t at = from == 0 ? 0 : from - 1; from > 0 && at < size;) {
		ssize_t n = pread(fd, piece, sizeof piece, (off_t)at);
		const char *lf = n > 0 ? memchr(piece, '\n', (size_t)n) : NULL;

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (lf != NULL)
			return (int64_t)(at + (uint64_t)(lf - piece) + 1);
		if (n == 0)
			break;
		at += (uint64_t)n;
	}
	return from == 0 ? 0 : (int64_t)size;
}

/* The end of a plain segment is read, more and more of it, until there are enough lines. */
static int
read_tail(int fd, unsigned most, struct ring *r)
{
	struct stat st;
	uint64_t size;

	if (fstat(fd, &st) == -1)
		return -1;
	size = (uint64_t)st.st_size;
	for (uint64_t len = WINDOW;; len *= 4) {
		uint64_t from = len < size ? size - len : 0;
		int64_t start = line_start(fd, from, size);

		memset(r, 0, sizeof *r);
		if (start == -1 ||
		    extent_read(fd, (uint64_t)start, size, UINT64_MAX, keep, r) == -1)
			return -1;
		if (r->n >= most || from == 0)
			return r->n > 0 && r->end == size;
	}
}

static bool
take(void *arg, const struct hash *leaves, size_t n)
{
	struct ring *r = arg;

	for (size_t i = 0; i < n; i++)
		r->leaf[r->n++ % TILE_WIDTH] = leaves[i];
	return true;
}

static int
unpack_tail(int fd, struct ring *r)
{
	struct source *source = source_open(fd, SOURCE_PACKED);
	struct leaves leaves = { 1, UINT64_MAX, r, take };
	bool torn, whole;
	int status;

	memset(r, 0, sizeof *r);
	status = leaves_run(&leaves, source, &torn);
	whole = source_end(source) == SOURCE_WHOLE && !torn && r->n > 0;
	source_free(source);
	return status == 1 ? whole : status;
}

int
sibling_tail(
    int dir, const struct sibling *sibling, unsigned most, struct hash *tail, unsigned *n)
{
	int fd = place_open(dir, sibling->name, O_RDONLY, 0, NULL), status;
	struct ring r = { .n = 0 };

	if (fd == -1)
		return -1;
	status = sibling->packed ? unpack_tail(fd, &r) : read_tail(fd, most, &r);
	place_close(fd);
	if (status != 1)
		return status;
	*n = r.n < most ? (unsigned)r.n : most;
	for (unsigned i = 0; i < *n; i++)
		tail[i] = r.leaf[(r.n - *n + i) % TILE_WIDTH];
	return 1;
}
