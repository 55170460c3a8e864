#include "base/follow.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/grown.h"
#include "base/instant.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/tool.h"
#include "base/trail.h"

enum { TRIES = 64 }; /* to open a file that is being renamed */

/* A file being read: the one the path names, or one that it named. */
struct source {
	struct grown text;
	int watch; /* -1 for none */
	dev_t dev;
	ino_t ino;
	int64_t until; /* ms: when to end it; 0 while the path names it */
};

struct follow {
	const struct follow_options *o;
	struct source source[FOLLOW_FILES]; /* oldest first */
	unsigned count;
	struct trail trail; /* files to come: they had the name, and are not open yet */
	uint64_t told;      /* how many lost ones the caller knows of */
	char *directory, *name;
	int folder;         /* the directory, open; -1 for none */
	int watch;          /* of it, in events; -1 for none */
	int events, writes; /* inotify: of the directory; of the files */
	int wake;           /* epoll: of both */
	bool overflow;      /* events were lost */
	int error;          /* of the last try to open the path */
	int64_t look;       /* ms: when to look at the path next */
};

static int64_t
now_ms(void)
{
	return (int64_t)(steady_ns() / 1000000);
}

static void
drop_oldest(struct follow *f)
{
	struct source *s = &f->source[0];

	if (s->watch != -1)
		inotify_rm_watch(f->writes, s->watch);
	close(s->text.fd);
	grown_free(&s->text);
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

static void
retire_current(struct follow *f)
{
	struct source *s = current(f);

	if (s != NULL)
		s->until = now_ms() + FOLLOW_GRACE_MS;
}

/* What fd is of may have another name by now; the kernel's own name for it has not. */
static int
watch_open(int inotify, int fd, uint32_t mask)
{
	char name[32];

	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	return inotify_add_watch(inotify, name, mask);
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static void
leave_directory(struct follow *f)
{
	if (f->watch != -1)
		inotify_rm_watch(f->events, f->watch);
	if (f->folder != -1)
		close(f->folder);
	f->watch = f->folder = -1;
	trail_clear(&f->trail);
}

/* Watch the directory, which may be another than before. */
static void
watch_directory(struct follow *f)
{
	struct stat here, there;

	if (f->watch != -1 && fstat(f->folder, &here) == 0 && stat(f->directory, &there) == 0 &&
	    same_file(&here, &there))
		return;
	leave_directory(f);
	f->folder = open(f->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->folder != -1)
		f->watch = watch_open(
		    f->events, f->folder, IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO);
}

/* Read st, open as fd, from now on.  named: does the path name it? */
static void
source_add(struct follow *f, int fd, const struct stat *st, bool named, bool from_end)
{
	struct source *s;

	retire_current(f);
	s = &f->source[f->count++];
	*s = (struct source){
		.watch = watch_open(f->writes, fd, IN_MODIFY),
		.dev = st->st_dev,
		.ino = st->st_ino,
		.until = named ? 0 : now_ms() + FOLLOW_GRACE_MS,
	};
	grown_open(&s->text, fd, from_end ? (uint64_t)st->st_size : 0);
}

static struct source *
find_source(struct follow *f, const struct stat *st)
{
	for (unsigned i = 0; i < f->count; i++)
		if (f->source[i].dev == st->st_dev && f->source[i].ino == st->st_ino)
			return &f->source[i];
	return NULL;
}

/* The path names s, even if it had lost the name. */
static void
make_current(struct follow *f, struct source *s)
{
	struct source found = *s;
	size_t behind = (size_t)(&f->source[f->count] - (s + 1));

	if (s->until == 0)
		return;
	retire_current(f);
	found.until = 0;
	memmove(s, s + 1, behind * sizeof *s);
	f->source[f->count - 1] = found;
}

/* A regular file, below at; a FIFO is not waited for.  -1: errno, 0 for another kind. */
static int
open_regular(int at, const char *path, struct stat *st)
{
	int fd = openat(at, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

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

static void
tell_lost(struct follow *f)
{
	uint64_t n = f->trail.lost - f->told;

	f->told = f->trail.lost;
	if (n > 0 && f->o->lost != NULL)
		f->o->lost(f->o->arg, n);
}

static void
hear_one(struct follow *f, const struct inotify_event *e)
{
	if ((e->mask & IN_Q_OVERFLOW) != 0)
		f->overflow = true;
	else if (e->wd == f->watch && (e->mask & IN_IGNORED) != 0)
		f->watch = -1;
	else if (e->wd == f->watch && e->len > 0 && (e->mask & IN_ISDIR) == 0)
		trail_event(&f->trail, e->mask, e->cookie, e->name);
}

/* Take what inotify has to tell of the directory. */
static void
hear(struct follow *f)
{
	char events[8192] __attribute__((aligned(8)));
	const struct inotify_event *e;
	ssize_t n;

	while ((n = read(f->events, events, sizeof events)) > 0)
		for (const char *p = events; p < events + n; p += sizeof *e + e->len) {
			e = (const struct inotify_event *)(const void *)p;
			hear_one(f, e);
		}
}

/*
 * As hear, and what has already happened in the directory has been told then: a rename holds the
 * directory's lock until its events are queued, and reading the directory waits for that lock.
 */
static void
hear_all(struct follow *f)
{
	char entries[1024];

	if (f->folder != -1 && lseek(f->folder, 0, SEEK_SET) == 0 &&
	    getdents64(f->folder, entries, sizeof entries) == -1)
		f->watch = -1;
	hear(f);
	trail_settle(&f->trail);
}

/* The first file to come was opened, or not (fd -1, error).  Returns false if it must wait. */
static bool
take_first(struct follow *f, int fd, const struct stat *st, int error)
{
	bool named = strcmp(f->trail.file[0].name, f->name) == 0;
	struct source *s;

	if (named)
		trouble(f, fd == -1 ? error : ENOENT);
	if (fd == -1 && named && error != ENOENT && error != 0) {
		return false;
	} else if (fd == -1) {
		f->trail.lost += !named && error != 0;
	} else if ((s = find_source(f, st)) != NULL) {
		close(fd);
		if (named)
			make_current(f, s);
	} else {
		source_add(f, fd, st, named, false);
	}
	trail_drop(&f->trail);
	return true;
}

/* Open the first file to come, under the name that it has once it is open.  Returns false to wait. */
static bool
open_first(struct follow *f)
{
	const struct trail_file *first = &f->trail.file[0];
	struct stat st;
	uint64_t stamp;
	int fd, error;

	for (int i = 0; i < TRIES; i++) {
		stamp = first->stamp;
		fd = first->guessed && strcmp(first->name, f->name) == 0
		    ? open_regular(AT_FDCWD, f->o->path, &st)
		    : open_regular(f->folder, first->name, &st);
		error = errno;
		hear_all(f);
		if (f->trail.count > 0 && first->stamp == stamp)
			return take_first(f, fd, &st, error);
		if (fd != -1)
			close(fd);
		if (f->trail.count == 0)
			return true;
	}
	f->look = 0;
	return false;
}

/* Open the files to come, oldest first, as many as may be. */
static void
open_files(struct follow *f)
{
	while (f->trail.count > 0 && f->count < FOLLOW_FILES && open_first(f))
		;
	tell_lost(f);
}

/* After lost events nothing but the path is known, and whether it names what it named before. */
static void
start_over(struct follow *f)
{
	const struct source *s = current(f);
	struct stat st;

	f->overflow = false;
	if (stat(f->o->path, &st) == -1 || s == NULL || find_source(f, &st) != s)
		f->trail.lost++;
	trail_clear(&f->trail);
}

/* Which files did the path name since the last look?  Which does it name now? */
static void
look(struct follow *f)
{
	struct source *s;
	struct stat st;

	f->look = now_ms() + FOLLOW_LOOK_MS;
	hear_all(f);
	if (f->overflow)
		start_over(f);
	open_files(f);
	watch_directory(f);
	if (f->trail.count > 0)
		return;
	if (stat(f->o->path, &st) == -1)
		trouble(f, errno);
	else if ((s = find_source(f, &st)) != NULL)
		make_current(f, s);
	else
		trail_guess(&f->trail);
	open_files(f);
}

/* Must an old file end before its time, for one to come? */
static bool
no_room(const struct follow *f)
{
	return f->count == FOLLOW_FILES && f->trail.count > 0;
}

/* Ends of old files: 1 with the rest of one, 0 for none. */
static int
expire(struct follow *f, struct chunk *c, uint64_t *line)
{
	int64_t now = now_ms();
	struct source *s = &f->source[0];

	while (f->count > 0 && s->until != 0 && (s->until <= now || no_room(f))) {
		if (grown_rest(&s->text, c, line, f->o->max))
			return 1;
		if (f->count == FOLLOW_FILES)
			f->look = 0; /* there may be others to come */
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

/* Sleep until something happens.  What it was is found by looking. */
static void
await(struct follow *f)
{
	char events[4096];

	if (lines_sleep(f->wake, patience(f)) != 1)
		return;
	while (read(f->writes, events, sizeof events) > 0)
		;
	if (lines_poll(f->events))
		f->look = 0;
}

int
follow_next(struct follow *f, struct chunk *c, uint64_t *line)
{
	int got;

	while (tool_signal() == 0) {
		for (unsigned i = 0; i < f->count; i++)
			if ((got = grown_next(&f->source[i].text, c, line, f->o->max)) != 0)
				return got;
		if (expire(f, c, line) == 1)
			return 1;
		if (f->look <= now_ms()) {
			unsigned before = f->count;

			look(f);
			if (f->count != before || no_room(f))
				continue;
		}
		if (f->o->idle != NULL)
			f->o->idle(f->o->arg);
		await(f);
	}
	return 0;
}

/* An inotify instance that wakes us; -1 if there can be none. */
static int
listen_to(int wake)
{
	struct epoll_event readable = { .events = EPOLLIN };
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd != -1)
		epoll_ctl(wake, EPOLL_CTL_ADD, fd, &readable);
	return fd;
}

static void
split_path(struct follow *f)
{
	char *copy = xstrdup(f->o->path);

	f->directory = xstrdup(dirname(copy));
	free(copy);
	copy = xstrdup(f->o->path);
	f->name = xstrdup(basename(copy));
	free(copy);
}

struct follow *
follow_open(const struct follow_options *o)
{
	struct follow *f = xzalloc(1, sizeof *f);
	struct stat st;
	int fd, error;

	f->o = o;
	f->error = ENOENT;
	f->watch = f->folder = -1;
	f->wake = epoll_create1(EPOLL_CLOEXEC);
	f->events = listen_to(f->wake);
	f->writes = listen_to(f->wake);
	split_path(f);
	f->trail.name = f->name;
	watch_directory(f);
	fd = open_regular(AT_FDCWD, o->path, &st);
	if (fd != -1) {
		source_add(f, fd, &st, true, o->from_end);
		return f;
	}
	error = errno;
	if (error == ENOENT)
		return f;
	follow_free(f);
	errno = error;
	return NULL;
}

void
follow_free(struct follow *f)
{
	if (f == NULL)
		return;
	while (f->count > 0)
		drop_oldest(f);
	leave_directory(f);
	if (f->events != -1)
		close(f->events);
	if (f->writes != -1)
		close(f->writes);
	close(f->wake);
	free(f->directory);
	free(f->name);
	free(f);
}
