#include "base/lines.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/progress.h"
#include "base/tool.h"

enum { READ = 256 * 1024 };

struct lines {
	int fd;
	size_t max;
	bool stream, file; /* file: a regular one, which never blocks */
	char *mem;         /* LINES_PADDING, cap bytes, LINES_PADDING */
	char *buf;         /* [pos, end) is unread; [pos, seen) has no LF */
	size_t cap, pos, seen, end;
	uint64_t number;
	bool eof;
	void (*on_idle)(void *);
	void *idle_arg;
	void (*on_long)(void *, struct slice);
	void *long_arg;
};

static void
resize(struct lines *in, size_t cap)
{
	in->mem = xrealloc(in->mem, cap + 2 * LINES_PADDING, 1);
	in->buf = in->mem + LINES_PADDING;
	in->cap = cap;
}

struct lines *
lines_open(int fd, size_t max, bool stream)
{
	struct lines *in = xzalloc(1, sizeof *in);
	struct stat st;

	in->fd = fd;
	in->max = max;
	in->stream = stream;
	in->file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	resize(in, READ);
	memset(in->mem, 0, LINES_PADDING);
	return in;
}

void
lines_on_idle(struct lines *in, void (*fn)(void *), void *arg)
{
	in->on_idle = fn;
	in->idle_arg = arg;
}

void
lines_on_long(struct lines *in, void (*fn)(void *, struct slice), void *arg)
{
	in->on_long = fn;
	in->long_arg = arg;
}

void
lines_free(struct lines *in)
{
	if (in == NULL)
		return;
	free(in->mem);
	free(in);
}

/* What a held signal means for the reading of fd: 0 the end, -1 cut short. */
static int
interrupted(bool stream)
{
	if (stream)
		return 0;
	tool_cut_short();
	errno = EINTR;
	return -1;
}

bool
lines_poll(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) != 0;
}

int
lines_sleep(int fd, int ms)
{
	struct timespec limit = { ms / 1000, ms % 1000 * 1000000L };
	struct pollfd p = { .fd = fd, .events = POLLIN };
	sigset_t held, before;
	int n;

	/* Between the look at the flag and the wait no signal may slip in. */
	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &held, &before);
	do
		n = tool_signal() != 0 ? -1 : ppoll(&p, 1, ms < 0 ? NULL : &limit, &before);
	while (n == -1 && tool_signal() == 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return n;
}

int
lines_wait(int fd, bool stream, void (*on_idle)(void *), void *arg)
{
	if (tool_signal() != 0)
		return interrupted(stream);
	if (lines_poll(fd))
		return 1; /* or an error that read(2) will name */
	if (on_idle != NULL)
		on_idle(arg);
	return lines_sleep(fd, -1) == 1 ? 1 : interrupted(stream);
}

size_t
lines_cut(const char *text, size_t len, size_t max, bool *too_long)
{
	const char *lf;
	size_t pos = 0;

	*too_long = false;
	while (len - pos > max) {
		lf = memrchr(text + pos, '\n', max + 1);
		if (lf == NULL) {
			*too_long = true;
			return pos;
		}
		pos = (size_t)(lf - text) + 1;
	}
	lf = memrchr(text + pos, '\n', len - pos);
	return lf == NULL ? pos : (size_t)(lf - text) + 1;
}

/* Read more behind end.  Returns 0, or -1 with errno; sets eof. */
static int
fill(struct lines *in)
{
	ssize_t n;

	if (in->pos > 0) {
		memmove(in->buf, in->buf + in->pos, in->end - in->pos);
		in->seen -= in->pos;
		in->end -= in->pos;
		in->pos = 0;
	}
	if (in->end == in->cap)
		resize(in, in->cap * 2);
	do {
		int ready = in->file && tool_signal() == 0
		    ? 1
		    : lines_wait(in->fd, in->stream, in->on_idle, in->idle_arg);

		if (ready == -1)
			return -1;
		if (ready == 0) {
			in->end = in->seen = in->pos; /* an unfinished line is dropped */
			in->eof = true;
			return 0;
		}
		n = read(in->fd, in->buf + in->end, in->cap - in->end);
	} while (n == -1 && (errno == EINTR || errno == EAGAIN));
	if (n == -1)
		return -1;
	in->eof = n == 0;
	in->end += (size_t)n;
	progress_add((uint64_t)n);
	return 0;
}

/* The next LF at or after seen, or NULL with seen at end. */
static const char *
find_end(struct lines *in)
{
	const char *lf = memchr(in->buf + in->seen, '\n', in->end - in->seen);

	in->seen = lf != NULL ? (size_t)(lf - in->buf) : in->end;
	return lf;
}

/* Hand out [pos, seen) as the next line, and step over its LF. */
static int
give(struct lines *in, struct line *line, bool torn)
{
	size_t len = in->seen - in->pos;

	*line = (struct line){
		.text = { in->buf + in->pos, len },
		.number = ++in->number,
		.length = len,
		.torn = torn,
	};
	if (len > in->max) {
		if (in->on_long != NULL)
			in->on_long(in->long_arg, line->text);
		line->text = (struct slice){ NULL, 0 };
		line->too_long = true;
	}
	in->pos = in->seen += !torn;
	return 1;
}

/* Skip the rest of a line of which more than max bytes are in the buffer. */
static int
skip_long(struct lines *in, struct line *line)
{
	uint64_t length = 0;
	const char *lf;

	do {
		if (in->on_long != NULL && in->end > in->pos)
			in->on_long(in->long_arg,
			    (struct slice){ in->buf + in->pos, in->end - in->pos });
		length += in->end - in->pos;
		in->pos = in->seen = in->end;
		if (fill(in) == -1)
			return -1;
		if (in->eof && tool_signal() != 0)
			return 0;
		lf = find_end(in);
	} while (lf == NULL && !in->eof);
	if (in->on_long != NULL && in->seen > in->pos)
		in->on_long(
		    in->long_arg, (struct slice){ in->buf + in->pos, in->seen - in->pos });
	length += in->seen - in->pos;
	in->pos = in->seen += lf != NULL;
	*line = (struct line){
		.number = ++in->number, .length = length, .too_long = true, .torn = lf == NULL
	};
	return 1;
}

int
lines_next(struct lines *in, struct line *line)
{
	for (;;) {
		if (find_end(in) != NULL)
			return give(in, line, false);
		if (in->eof && in->end == in->pos)
			return 0;
		if (in->eof)
			return give(in, line, true);
		if (in->end - in->pos > in->max)
			return skip_long(in, line);
		if (fill(in) == -1)
			return -1;
	}
}

bool
lines_ready(const struct lines *in)
{
	return memchr(in->buf + in->seen, '\n', in->end - in->seen) != NULL;
}
