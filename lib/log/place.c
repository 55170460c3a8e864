#include "log/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

void
place_close(int fd)
{
	int error = errno;

	if (fd != -1)
		close(fd);
	errno = error;
}

/* What could not be given its mode and owner must not stay with others. */
static void
undo(int dir, const char *name, int flags)
{
	int error = errno;

	unlinkat(dir, name, flags);
	errno = error;
}

int
place_open(int dir, const char *name, int flags, mode_t mode, bool *made)
{
	int fd, safe = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;

	if (made != NULL)
		*made = false;
	for (;;) {
		fd = openat(dir, name, (flags & ~O_CREAT) | safe);
		if (fd != -1 || errno != ENOENT || (flags & O_CREAT) == 0)
			return fd;
		fd = openat(dir, name, flags | safe | O_EXCL, 0600);
		if (fd != -1)
			break;
		if (errno != EEXIST)
			return -1;
	}
	if (file_take_owner(dir, ".", fd) == -1 || fchmod(fd, mode) == -1) {
		undo(dir, name, 0);
		place_close(fd);
		return -1;
	}
	if (made != NULL)
		*made = true;
	return fd;
}

int
place_make_dir(int dir, const char *name, bool *made)
{
	mode_t mask = umask(077); /* a caller's might keep us out of it */
	int fd, status = mkdirat(dir, name, 0700);

	umask(mask);
	if (made != NULL)
		*made = false;
	if (status == -1)
		return errno == EEXIST ? 0 : -1;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	status =
	    fd == -1 || file_take_owner(fd, "..", fd) == -1 ? -1 : fchmod(fd, PLACE_DIR_MODE);
	if (status == -1)
		undo(dir, name, AT_REMOVEDIR);
	place_close(fd);
	if (made != NULL)
		*made = true;
	return status;
}

int
place_parent(const char *path, const char **base)
{
	const char *slash = strrchr(path, '/');
	char *parent;
	int fd;

	*base = slash == NULL ? path : slash + 1;
	parent = slash == NULL ? xstrdup(".")
	    : slash == path    ? xstrdup("/")
			       : xstrndup(path, (size_t)(slash - path));
	fd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(parent);
	return fd;
}

int
place_sync(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), status;

	if (fd == -1)
		return -1;
	status = fsync(fd);
	place_close(fd);
	return status;
}

int
place_sync_parent(const char *path)
{
	const char *base;
	int dir = place_parent(path, &base), status;

	if (dir == -1)
		return -1;
	status = place_sync(dir);
	place_close(dir);
	return status;
}
