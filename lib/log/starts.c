#include "log/starts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "log/hints.h"

enum { RUN = 1024, EVERY = 256 };

struct reading {
	uint64_t size;
	uint64_t next; /* the next index that must have a record */
	struct hint last;
	bool begun;
	uint64_t *starts;
	size_t n, cap;
};

static bool
add_start(struct reading *r, uint64_t index)
{
	if (r->n == STARTS_MAX)
		return false;
	if (r->n == r->cap) {
		r->cap = 2 * r->cap + 16;
		r->starts = xrealloc(r->starts, r->cap, sizeof *r->starts);
	}
	r->starts[r->n++] = index;
	return true;
}

/* Take one record in.  Returns false if it cannot follow the last one. */
static bool
take(struct reading *r, struct hint h)
{
	if (r->begun ? h.index <= r->last.index : h.index != 0)
		return false;
	if (h.index > r->next || (h.index % EVERY != 0 && h.offset != 0))
		return false;
	if (h.offset > 0 && h.offset <= r->last.offset)
		return false;
	if (h.offset == 0 && h.index < r->size && !add_start(r, h.index))
		return false;
	if (h.index == r->next)
		r->next += EVERY;
	r->last = h;
	r->begun = true;
	return true;
}

static bool
read_all(struct reading *r, int fd)
{
	char text[RUN * HINT_LEN];
	size_t len = 0;
	struct hint h;
	ssize_t n;

	for (;;) {
		n = read(fd, text + len, sizeof text - len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
		if (len < sizeof text)
			continue;
		for (size_t at = 0; at < len; at += HINT_LEN)
			if (hint_get((struct slice){ text + at, HINT_LEN }, &h) == -1 ||
			    !take(r, h))
				return false;
		len = 0;
	}
	for (size_t at = 0; at + HINT_LEN <= len; at += HINT_LEN)
		if (hint_get((struct slice){ text + at, HINT_LEN }, &h) == -1 || !take(r, h))
			return false;
	return n == 0 && len % HINT_LEN == 0 && r->next >= r->size && r->n > 0;
}

bool
starts_get(int tree, uint64_t size, uint64_t **starts, size_t *n)
{
	int fd = openat(tree, "hints", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	struct reading r = { .size = size };
	struct stat st;
	bool good;

	if (fd == -1)
		return false;
	good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && read_all(&r, fd);
	close(fd);
	if (!good) {
		free(r.starts);
		return false;
	}
	*starts = r.starts;
	*n = r.n;
	return true;
}
