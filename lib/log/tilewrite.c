#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "log/place.h"
#include "log/tile.h"

/* Make every directory on the way to the last part of path. */
static int
make_dirs(int dir, struct buf *path)
{
	for (size_t i = 0; i < path->len; i++) {
		int status;

		if (path->p[i] != '/')
			continue;
		path->p[i] = '\0';
		status = place_make_dir(dir, path->p, NULL);
		path->p[i] = '/';
		if (status == -1)
			return -1;
	}
	return 0;
}

/* Open the directory of path, and make it if need be; *base points at the last part of path. */
static int
open_dir(int dir, struct buf *path, const char **base)
{
	char *slash;
	int fd;

	buf_cstr(path);
	slash = strrchr(path->p, '/');
	*base = slash + 1;
	for (bool made = false;; made = true) {
		*slash = '\0';
		fd = openat(dir, path->p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		*slash = '/';
		if (fd != -1 || errno != ENOENT || made)
			return fd;
		if (make_dirs(dir, path) == -1)
			return -1;
	}
}

int
tile_write_file(int dir, struct buf *path, struct slice data, mode_t mode)
{
	int fd, status = -1;
	const char *base;

	fd = open_dir(dir, path, &base);
	if (fd != -1)
		status = file_replace(fd, base, data, mode, false);
	place_close(fd);
	return status;
}

int
tile_stage(
    struct tile_staged *s, int dir, struct tile_name t, const struct hash *hashes, mode_t mode)
{
	struct slice data = { (const char *)hashes, t.width * sizeof *hashes };
	const char *base;

	*s = (struct tile_staged){ .dir = -1 };
	tile_path_put(&s->path, t);
	s->dir = open_dir(dir, &s->path, &base);
	if (s->dir != -1 && file_stage(&s->file, s->dir, base, mode, false) == 0 &&
	    file_write(s->file.fd, data) == 0)
		return 0;
	tile_discard(s);
	return -1;
}

void
tile_discard(struct tile_staged *s)
{
	file_discard(&s->file);
	if (s->dir != -1)
		place_close(s->dir);
	s->dir = -1;
	buf_free(&s->path);
}

int
tile_commit(struct tile_staged *s)
{
	int status = file_commit(&s->file);

	tile_discard(s);
	return status;
}

int
tile_write(int dir, struct tile_name t, const struct hash *hashes, mode_t mode)
{
	struct tile_staged s;

	return tile_stage(&s, dir, t, hashes, mode) == -1 ? -1 : tile_commit(&s);
}

int
tile_sync(int dir, struct tile_name t)
{
	struct buf path = { 0 };
	const char *base;
	int fd = -1, parent, status = -1;

	tile_path_put(&path, t);
	parent = open_dir(dir, &path, &base);
	if (parent != -1)
		fd = openat(parent, base, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd != -1 && fsync(fd) == 0)
		status = fsync(parent);
	place_close(fd);
	place_close(parent);
	buf_free(&path);
	return status;
}

void
tile_drop_partial_files(int dir, struct buf *path)
{
	struct dirent *entry;
	DIR *list = NULL;
	int fd;

	buf_str(path, ".p");
	fd = openat(dir, buf_cstr(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd != -1)
		list = fdopendir(fd);
	if (list == NULL) {
		place_close(fd);
		return;
	}
	while ((entry = readdir(list)) != NULL)
		if (entry->d_name[0] != '.')
			unlinkat(fd, entry->d_name, 0);
	unlinkat(dir, path->p, AT_REMOVEDIR);
	closedir(list);
}

void
tile_drop_partials(int dir, unsigned level, uint64_t index)
{
	struct buf path = { 0 };

	tile_path_put(&path, (struct tile_name){ level, index, TILE_WIDTH });
	tile_drop_partial_files(dir, &path);
	buf_free(&path);
}
