#include "log/hints.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/file.h"
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

/* Record number at of the file.  Returns 0 or -1. */
static int
read_record(int fd, uint64_t at, struct hint *hint)
{
	char text[HINT_LEN];
	ssize_t n;

	do
		n = pread(fd, text, sizeof text, (off_t)(at * HINT_LEN));
	while (n == -1 && errno == EINTR);
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

/* Drop from records those up to and including index. */
static struct slice
after(struct slice records, uint64_t index)
{
	struct hint h;

	while (records.len >= HINT_LEN &&
	    hint_get((struct slice){ records.p, HINT_LEN }, &h) == 0 && h.index <= index) {
		records.p += HINT_LEN;
		records.len -= HINT_LEN;
	}
	return records;
}

void
hints_add(int dir, struct slice records, mode_t mode)
{
	struct hint last;
	struct stat st;
	int fd;

	if (records.len == 0)
		return;
	fd = place_open(dir, "hints", O_RDWR | O_APPEND | O_CREAT, mode, NULL);
	if (fd == -1)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size % HINT_LEN == 0) {
		uint64_t n = (uint64_t)st.st_size / HINT_LEN;

		if (n > 0)
			records = read_record(fd, n - 1, &last) == 0
			    ? after(records, last.index)
			    : (struct slice){ NULL, 0 };
		/* A record cut short shows in the size: the file is then made anew. */
		(void)!write(fd, records.p, records.len);
	}
	close(fd);
}

void
hints_replace(int dir, struct slice records, mode_t mode)
{
	(void)file_replace(dir, "hints", records, mode, false);
}
