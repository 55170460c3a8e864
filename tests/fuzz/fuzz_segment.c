/*
 * What audit-verify reads besides lines and tiles: compressed segments and time stamps.
 *
 * The first byte says what the rest is.  Properties: a segment read in small pieces is the same
 * bytes and ends the same way as in one piece, read twice it is the same, and what follows a failed
 * read is an error and not an end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "fault.h"
#include "log/source.h"
#include "log/token.h"

enum { OUT_MAX = 1 << 20 };

static int
file_of(struct slice s)
{
	int fd = memfd_create("segment", MFD_CLOEXEC);

	MUST(fd != -1 && file_write(fd, s) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

/* All that comes out, up to OUT_MAX, in pieces of at most step bytes.  False: it could not be read. */
static bool
read_all(struct source *s, size_t step, struct buf *out, enum source_end *end)
{
	ssize_t n = 1;

	buf_reset(out);
	while (n > 0 && out->len < OUT_MAX) {
		n = source_read(s, buf_reserve(out, step), step);
		MUST(n == -1 ? fault_hit() : (size_t)n <= step);
		out->len += n == -1 ? 0 : (size_t)n;
	}
	*end = source_end(s);
	MUST((*end == SOURCE_MORE) == (n != 0) || out->len >= OUT_MAX);
	return n != -1;
}

/* And all once more in small pieces. */
static bool
read_again(struct source *s, struct slice big, size_t step, enum source_end want)
{
	struct buf small = { 0 };
	enum source_end end;
	bool read = source_rewind(s) == 0 && read_all(s, step, &small, &end);

	MUST(read ? end == want && slice_eq(buf_view(&small), big) : fault_hit());
	buf_free(&small);
	return read;
}

/* From now on reading fails, and says so. */
static void
break_off(struct source *s, int fd)
{
	int dir;
	char byte;

	fault_over();
	dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	MUST(source_rewind(s) == 0);
	MUST(dir != -1 && dup2(dir, fd) == fd);
	MUST(source_read(s, &byte, 1) == -1 && source_end(s) == SOURCE_MORE);
	close(dir);
}

static uint64_t
try_segment(struct slice text, enum source_form form)
{
	int fd = file_of(text);
	struct buf big = { 0 };
	enum source_end end = SOURCE_MORE;
	struct source *s;
	uint64_t answer = CANNOT;

	fault_on();
	s = source_open(fd, form);
	if (!source_can_rewind(s)) {
		MUST(fault_hit());
	} else if (read_all(s, 65536, &big, &end) &&
	    (big.len >= OUT_MAX || read_again(s, buf_view(&big), 1 + text.len % 7, end))) {
		answer = answer_number(answer_add(ANSWER, buf_view(&big)), end);
		answer = answer_number(answer, source_extra(s));
		MUST(end == SOURCE_TRAILING || source_extra(s) == 0);
		if (form == SOURCE_PLAIN)
			MUST(big.len >= OUT_MAX ||
			    (end == SOURCE_WHOLE && slice_eq(buf_view(&big), text)));
	}
	if (source_can_rewind(s))
		break_off(s, fd);
	source_free(s);
	fault_off();
	close(fd);
	buf_free(&big);
	return answer;
}

static uint64_t
try_token(struct slice der)
{
	struct token *t;
	bool read;

	fault_on();
	t = token_get(der);
	read = t != NULL;
	if (read)
		(void)token_stamps(t, SLICE("anything"));
	token_free(t);
	fault_off();
	return ANSWER + read;
}

uint64_t
trial(struct slice input)
{
	struct slice rest = { input.p + 1, input.len - 1 };

	if (input.len < 2)
		return CANNOT;
	switch (input.p[0]) {
	case 'a': return try_segment(rest, SOURCE_ANY);
	case 'c': return try_segment(rest, SOURCE_PACKED);
	case 'p': return try_segment(rest, SOURCE_PLAIN);
	case 't': return try_token(rest);
	default: return CANNOT;
	}
}
