/* The file "checkpoints". */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/lines.h"
#include "base/mem.h"
#include "log/checkpoint.h"

static const char dash[] = "\xe2\x80\x94 ";

enum where { IN_TEXT, IN_SIGNATURES, IN_JUNK };

struct heads {
	struct lines *lines;
	struct buf message;
	enum where where;
	bool signature; /* the last line was one */
	bool torn;
	uint64_t skipped;
};

struct heads *
heads_open(int fd)
{
	struct heads *in = xzalloc(1, sizeof *in);

	in->lines = lines_open(fd, LINES_MAX, false);
	return in;
}

void
heads_free(struct heads *in)
{
	if (in == NULL)
		return;
	lines_free(in->lines);
	buf_free(&in->message);
	free(in);
}

bool
heads_torn(const struct heads *in)
{
	return in->torn;
}

uint64_t
heads_skipped(const struct heads *in)
{
	return in->skipped;
}

static void
begin(struct heads *in)
{
	buf_reset(&in->message);
	in->where = IN_TEXT;
	in->signature = false;
}

static void
keep(struct heads *in, const struct line *line)
{
	if (line->too_long || in->message.len + line->text.len + 1 > NOTE_MAX) {
		in->where = IN_JUNK;
		return;
	}
	buf_slice(&in->message, line->text);
	buf_byte(&in->message, '\n');
}

/* Take a line in.  Returns true if it ends a head. */
static bool
take(struct heads *in, const struct line *line)
{
	bool empty = line->length == 0, after = in->signature;

	in->signature = !line->too_long && slice_starts(line->text, slice_of(dash));
	switch (in->where) {
	case IN_TEXT:
		if (empty && in->message.len == 0)
			return false; /* one empty line too many */
		keep(in, line);
		if (empty && in->where == IN_TEXT)
			in->where = IN_SIGNATURES;
		return false;
	case IN_SIGNATURES:
		if (empty && after)
			return true;
		if (in->signature)
			keep(in, line);
		else
			in->where = IN_JUNK;
		return false;
	case IN_JUNK:
		if (empty && after) {
			in->skipped++;
			begin(in);
		}
		return false;
	}
	return false;
}

int
heads_next(struct heads *in, struct slice *message)
{
	struct line line;
	int status;

	begin(in);
	while ((status = lines_next(in->lines, &line)) == 1) {
		const char *zero =
		    line.text.len == 0 ? NULL : memrchr(line.text.p, '\0', line.text.len);

		/* A crash can leave zeros in place of what was not written yet. */
		if (zero != NULL) {
			begin(in);
			line.text.len -= (size_t)(zero + 1 - line.text.p);
			line.text.p = zero + 1;
			line.length = line.text.len;
		}
		if (line.torn)
			in->torn = true;
		else if (take(in, &line)) {
			*message = buf_view(&in->message);
			return 1;
		}
	}
	if (status == 0 && (in->message.len > 0 || in->where == IN_JUNK))
		in->torn = true;
	return status;
}

/* Is there an empty line at p[at] that ends a head: an LF behind an LF behind a signature line? */
static bool
ends_head(const char *p, size_t at)
{
	const char *line;

	if (at < 2 || p[at] != '\n' || p[at - 1] != '\n')
		return false;
	line = memrchr(p, '\n', at - 1);
	return line != NULL &&
	    slice_starts((struct slice){ line + 1, (size_t)(p + at - line) }, slice_of(dash));
}

/*
 * Find the last whole head in the window p of len bytes, which begins the file if first is set.
 * Returns 1 with its *start and *end (behind its empty line), 0 if the window is too small or,
 * being the whole file, has none.  What a crash made zeros of is no part of a head.
 */
static int
find_last(const char *p, size_t len, bool first, size_t *start, size_t *end)
{
	size_t at = len, from, text;
	const char *zero;

	for (;; at--) {
		while (at > 0 && !ends_head(p, at - 1))
			at--;
		if (at == 0)
			return 0;
		/* Back over the signatures to the empty line above them, then over the text. */
		for (text = at - 2; text >= 2 && (p[text - 1] != '\n' || p[text - 2] != '\n');)
			text--;
		if (text < 2)
			return 0;
		for (from = text - 2;
		     from >= 2 && (p[from - 1] != '\n' || p[from - 2] != '\n');)
			from--;
		if (memchr(p + text, '\0', at - text) == NULL)
			break;
	}
	if (from < 2 && !first && memchr(p, '\0', text) == NULL)
		return 0;
	*end = at;
	*start = from < 2 ? 0 : from;
	zero = memrchr(p + *start, '\0', text - *start);
	if (zero != NULL)
		*start = (size_t)(zero + 1 - p);
	while (p[*start] == '\n')
		++*start; /* an empty line too many above the first head */
	return 1;
}

static int
read_at(int fd, off_t at, size_t len, struct buf *b)
{
	buf_reset(b);
	buf_reserve(b, len);
	while (b->len < len) {
		ssize_t n = pread(fd, b->p + b->len, len - b->len, at + (off_t)b->len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		b->len += (size_t)n;
	}
	return 0;
}

int
heads_last(int fd, uint64_t before, struct buf *message, struct heads_place *place)
{
	struct buf window = { 0 };
	size_t len = 0, from, to;
	int status = 0;

	*place = (struct heads_place){ 0, 0 };
	for (size_t want = 16384; status == 0 && want <= 4 * (size_t)NOTE_MAX; want *= 4) {
		if (len == before)
			break;
		len = want < before ? want : (size_t)before;
		if (read_at(fd, (off_t)(before - len), len, &window) == -1)
			status = -1;
		else
			status = find_last(window.p, window.len, len == before, &from, &to);
	}
	if (status == 1) {
		buf_reset(message);
		buf_add(message, window.p + from, to - 1 - from);
		*place = (struct heads_place){ before - len + from, before - len + to };
	}
	buf_free(&window);
	return status;
}
