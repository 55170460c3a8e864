#include "base/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

enum { FULL = 64 * 1024 };

/* The directory part of path as a new string ("." if there is none). */
static char *
directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return xstrdup(".");
	return xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
}

static char *
temp_name(const char *path)
{
	struct buf b = { 0 };
	uint64_t tag = (uint64_t)getpid();

	(void)!getrandom(&tag, sizeof tag, GRND_NONBLOCK);
	buf_printf(&b, "%s.%016llx.tmp", path, (unsigned long long)tag);
	buf_cstr(&b);
	return b.p;
}

/* A file without a name can take one later only by way of /proc. */
static int
open_nameless(const char *path)
{
	char *dir = directory_of(path);
	int fd = access("/proc/self/fd", X_OK) == 0
	    ? open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600)
	    : -1;

	free(dir);
	return fd;
}

static int
open_temp(struct out *o)
{
	o->fd = open_nameless(o->path);
	if (o->fd != -1)
		return 0;
	o->temp = temp_name(o->path);
	o->fd = open(o->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return o->fd == -1 ? -1 : 0;
}

static mode_t
default_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* Give up what open made, keep errno, and return -1. */
static int
fail_open(struct out *o)
{
	int error = errno;

	free(o->path);
	free(o->temp);
	*o = (struct out){ .fd = -1, .error = error };
	errno = error;
	return -1;
}

int
out_open(struct out *o, const char *path)
{
	struct stat st;
	bool there;

	*o = (struct out){ .fd = STDOUT_FILENO, .name = "<stdout>" };
	if (path == NULL || strcmp(path, "-") == 0)
		return 0;
	o->name = path;
	there = stat(path, &st) == 0;
	if (there && !S_ISREG(st.st_mode)) {
		o->fd = file_open_output(path, 0);
		return o->fd == -1 ? fail_open(o) : 0;
	}
	o->path = there ? realpath(path, NULL) : xstrdup(path);
	o->mode = there ? st.st_mode & 07777 : default_mode();
	if (o->path == NULL || open_temp(o) == -1)
		return fail_open(o);
	return 0;
}

int
out_append(struct out *o, const char *path)
{
	*o = (struct out){ .name = path };
	o->fd = file_open_output(path, O_APPEND | O_CREAT);
	return o->fd == -1 ? fail_open(o) : 0;
}

int
out_flush(struct out *o)
{
	if (o->error == 0 && o->buf.len > 0 && file_write(o->fd, buf_view(&o->buf)) == -1)
		o->error = errno;
	buf_reset(&o->buf);
	errno = o->error;
	return o->error == 0 ? 0 : -1;
}

static void
flush_if_full(struct out *o)
{
	if (o->buf.len >= FULL)
		out_flush(o);
}

void
out_put(struct out *o, struct slice s)
{
	if (s.len >= FULL && o->error == 0) { /* large: past the buffer, in order */
		out_flush(o);
		if (o->error == 0 && file_write(o->fd, s) == -1)
			o->error = errno;
		return;
	}
	buf_slice(&o->buf, s);
	flush_if_full(o);
}

void
out_str(struct out *o, const char *s)
{
	out_put(o, slice_of(s));
}

void
out_byte(struct out *o, char c)
{
	buf_byte(&o->buf, c);
	flush_if_full(o);
}

void
out_printf(struct out *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&o->buf, fmt, ap);
	va_end(ap);
	flush_if_full(o);
}

/* Make the synced, nameless or temporary file take the name o->path. */
static int
take_name(struct out *o)
{
	char *dir = directory_of(o->path), proc[64];
	int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), status = -1;

	free(dir);
	if (dirfd == -1)
		return -1;
	if (o->temp == NULL) {
		o->temp = temp_name(o->path);
		snprintf(proc, sizeof proc, "/proc/self/fd/%d", o->fd);
		if (linkat(AT_FDCWD, proc, AT_FDCWD, o->temp, AT_SYMLINK_FOLLOW) == -1) {
			free(o->temp);
			o->temp = NULL;
		}
	}
	if (o->temp != NULL && rename(o->temp, o->path) == 0) {
		free(o->temp);
		o->temp = NULL;
		status = fsync(dirfd);
	}
	close(dirfd);
	return status;
}

int
out_close(struct out *o, bool keep)
{
	if (o->fd == -1)
		return 0;
	out_flush(o);
	if (o->error == 0 && o->path != NULL && keep &&
	    (fchmod(o->fd, o->mode) == -1 || fsync(o->fd) == -1 || take_name(o) == -1))
		o->error = errno;
	if (o->temp != NULL)
		unlink(o->temp);
	if (o->fd != STDOUT_FILENO && close(o->fd) == -1 && o->error == 0)
		o->error = errno;
	o->fd = -1;
	free(o->path);
	free(o->temp);
	o->path = o->temp = NULL;
	buf_free(&o->buf);
	errno = o->error;
	return o->error == 0 ? 0 : -1;
}
