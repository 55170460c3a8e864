#include "base/grown.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/lines.h"
#include "base/mem.h"

enum { ROOM = 256 * 1024 };

static char *
text_of(const struct grown *g)
{
	return g->mem + LINES_PADDING;
}

static void
make_room(struct grown *g)
{
	size_t cap = g->cap == 0 ? ROOM : g->cap * 2;

	g->mem = xrealloc(g->mem, cap + 2 * LINES_PADDING, 1);
	if (g->cap == 0)
		memset(g->mem, 0, LINES_PADDING);
	g->cap = cap;
}

/* Files that rest are many: what they do not need, others may. */
static void
give_room_back(struct grown *g)
{
	if (g->pos < g->len)
		return;
	free(g->mem);
	g->mem = NULL;
	g->cap = g->pos = g->len = 0;
}

void
grown_open(struct grown *g, int fd, uint64_t offset)
{
	size_t n = offset < GROWN_TAIL ? (size_t)offset : GROWN_TAIL;

	*g = (struct grown){ .fd = fd, .offset = offset };
	if (pread(fd, g->tail, n, (off_t)(offset - n)) == (ssize_t)n)
		g->known = n;
}

/* Give what is left of a line without LF. */
bool
grown_rest(struct grown *g, struct chunk *c, uint64_t *line, size_t max)
{
	size_t len = g->len - g->pos;

	if (len == 0 && g->skipped == 0)
		return false;
	*line = ++g->lines;
	*c = (struct chunk){
		.torn = true,
		.length = g->skipped + len,
		.too_long = g->skipped + len > max,
	};
	if (!c->too_long)
		c->text = (struct slice){ text_of(g) + g->pos, len };
	g->pos = g->len;
	g->skipped = 0;
	return true;
}

/* Skip what there is of a line that is too long.  Gives it once its end has come. */
static bool
skip_long(struct grown *g, struct chunk *c, uint64_t *line)
{
	const char *from = text_of(g) + g->pos, *lf = memchr(from, '\n', g->len - g->pos);
	size_t len = lf != NULL ? (size_t)(lf - from) : g->len - g->pos;

	g->skipped += len;
	g->pos += len + (lf != NULL);
	if (lf == NULL)
		return false;
	*line = ++g->lines;
	*c = (struct chunk){ .too_long = true, .length = g->skipped };
	g->skipped = 0;
	return true;
}

static uint64_t
count_lines(struct slice text)
{
	const char *end = text.p + text.len;
	uint64_t n = 0;

	for (const char *p = text.p; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
		n++;
	return n;
}

static void
skip_hole(struct grown *g)
{
	while (g->hole && g->pos < g->len) {
		g->hole = text_of(g)[g->pos] == '\0';
		g->pos += g->hole;
	}
}

/* Give whole lines, if there are any. */
static bool
give(struct grown *g, struct chunk *c, uint64_t *line, size_t max)
{
	bool too_long = false;
	size_t len;

	skip_hole(g);
	if (g->pos == g->len)
		return false;
	if (g->skipped > 0)
		return skip_long(g, c, line);
	len = lines_cut(text_of(g) + g->pos, g->len - g->pos, max, &too_long);
	if (len == 0)
		return too_long && skip_long(g, c, line);
	*c = (struct chunk){ .text = { text_of(g) + g->pos, len } };
	*line = g->lines + 1;
	g->lines += count_lines(c->text);
	g->pos += len;
	return true;
}

/* n bytes more were read: remember what stands before the next. */
static void
remember(struct grown *g, size_t n)
{
	size_t keep = n >= GROWN_TAIL ? 0 : GROWN_TAIL - n;

	if (keep > g->known)
		keep = g->known;
	memmove(g->tail, g->tail + g->known - keep, keep);
	g->known = keep;
	if (n > GROWN_TAIL)
		n = GROWN_TAIL;
	memcpy(g->tail + keep, text_of(g) + g->len - n, n);
	g->known += n;
}

/* Where a file begins with a hole, its data begins behind it. */
static void
jump_hole(struct grown *g)
{
	off_t data = lseek(g->fd, (off_t)g->offset, SEEK_DATA);

	if (data <= (off_t)g->offset)
		return;
	g->offset = (uint64_t)data;
	g->known = 0;
}

/*
 * Are the bytes before offset, now before, others than they were?  NULs may have stood for what a
 * network file system was still to bring.
 */
static bool
is_other(const struct grown *g, const char *before)
{
	return memcmp(before, g->tail, g->known) != 0 &&
	    memchr(g->tail, '\0', g->known) == NULL;
}

/* Make room, and read what there is.  Returns how much; -1 with errno; *cut: the file is not what it was. */
static ssize_t
read_on(struct grown *g, bool *cut)
{
	char before[GROWN_TAIL];
	struct iovec v[2];
	size_t got;
	ssize_t n;

	if (g->pos > 0) {
		memmove(text_of(g), text_of(g) + g->pos, g->len - g->pos);
		g->len -= g->pos;
		g->pos = 0;
	}
	if (g->len == g->cap)
		make_room(g);
	if (g->hole)
		jump_hole(g);
	v[0] = (struct iovec){ before, g->known };
	v[1] = (struct iovec){ text_of(g) + g->len, g->cap - g->len };
	do
		n = preadv(g->fd, v, 2, (off_t)(g->offset - g->known));
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return -1;
	*cut = (size_t)n < g->known || is_other(g, before);
	if (*cut)
		return 0;
	got = (size_t)n - g->known;
	g->len += got;
	g->offset += got;
	remember(g, got);
	return (ssize_t)got;
}

int
grown_next(struct grown *g, struct chunk *c, uint64_t *line, size_t max)
{
	bool cut, rest;
	ssize_t n;

	for (;;) {
		if (give(g, c, line, max))
			return 1;
		n = read_on(g, &cut);
		if (n == -1)
			return -1;
		if (cut) {
			rest = grown_rest(g, c, line, max);
			g->pos = g->len = g->known = 0;
			g->offset = g->lines = 0;
			g->hole = true;
			if (rest)
				return 1;
		} else if (n == 0) {
			give_room_back(g);
			return 0;
		}
	}
}

void
grown_free(struct grown *g)
{
	free(g->mem);
	g->mem = NULL;
}
