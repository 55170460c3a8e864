/*
 * lines - a byte stream as lines, without copying them.
 *
 * A line is the bytes before an LF, and nothing else ends one: CR, NUL and U+2028 are content.
 * read(2) goes into one buffer; only a line cut by the buffer's edge is ever moved.  Memory is
 * bounded by the longest line accepted.  Before a read that would block, what has been written so
 * far is flushed (on_idle); SIGINT and SIGTERM end a stream as the end of input does, without an
 * unfinished line, and cut an operand short (-1 with EINTR).
 */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include <stdint.h>

#include "base/slice.h"

enum {
	LINES_MAX = 65535,  /* bytes: the C2SP entry limit, and ours */
	LINES_PADDING = 64, /* bytes behind a line that may be read, whatever is in them */
};

struct lines;

struct line {
	struct slice text; /* until the next call, padding behind it; empty if too_long */
	uint64_t number;   /* from 1 */
	uint64_t length;   /* bytes, also of a line too long to be given */
	bool too_long;     /* longer than max: skipped, in bounded memory */
	bool torn;         /* ended by the end of input, not by LF */
};

/*
 * lines_open(fd, max, stream):
 * Read lines of at most max bytes from fd, which stays the caller's to close.  stream: fd is an
 * unending input such as stdin (see above on signals).
 */
struct lines *lines_open(int fd, size_t max, bool stream);

/* Call fn(arg) before every read that would block. */
void lines_on_idle(struct lines *in, void (*fn)(void *arg), void *arg);

/* Hand the bytes of a line that is too long to fn, piece by piece, before lines_next returns it. */
void lines_on_long(struct lines *in, void (*fn)(void *arg, struct slice piece), void *arg);

/* Is the next line in the buffer already, so that lines_next will not read? */
bool lines_ready(const struct lines *in);

/* Returns 1 for a line, 0 at the end of input, -1 with errno if reading failed. */
int lines_next(struct lines *in, struct line *line);

/* Accepts NULL. */
void lines_free(struct lines *in);

/*
 * lines_cut(text, len, max, too_long):
 * The length of the whole lines at the front of text, none longer than max bytes.  *too_long: right
 * behind them stands a line that is.  Probes once in max bytes, not once a line.
 */
size_t lines_cut(const char *text, size_t len, size_t max, bool *too_long);

/* Can fd be read without blocking now (an error or the end counts)? */
bool lines_poll(int fd);

/*
 * lines_sleep(fd, ms):
 * Wait until fd (-1 for none) can be read, at most ms milliseconds (-1 for ever).  Returns 1 if it
 * can, 0 if the time is over, -1 if a signal is held (base/tool.h).
 */
int lines_sleep(int fd, int ms);

/*
 * lines_wait(fd, stream, on_idle, arg):
 * What lines does before a read: if fd has nothing to read now, call on_idle (NULL for none), then
 * wait.  Returns 1 if there is something to read; 0 if a held signal says a stream ends here; -1
 * with errno EINTR if it cuts an operand short.
 */
int lines_wait(int fd, bool stream, void (*on_idle)(void *arg), void *arg);

#endif
