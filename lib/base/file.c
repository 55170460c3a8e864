#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lines.h"
#include "base/tool.h"

enum { READER_MS = 20 }; /* between looks for a FIFO's reader, of which nothing tells */

static bool
is_fifo(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

/*
 * open(2) of a FIFO would wait for its other end where a signal finds no one to hold it back.
 * Opened without waiting the wait is left to poll(2): it lasts until a writer came.
 */
static int
blocking(int fd)
{
	int flags = fd == -1 ? -1 : fcntl(fd, F_GETFL);

	if (flags != -1)
		(void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	return fd;
}

int
file_open_output(const char *path, int flags)
{
	int fd;

	flags |= O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	while ((fd = open(path, flags, 0666)) == -1 && errno == ENXIO && is_fifo(path)) {
		if (lines_sleep(-1, READER_MS) == -1) {
			tool_cut_short();
			errno = EINTR;
			return -1;
		}
	}
	return blocking(fd);
}

int
file_open(const char *path)
{
	struct stat st;
	int fd;

	if (strcmp(path, "-") == 0)
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		fd = blocking(open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		close(fd);
		errno = EISDIR;
		return -1;
	}
	return fd;
}

static int
read_all(int fd, size_t max, struct buf *out, bool input)
{
	size_t start = out->len;

	for (;;) {
		size_t room = out->cap - out->len < 4096 ? 65536 : out->cap - out->len;
		ssize_t n;

		if (input && lines_wait(fd, false, NULL, NULL) == -1)
			return -1;
		n = read(fd, buf_reserve(out, room), room);
		if (n == 0)
			return 0;
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		out->len += (size_t)n;
		if (out->len - start > max) {
			errno = EFBIG;
			return -1;
		}
	}
}

int
file_read(int fd, size_t max, struct buf *out)
{
	return read_all(fd, max, out, false);
}

int
file_read_input(int fd, size_t max, struct buf *out)
{
	return read_all(fd, max, out, true);
}

int
file_load(const char *path, size_t max, struct buf *out)
{
	int fd = file_open(path), status, error;

	if (fd == -1)
		return -1;
	status = file_read_input(fd, max, out);
	error = errno;
	close(fd);
	errno = error;
	return status;
}

int
file_write(int fd, struct slice s)
{
	while (s.len > 0) {
		ssize_t n = write(fd, s.p, s.len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		s.p += n;
		s.len -= (size_t)n;
	}
	return 0;
}

int
file_take_owner(int dir, const char *parent, int fd)
{
	struct stat st;

	if (geteuid() != 0)
		return 0;
	return fstatat(dir, parent, &st, 0) == -1 ? -1 : fchown(fd, st.st_uid, st.st_gid);
}

int
file_start_writeback(int fd, off_t from)
{
	if (sync_file_range(fd, from, 0, SYNC_FILE_RANGE_WRITE) == 0)
		return 0;
	return errno == EIO || errno == ENOSPC || errno == EDQUOT ? -1 : 0;
}

enum { TEMP_NAME = 300 };

/* "name.tmp" */
static int
temp_name(char temp[TEMP_NAME], const char *name)
{
	if ((size_t)snprintf(temp, TEMP_NAME, "%s.tmp", name) < TEMP_NAME)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

void
file_discard(struct file_staged *f)
{
	char temp[TEMP_NAME];
	int error = errno;

	if (f->name == NULL)
		return;
	if (f->fd != -1)
		close(f->fd);
	if (temp_name(temp, f->name) == 0)
		unlinkat(f->dir, temp, 0);
	f->name = NULL;
	errno = error;
}

/* Give the new file the mode and owner that it is to have in name's place. */
static int
set_access(const struct file_staged *f, mode_t mode)
{
	struct stat st;

	if (fstatat(f->dir, f->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		mode = st.st_mode & 07777;
	return file_take_owner(f->dir, ".", f->fd) == -1 ? -1 : fchmod(f->fd, mode);
}

int
file_stage(struct file_staged *f, int dir, const char *name, mode_t mode, bool sync)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
	char temp[TEMP_NAME];

	f->name = NULL;
	if (temp_name(temp, name) == -1)
		return -1;
	*f = (struct file_staged){ dir, name, openat(dir, temp, flags, 0600), sync };
	/* A killed predecessor left it. */
	if (f->fd == -1 && errno == EEXIST && unlinkat(dir, temp, 0) == 0)
		f->fd = openat(dir, temp, flags, 0600);
	if (f->fd == -1) {
		f->name = NULL;
		return -1;
	}
	if (set_access(f, mode) == -1) {
		file_discard(f);
		return -1;
	}
	return 0;
}

static int
close_staged(struct file_staged *f)
{
	int fd = f->fd;

	f->fd = -1;
	return close(fd);
}

int
file_commit(struct file_staged *f)
{
	char temp[TEMP_NAME];

	if (temp_name(temp, f->name) == -1 || (f->sync && fsync(f->fd) == -1) ||
	    close_staged(f) == -1 || renameat(f->dir, temp, f->dir, f->name) == -1) {
		file_discard(f);
		return -1;
	}
	f->name = NULL;
	return f->sync ? fsync(f->dir) : 0;
}

int
file_replace(int dir, const char *name, struct slice data, mode_t mode, bool sync)
{
	struct file_staged f;

	if (file_stage(&f, dir, name, mode, sync) == -1)
		return -1;
	if (file_write(f.fd, data) == -1) {
		file_discard(&f);
		return -1;
	}
	return file_commit(&f);
}
