#include "base/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/lines.h"
#include "base/mem.h"
#include "base/tool.h"

enum { ROOM = 256 * 1024 };

/* A file being read: the one the path names, or one that it named. */
struct source {
	int fd, watch; /* watch: -1 for none */
	dev_t dev;
	ino_t ino;
	char *mem;       /* LINES_PADDING, cap bytes, LINES_PADDING */
	size_t cap, pos; /* [pos, len) of the text is not given yet */
	size_t len;
	uint64_t offset;  /* of the file, up to which it was read */
	uint64_t lines;   /* given so far */
	uint64_t skipped; /* bytes of a line that is too long; 0: not in one */
	int64_t until;    /* ms: when to end it; 0 while the path names it */
};

struct follow {
	const struct follow_options *o;
	struct source source[FOLLOW_FILES]; /* oldest first */
	unsigned count;
	int inotify, watch; /* watch: of the directory, -1 for none */
	char *directory;
	int error;    /* of the last try to open the path */
	int64_t look; /* ms: when to look at the path next */
};

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static char *
text_of(const struct source *s)
{
	return s->mem + LINES_PADDING;
}

static void
source_grow(struct source *s, size_t cap)
{
	s->mem = xrealloc(s->mem, cap + 2 * LINES_PADDING, 1);
	if (s->cap == 0)
		memset(s->mem, 0, LINES_PADDING);
	s->cap = cap;
}

static void
source_close(struct follow *f, struct source *s)
{
	if (s->watch != -1)
		inotify_rm_watch(f->inotify, s->watch);
	close(s->fd);
	free(s->mem);
	*s = (struct source){ .fd = -1, .watch = -1 };
}

static void
drop_oldest(struct follow *f)
{
	source_close(f, &f->source[0]);
	f->count--;
	memmove(&f->source[0], &f->source[1], f->count * sizeof f->source[0]);
}

/* The file the path names, NULL while it names none that we read. */
static struct source *
current(struct follow *f)
{
	struct source *s = f->count > 0 ? &f->source[f->count - 1] : NULL;

	return s != NULL && s->until == 0 ? s : NULL;
}

/* A descriptor may have another name by now; the kernel's own name for it has not. */
static int
watch_file(const struct follow *f, int fd)
{
	char name[32];

	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	return inotify_add_watch(f->inotify, name, IN_MODIFY);
}

static void
watch_directory(struct follow *f)
{
	if (f->watch == -1)
		f->watch = inotify_add_watch(f->inotify, f->directory,
		    IN_CREATE | IN_MOVED_TO | IN_ONLYDIR | IN_DELETE_SELF | IN_MOVE_SELF);
}

/* Read st, open as fd, from now on. */
static void
source_add(struct follow *f, int fd, const struct stat *st, bool from_end)
{
	struct source *s = current(f);

	if (s != NULL)
		s->until = now_ms() + FOLLOW_GRACE_MS;
	s = &f->source[f->count++];
	*s = (struct source){
		.fd = fd,
		.watch = watch_file(f, fd),
		.dev = st->st_dev,
		.ino = st->st_ino,
		.offset = from_end ? (uint64_t)st->st_size : 0,
	};
	source_grow(s, ROOM);
}

/*
 * Is st a file that we read?  Then it is the one the path names, even if it had lost the name.
 */
static bool
is_source(struct follow *f, const struct stat *st)
{
	struct source found, *last = current(f);

	for (unsigned i = 0; i < f->count; i++) {
		if (f->source[i].dev != st->st_dev || f->source[i].ino != st->st_ino)
			continue;
		if (f->source[i].until == 0)
			return true;
		if (last != NULL)
			last->until = now_ms() + FOLLOW_GRACE_MS;
		found = f->source[i];
		found.until = 0;
		memmove(
		    &f->source[i], &f->source[i + 1], (f->count - i - 1) * sizeof f->source[0]);
		f->source[f->count - 1] = found;
		return true;
	}
	return false;
}

/* Open the path, which must name a regular file; a FIFO is not waited for.  -1: errno, 0 for another kind. */
static int
open_regular(const char *path, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd == -1)
		return -1;
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	close(fd);
	errno = 0;
	return -1;
}

/* Say once what keeps the path from being opened; that it is not there is no trouble. */
static void
trouble(struct follow *f, int error)
{
	bool tell = error != f->error && error != ENOENT && error != ENOTDIR;

	f->error = error;
	if (tell && f->o->trouble != NULL)
		f->o->trouble(f->o->arg, error);
}

/* Does the path name another file than before? */
static void
look(struct follow *f, bool from_end)
{
	struct stat st;
	int fd;

	f->look = now_ms() + FOLLOW_LOOK_MS;
	watch_directory(f);
	if (stat(f->o->path, &st) == 0 && is_source(f, &st))
		return;
	fd = open_regular(f->o->path, &st);
	if (fd == -1) {
		trouble(f, errno);
		return;
	}
	trouble(f, ENOENT);
	if (is_source(f, &st)) /* renamed back and forth in between */
		close(fd);
	else
		source_add(f, fd, &st, from_end);
}

/* What the path named before it was cut short, or replaced: a file of its own, with its own lines. */
static bool
is_cut(const struct source *s)
{
	struct stat st;

	return fstat(s->fd, &st) == 0 && (uint64_t)st.st_size < s->offset;
}

/* Give what is left of a line without LF. */
static bool
give_rest(struct source *s, struct chunk *c, uint64_t *line, size_t max)
{
	size_t len = s->len - s->pos;

	if (len == 0 && s->skipped == 0)
		return false;
	*line = ++s->lines;
	*c = (struct chunk){
		.torn = true,
		.length = s->skipped + len,
		.too_long = s->skipped + len > max,
	};
	if (!c->too_long)
		c->text = (struct slice){ text_of(s) + s->pos, len };
	s->pos = s->len;
	s->skipped = 0;
	return true;
}

