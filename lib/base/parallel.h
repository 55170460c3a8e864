/*
 * parallel - lines through workers, results in input order.
 *
 * The calling thread reads fd into chunks that end at line borders; workers turn a chunk into a
 * result; the calling thread takes the results in input order.  Where chunks are cut is no one's
 * business: the outcome must not depend on it, nor on the number of workers.  With one job no
 * thread is made.  Before a read that would block, every line so far is worked and taken, and
 * idle is called: a live pipeline never waits for a full batch.
 */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include <stdint.h>
#include <sys/types.h>

#include "base/slice.h"

/*
 * What a worker gets.  text holds whole lines, each with its LF but perhaps the last of the input
 * (then torn is set); LINES_PADDING readable bytes stand before and behind it.  A line longer than
 * the limit is never in text: it comes alone, as a chunk with too_long set and no text, after its
 * bytes went to on_long.
 */
struct chunk {
	struct slice text;
	bool torn;
	bool too_long;
	uint64_t length; /* of a line too long, in bytes */
	void *result;    /* made by make; work fills it, take reads it, then it is used again */
	unsigned worker; /* 0..jobs-1: which worker has it, for per-worker state */
};

struct parallel {
	unsigned jobs; /* workers, at least 1 */
	size_t max;    /* longest line in bytes */
	size_t chunk;  /* bytes to a chunk; 0 for the default of 256 KiB */
	bool stream;   /* as in lines_open */
	/* Instead of fd: as read(2), but all waiting is its own.  NULL: read fd. */
	ssize_t (*read)(void *arg, void *p, size_t n);
	void *arg;                             /* for all of the following */
	void *(*make)(void *arg);              /* a result, one a chunk in flight; NULL: none */
	void (*drop)(void *arg, void *result); /* give a result back */
	void (*work)(void *arg, struct chunk *c); /* in a worker */
	bool (*take)(
	    void *arg, struct chunk *c); /* in order, in the calling thread; false stops */
	void (*idle)(void *arg);         /* before a read that blocks; may be NULL */
	void (*on_long)(
	    void *arg, struct slice piece); /* in order, calling thread; may be NULL */
};

/*
 * parallel_run(p, fd):
 * Work all of fd.  Returns 1 if all was taken, 0 if take stopped it, -1 with errno if reading
 * failed (what was read before has been taken; EINTR as in lines_next).
 */
int parallel_run(const struct parallel *p, int fd);

/*
 * chunk_next(c, rest, line):
 * Iterate over the lines of c->text: start with *rest = c->text.  *line gets the next one without
 * LF.  Returns false when there are no more.
 */
bool chunk_next(struct slice *rest, struct slice *line);

/*
 * parallel_each(jobs, n, fn, arg):
 * Call fn(arg, i) for each i below n, by at most so many threads, the calling one among them, in any order.
 */
void parallel_each(unsigned jobs, size_t n, void (*fn)(void *arg, size_t i), void *arg);

#endif
