#include "log/tile.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

/* The number in groups of three digits, "x" before all but the last; made from its end. */
static void
put_index(struct buf *b, uint64_t index)
{
	char groups[40];
	size_t at = sizeof groups;

	for (bool last = true; last || index > 0; last = false, index /= 1000) {
		groups[--at] = (char)('0' + index % 10);
		groups[--at] = (char)('0' + index / 10 % 10);
		groups[--at] = (char)('0' + index / 100 % 10);
		if (!last)
			groups[--at] = 'x';
		groups[--at] = '/';
	}
	buf_add(b, groups + at, sizeof groups - at);
}

void
tile_path_put(struct buf *b, struct tile_name t)
{
	buf_printf(b, "tile/%u", t.level);
	put_index(b, t.index);
	if (t.width < TILE_WIDTH)
		buf_printf(b, ".p/%u", t.width);
}

static int
get_number(struct slice s, unsigned long long max, unsigned *value)
{
	unsigned long long v;

	if (slice_u64(s, max, &v) == -1)
		return -1;
	*value = (unsigned)v;
	return 0;
}

/* One group of a number: exactly three digits. */
static int
get_group(struct slice s, uint64_t *index)
{
	if (s.len != 3)
		return -1;
	for (size_t i = 0; i < 3; i++)
		if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(*index, 10, index) ||
		    __builtin_add_overflow(*index, (uint64_t)(s.p[i] - '0'), index))
			return -1;
	return 0;
}

/* "x001/x234/067" or "x001/x234/067.p", with *rest what follows the ".p/". */
static int
get_index(struct slice *rest, struct tile_name *t, bool *partial)
{
	struct slice part;
	bool first = true;

	t->index = 0;
	while (slice_cut(rest, '/', &part), part.len == 4 && part.p[0] == 'x') {
		if (get_group((struct slice){ part.p + 1, 3 }, &t->index) == -1 ||
		    (first && t->index == 0))
			return -1; /* leading zeros: no name of ours */
		first = false;
	}
	*partial = slice_ends(part, SLICE(".p"));
	if (*partial)
		part.len -= 2;
	return get_group(part, &t->index);
}

int
tile_path_get(struct slice path, struct tile_name *t)
{
	struct slice part, rest = path;
	struct buf again = { 0 };
	bool partial, same;

	if (!slice_cut(&rest, '/', &part) || !slice_is(part, "tile"))
		return -1;
	if (!slice_cut(&rest, '/', &part) || get_number(part, 63, &t->level) == -1)
		return -1;
	if (get_index(&rest, t, &partial) == -1)
		return -1;
	t->width = TILE_WIDTH;
	if (partial && (get_number(rest, TILE_WIDTH - 1, &t->width) == -1 || t->width == 0))
		return -1;
	tile_path_put(&again, *t); /* what hangs over at the end shows here */
	same = slice_eq(buf_view(&again), path);
	buf_free(&again);
	return same ? 0 : -1;
}

unsigned
tile_width(uint64_t size, unsigned level, uint64_t index)
{
	uint64_t all = level < TILE_LEVELS ? size >> (8 * level) : 0;

	if (index < all / TILE_WIDTH)
		return TILE_WIDTH;
	return index == all / TILE_WIDTH ? all % TILE_WIDTH : 0;
}

static int
open_tile(int dir, struct tile_name t)
{
	struct buf path = { 0 };
	int fd;

	tile_path_put(&path, t);
	fd = openat(dir, buf_cstr(&path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	buf_free(&path);
	return fd;
}

/* No hash is zero: a block that was not written when the machine went down is. */
static bool
has_zero(const struct hash *hashes, unsigned width)
{
	static const struct hash zero;

	for (unsigned i = 0; i < width; i++)
		if (hash_eq(&hashes[i], &zero))
			return true;
	return false;
}

/* Read the first width hashes of the file named t.  A file longer than its name says is wrong. */
static enum tile_state
read_file(int dir, struct tile_name t, unsigned width, struct hash *hashes)
{
	char bytes[TILE_WIDTH * sizeof(struct hash) + 1];
	int fd = open_tile(dir, t);
	size_t len = 0;
	ssize_t n;

	if (fd == -1)
		return errno == ENOENT || errno == ENOTDIR ? TILE_MISSING : TILE_ERROR;
	do {
		n = read(fd, bytes + len, sizeof bytes - len);
		if (n > 0)
			len += (size_t)n;
	} while (len < sizeof bytes && (n > 0 || (n == -1 && errno == EINTR)));
	if (n == -1) {
		int error = errno;

		close(fd);
		errno = error;
		return TILE_ERROR;
	}
	close(fd);
	if (len > t.width * sizeof *hashes)
		return TILE_WRONG;
	if (len < width * sizeof *hashes)
		return TILE_MISSING;
	memcpy(hashes, bytes, width * sizeof *hashes);
	return has_zero(hashes, width) ? TILE_MISSING : TILE_GOOD;
}

enum tile_state
tile_read_file(int dir, struct tile_name t, struct hash *hashes)
{
	return read_file(dir, t, t.width, hashes);
}

/*
 * The wider tiles are asked for by name, the full one first: a directory of them changes while it
 * is listed.  A partial tile that is missing is rare.
 */
enum tile_state
tile_read(int dir, struct tile_name t, struct hash *hashes)
{
	enum tile_state state = read_file(dir, t, t.width, hashes);

	for (unsigned width = TILE_WIDTH; state == TILE_MISSING && width > t.width; width--)
		state = read_file(
		    dir, (struct tile_name){ t.level, t.index, width }, t.width, hashes);
	return state;
}
