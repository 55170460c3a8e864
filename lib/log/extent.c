#include "log/extent.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "log/tree.h"

enum { WINDOW = 256 * 1024 };

struct reader {
	int fd;
	uint64_t to;   /* no byte from here on is read */
	uint64_t base; /* file offset of window[0] */
	size_t pos, len;
	struct slice line[EXTENT_RUN]; /* whole lines waiting to be hashed, in the window */
	struct extent_run run;
	extent_take *take;
	void *arg;
	uint64_t taken;
	struct sha256 *sha;
	char window[WINDOW];
};

static int
flush(struct reader *r)
{
	if (r->run.n == 0)
		return 0;
	if (r->line[0].p != NULL)
		tree_leaves(r->line, r->run.n, r->run.leaf);
	if (r->take(r->arg, &r->run) != 0)
		return -1;
	r->taken += r->run.n;
	r->run.n = 0;
	return 0;
}

/* Keep the unread rest and read more behind it.  Returns the number of new bytes, 0 at the end, or -1. */
static ssize_t
fill(struct reader *r)
{
	uint64_t left;
	size_t room;
	ssize_t n;

	memmove(r->window, r->window + r->pos, r->len - r->pos);
	r->base += r->pos;
	r->len -= r->pos;
	r->pos = 0;
	left = r->to - r->base - r->len;
	room = left < WINDOW - r->len ? (size_t)left : WINDOW - r->len;
	do
		n = room == 0
		    ? 0
		    : pread(r->fd, r->window + r->len, room, (off_t)(r->base + r->len));
	while (n == -1 && errno == EINTR);
	if (n > 0)
		r->len += (size_t)n;
	return n;
}

/* A line that does not fit the window: hash it piece by piece.  Returns 1, 0 if it does not end, or -1. */
static int
long_line(struct reader *r)
{
	const char *lf = NULL;
	ssize_t n;

	if (r->sha == NULL)
		r->sha = sha256_new();
	sha256_begin(r->sha);
	sha256_add(r->sha, "", 1);
	for (;;) {
		size_t len = r->len;

		lf = memchr(r->window, '\n', r->len);
		if (lf != NULL)
			len = (size_t)(lf - r->window);
		sha256_add(r->sha, r->window, len);
		r->pos = lf != NULL ? len + 1 : len;
		if (lf != NULL)
			break;
		n = fill(r);
		if (n <= 0)
			return (int)n;
	}
	sha256_end(r->sha, &r->run.leaf[0]);
	r->run.end[0] = r->base + r->pos;
	r->run.n = 1;
	r->line[0].p = NULL; /* hashed already */
	return flush(r) == -1 ? -1 : 1;
}

/* Take the whole lines that are in the window, at most count in all. */
static int
short_lines(struct reader *r, uint64_t count)
{
	const char *start = r->window + r->pos, *end = r->window + r->len, *lf;

	while (r->taken + r->run.n < count &&
	    (lf = memchr(start, '\n', (size_t)(end - start))) != NULL) {
		r->line[r->run.n] = (struct slice){ start, (size_t)(lf - start) };
		start = lf + 1;
		r->pos = (size_t)(start - r->window);
		r->run.end[r->run.n++] = r->base + r->pos;
		if (r->run.n == EXTENT_RUN && flush(r) == -1)
			return -1;
	}
	return flush(r);
}

static int
read_all(struct reader *r, uint64_t count)
{
	while (r->taken < count) {
		ssize_t n;

		if (short_lines(r, count) == -1)
			return -1;
		if (r->taken == count)
			break;
		if (r->pos == 0 && r->len == WINDOW) {
			int status = long_line(r);

			if (status <= 0)
				return status;
			continue;
		}
		n = fill(r);
		if (n <= 0)
			return (int)n;
	}
	return 0;
}

int64_t
extent_read(int fd, uint64_t from, uint64_t to, uint64_t count, extent_take *take, void *arg)
{
	struct reader *r = xzalloc(1, sizeof *r);
	int64_t taken;

	r->fd = fd;
	r->base = from;
	r->to = to > from ? to : from;
	r->take = take;
	r->arg = arg;
	taken = read_all(r, count) == -1 ? -1 : (int64_t)r->taken;
	sha256_free(r->sha);
	free(r);
	return taken;
}