/* Skip what there is of a line that is too long.  Gives it once its end has come. */
static bool
skip_long(struct source *s, struct chunk *c, uint64_t *line)
{
	const char *from = text_of(s) + s->pos, *lf = memchr(from, '\n', s->len - s->pos);
	size_t len = lf != NULL ? (size_t)(lf - from) : s->len - s->pos;

	s->skipped += len;
	s->pos += len + (lf != NULL);
	if (lf == NULL)
		return false;
	*line = ++s->lines;
	*c = (struct chunk){ .too_long = true, .length = s->skipped };
	s->skipped = 0;
	return true;
}

static uint64_t
count_lines(struct slice text)
{
	const char *end = text.p + text.len;
	uint64_t n = 0;

	for (const char *p = text.p; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
		n++;
	return n;
}

/* Give whole lines, if there are any. */
static bool
give(struct source *s, struct chunk *c, uint64_t *line, size_t max)
{
	bool too_long = false;
	size_t len;

	if (s->skipped > 0)
		return skip_long(s, c, line);
	len = lines_cut(text_of(s) + s->pos, s->len - s->pos, max, &too_long);
	if (len == 0)
		return too_long && skip_long(s, c, line);
	*c = (struct chunk){ .text = { text_of(s) + s->pos, len } };
	*line = s->lines + 1;
	s->lines += count_lines(c->text);
	s->pos += len;
	return true;
}

/* Make room, and read what there is.  Returns how much; -1 with errno. */
static ssize_t
source_read(struct source *s)
{
	ssize_t n;

	if (s->pos > 0) {
		memmove(text_of(s), text_of(s) + s->pos, s->len - s->pos);
		s->len -= s->pos;
		s->pos = 0;
	}
	if (s->len == s->cap)
		source_grow(s, s->cap * 2);
	do
		n = pread(s->fd, text_of(s) + s->len, s->cap - s->len, (off_t)s->offset);
	while (n == -1 && errno == EINTR);
	if (n > 0) {
		s->len += (size_t)n;
		s->offset += (uint64_t)n;
	}
	return n;
}

/* Lines of s: those at hand, or after reading.  1, 0 for none now, -1 with errno. */
static int
source_next(struct source *s, struct chunk *c, uint64_t *line, size_t max)
{
	ssize_t n;

	for (;;) {
		if (give(s, c, line, max))
			return 1;
		if (is_cut(s)) {
			bool rest = give_rest(s, c, line, max);

			s->offset = s->lines = 0;
			s->pos = s->len = 0;
			if (rest)
				return 1;
		}
		n = source_read(s);
		if (n <= 0)
			return (int)n;
	}
}

/* Ends of old files: 1 with the rest of one, 0 for none. */
static int
expire(struct follow *f, struct chunk *c, uint64_t *line)
{
	int64_t now = now_ms();

	while (f->count > 0 && f->source[0].until != 0 &&
	    (f->source[0].until <= now || f->count == FOLLOW_FILES)) {
		if (give_rest(&f->source[0], c, line, f->o->max))
			return 1;
		drop_oldest(f);
	}
	return 0;
}

/* How long to sleep, in ms: to the next look, or until an old file ends. */
static int
patience(const struct follow *f)
{
	int64_t until = f->look, left;

	if (f->count > 0 && f->source[0].until != 0 && f->source[0].until < until)
		until = f->source[0].until;
	left = until - now_ms();
	return left < 0 ? 0 : (int)left;
}

/* Take what inotify has to tell.  What it was is found by looking. */
static void
hear(struct follow *f)
{
	char events[4096] __attribute__((aligned(8)));
	const struct inotify_event *e;
	ssize_t n;

	while ((n = read(f->inotify, events, sizeof events)) > 0)
		for (const char *p = events; p < events + n; p += sizeof *e + e->len) {
			e = (const struct inotify_event *)(const void *)p;
			if (e->wd == f->watch &&
			    (e->mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF)) != 0) {
				inotify_rm_watch(f->inotify, f->watch);
				f->watch = -1;
			}
			if ((e->mask & ~(uint32_t)IN_MODIFY) != 0)
				f->look = 0;
		}
}

int
follow_next(struct follow *f, struct chunk *c, uint64_t *line)
{
	int got;

	while (tool_signal() == 0) {
		for (unsigned i = 0; i < f->count; i++)
			if ((got = source_next(&f->source[i], c, line, f->o->max)) != 0)
				return got;
		if (expire(f, c, line) == 1)
			return 1;
		if (f->look <= now_ms()) {
			unsigned before = f->count;

			look(f, false);
			if (f->count != before)
				continue;
		}
		if (f->o->idle != NULL)
			f->o->idle(f->o->arg);
		if (lines_sleep(f->inotify, patience(f)) == 1)
			hear(f);
	}
	return 0;
}

struct follow *
follow_open(const struct follow_options *o)
{
	struct follow *f;
	struct stat st;
	char *copy;
	int fd = open_regular(o->path, &st);

	if (fd == -1 && errno != ENOENT)
		return NULL;
	f = xzalloc(1, sizeof *f);
	f->o = o;
	f->error = ENOENT;
	f->watch = -1;
	f->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	copy = xstrdup(o->path);
	f->directory = xstrdup(dirname(copy));
	free(copy);
	watch_directory(f);
	if (fd != -1)
		source_add(f, fd, &st, o->from_end);
	return f;
}

void
follow_free(struct follow *f)
{
	if (f == NULL)
		return;
	while (f->count > 0)
		drop_oldest(f);
	if (f->inotify != -1)
		close(f->inotify);
	free(f->directory);
	free(f);
}
