#include "log/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "log/place.h"
#include "log/tile.h"

enum { LEVEL0 = 6 }; /* bytes of "tile/0" */

void
bundle_path_put(struct buf *b, uint64_t index, unsigned width)
{
	struct buf path = { 0 };

	tile_path_put(&path, (struct tile_name){ 0, index, width });
	buf_str(b, "tile/entries");
	buf_add(b, path.p + LEVEL0, path.len - LEVEL0);
	buf_free(&path);
}

void
bundle_put(struct buf *b, struct slice entry)
{
	buf_byte(b, (char)(entry.len >> 8));
	buf_byte(b, (char)entry.len);
	buf_slice(b, entry);
}

int
bundle_next(struct slice *rest, struct slice *entry)
{
	size_t len;

	if (rest->len == 0)
		return 0;
	if (rest->len < 2)
		return -1;
	len = (size_t)(unsigned char)rest->p[0] << 8 | (unsigned char)rest->p[1];
	if (rest->len - 2 < len)
		return -1;
	*entry = (struct slice){ rest->p + 2, len };
	rest->p += 2 + len;
	rest->len -= 2 + len;
	return 1;
}

/* Read one file.  Returns 0, or -1 with errno. */
static int
read_file(int dir, uint64_t index, unsigned width, struct buf *text)
{
	struct buf path = { 0 };
	int fd, status = -1;
	struct stat st;

	buf_reset(text);
	bundle_path_put(&path, index, width);
	fd = openat(
	    dir, buf_cstr(&path), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
	if (fd != -1 && fstat(fd, &st) == 0) {
		errno = EISDIR;
		if (S_ISREG(st.st_mode))
			status = file_read(fd, BUNDLE_MAX, text);
	}
	place_close(fd);
	buf_free(&path);
	return status;
}

int
bundle_read(int dir, uint64_t index, unsigned width, struct buf *text)
{
	int status = read_file(dir, index, width, text);

	for (unsigned wider = TILE_WIDTH; status == -1 && errno == ENOENT && wider > width;
	     wider--)
		status = read_file(dir, index, wider, text);
	return status;
}
