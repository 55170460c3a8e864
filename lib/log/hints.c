#include "log/hints.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/file.h"
#include "base/mem.h"
#include "log/place.h"

static uint64_t
from_bytes(const uint8_t p[8])
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

void
hint_put(struct buf *b, struct hint hint)
{
	buf_printf(b, "%016llx %016llx\n", (unsigned long long)hint.index,
	    (unsigned long long)hint.offset);
}

int
hint_get(struct slice text, struct hint *hint)
{
	uint8_t index[8], offset[8];

	if (text.len != HINT_LEN || text.p[16] != ' ' || text.p[33] != '\n' ||
	    hex_get((struct slice){ text.p, 16 }, index, 8) == -1 ||
	    hex_get((struct slice){ text.p + 17, 16 }, offset, 8) == -1)
		return -1;
	hint->index = from_bytes(index);
	hint->offset = from_bytes(offset);
	return hint->offset > INT64_MAX || hint->index > INT64_MAX ? -1 : 0;
}

/* Record number at of the file.  Returns 0; -1, with errno if it could not be read. */
static int
read_record(int fd, uint64_t at, struct hint *hint)
{
	char text[HINT_LEN];
	ssize_t n;

	do
		n = pread(fd, text, sizeof text, (off_t)(at * HINT_LEN));
	while (n == -1 && errno == EINTR);
	if (n != -1)
		errno = 0;
	return n == HINT_LEN ? hint_get((struct slice){ text, HINT_LEN }, hint) : -1;
}

int
hints_find(int fd, uint64_t index, struct hint *hint)
{
	uint64_t low = 0, high; /* the record looked for is in [low, high), if any */
	struct stat st;
	struct hint h;
	int found = 0;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) || st.st_size % HINT_LEN != 0)
		return 0;
	high = (uint64_t)st.st_size / HINT_LEN;
	/* The end first: that is where append looks. */
	for (uint64_t at = high == 0 ? 0 : high - 1; low < high; at = low + (high - low) / 2) {
		if (read_record(fd, at, &h) == -1)
			return 0;
		if (h.index > index) {
			high = at;
			continue;
		}
		low = at + 1;
		*hint = h;
		found = 1;
	}
	return found;
}

/* May record b follow a?  A segment can begin where a tile would have. */
static bool
follows(struct hint a, struct hint b)
{
	return b.index > a.index ? b.offset == 0 || b.offset > a.offset
				 : b.index == a.index && b.offset == 0 && a.offset != 0;
}

/* Read records in order.  Returns 1 for one, 0 at the end or at what is none. */
struct reading {
	int fd;
	uint64_t at, n; /* at: of the next record */
	size_t pos, len;
	char text[HINT_LEN * 512];
};

static int
next_record(struct reading *r, struct hint *h)
{
	if (r->pos == r->len) {
		ssize_t n = pread(r->fd, r->text, sizeof r->text, (off_t)(r->at * HINT_LEN));

		r->pos = 0;
		r->len = n < HINT_LEN ? 0 : (size_t)n / HINT_LEN * HINT_LEN;
		if (r->len == 0)
			return 0;
	}
	if (hint_get((struct slice){ r->text + r->pos, HINT_LEN }, h) == -1)
		return 0;
	r->pos += HINT_LEN;
	r->at++;
	return 1;
}

/* What leads the file, as far as its records go together. */
struct lead {
	uint64_t n;     /* records of entries before end */
	uint64_t first; /* the last of them that begins a segment */
	bool later;     /* a segment begins at end or later */
	bool whole;     /* nothing follows that does not go together */
};

static void
read_lead(int fd, uint64_t end, struct lead *lead)
{
	struct reading *r = xzalloc(1, sizeof *r);
	struct hint last = { 0, 0 }, h;
	bool together = true;
	struct stat st;

	*lead = (struct lead){ .n = 0 };
	r->fd = fd;
	while (next_record(r, &h) == 1) {
		together = r->at == 1 ? h.index == 0 && h.offset == 0 : follows(last, h);
		if (!together)
			break;
		last = h;
		if (h.index >= end) {
			lead->later |= h.offset == 0;
			continue;
		}
		if (h.offset == 0)
			lead->first = h.index;
		lead->n++;
	}
	lead->whole = together && lead->n > 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (uint64_t)st.st_size == r->at * HINT_LEN && r->pos == r->len;
	free(r);
}

int
hints_segment(int fd, uint64_t size, uint64_t *first, bool *later)
{
	struct lead lead;

	read_lead(fd, size + 1, &lead);
	*first = lead.first;
	*later = lead.later;
	return lead.whole;
}

/* Drop from records those that do not follow last. */
static struct slice
after(struct slice records, struct hint last)
{
	struct hint h;

	while (records.len >= HINT_LEN &&
	    hint_get((struct slice){ records.p, HINT_LEN }, &h) == 0 && !follows(last, h)) {
		records.p += HINT_LEN;
		records.len -= HINT_LEN;
	}
	return records;
}

int
hints_add(int dir, struct slice records, mode_t mode)
{
	struct hint last;
	struct stat st;
	int fd, status = 0;

	if (records.len == 0)
		return 0;
	fd = place_open(dir, "hints", O_RDWR | O_APPEND | O_CREAT, mode, NULL);
	if (fd == -1 || fstat(fd, &st) == -1) {
		status = -1;
	} else if (S_ISREG(st.st_mode) && st.st_size % HINT_LEN == 0) {
		uint64_t n = (uint64_t)st.st_size / HINT_LEN;

		if (n > 0 && read_record(fd, n - 1, &last) == 0)
			records = after(records, last);
		else if (n > 0)
			records.len = 0;
		if (n > 0 && records.len == 0 && errno != 0)
			status = -1;
		/* A record cut short shows in the size: the file is then made anew. */
		if (records.len > 0 && file_write(fd, records) == -1)
			status = -1;
	}
	place_close(fd);
	return status;
}

int
hints_replace(int dir, uint64_t first, struct slice records, mode_t mode)
{
	struct buf all = { 0 };
	struct lead lead = { .n = 0 };
	int status, fd = first == 0 ? -1 : place_open(dir, "hints", O_RDONLY, 0, NULL);

	if (fd != -1)
		read_lead(fd, first, &lead);
	if (lead.n == 0 || file_read(fd, INT64_MAX, &all) == -1)
		buf_reset(&all);
	else if (all.len > lead.n * HINT_LEN)
		all.len = lead.n * HINT_LEN;
	place_close(fd);
	buf_slice(&all, records);
	status = file_replace(dir, "hints", buf_view(&all), mode, false);
	buf_free(&all);
	return status;
}
