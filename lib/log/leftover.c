/*
 * Partial tiles of older heads: they stay until the full tile is durable, and others keep them for
 * good.  The head does not need them, but a client with an older head does.
 */
#include "log/job.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

enum { DEEP = 12 }; /* directories below "tile": a level, groups of three digits, "N.p" */

/* A tile that was of use to an older head: the present one is what it became. */
static void
check(struct job *j, struct tile_name name, const char *path)
{
	unsigned width = tile_width(j->r->entries, name.level, name.index),
		 shift = 8 * name.level;
	struct hash stored[TILE_WIDTH];
	const struct hash *hashes;
	struct verify_finding f = {
		.kind = FOUND_TILE_DAMAGED,
		.place = AT_TREE,
		.file = path,
		.entry = name.index << shift << 8,
		.count = (uint64_t)name.width << shift,
		.copy = ALIGN_NONE,
	};
	enum tile_state state;

	if (name.width >= width)
		return; /* the head's own, or of one to come */
	state = tile_read_file(j->v->tree, name, stored);
	if (state == TILE_MISSING || state == TILE_ERROR)
		return; /* it can be had from the wider one */
	hashes = mend_tile(j->mend, name.level, name.index);
	if (state == TILE_WRONG ||
	    (hashes != NULL && memcmp(hashes, stored, name.width * sizeof *hashes) != 0))
		job_found(j, &f);
}

/* Look at all that path, a directory that ends in no slash, holds.  path is left as it was. */
static void
walk(struct job *j, struct buf *path, unsigned deep)
{
	int fd =
	    openat(j->v->tree, buf_cstr(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	size_t len = path->len;
	struct dirent *entry;

	if (dir == NULL) {
		if (fd != -1)
			close(fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		struct tile_name name;

		if (strspn(entry->d_name, "x0123456789.p") < strlen(entry->d_name) ||
		    entry->d_name[0] == '.')
			continue;
		buf_printf(path, "/%s", entry->d_name);
		if (tile_path_get(buf_view(path), &name) == 0) {
			if (name.width < TILE_WIDTH && name.level < TILE_LEVELS)
				check(j, name, buf_cstr(path));
		} else if (deep < DEEP) {
			walk(j, path, deep + 1);
		}
		path->len = len;
	}
	closedir(dir);
}

void
leftover_check(struct job *j)
{
	struct buf path = { 0 };

	damage_open_tiles(j);
	buf_str(&path, "tile");
	walk(j, &path, 0);
	buf_free(&path);
}
