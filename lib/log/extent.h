/*
 * extent - the lines in a stretch of a file as leaves of the tree.
 *
 * Reads with pread(2), so it neither moves the descriptor nor heeds signals: what has been taken
 * must be sealed even when a signal ends the input.  Lines may be of any length; memory is bounded.
 */
#ifndef LOG_EXTENT_H
#define LOG_EXTENT_H

#include "base/digest.h"

enum { EXTENT_RUN = 256 };

/* Some lines in a row: their leaves, and the offset behind the LF of each. */
struct extent_run {
	size_t n; /* 1 to EXTENT_RUN */
	struct hash leaf[EXTENT_RUN];
	uint64_t end[EXTENT_RUN];
};

/* Returns 0; anything else stops the reading. */
typedef int extent_take(void *arg, const struct extent_run *run);

/*
 * extent_read(fd, from, to, count, take, arg):
 * Hand the leaves of at most count whole lines in the bytes [from, to) of fd to take.  Returns the
 * number of lines handed over; -1 with errno if reading failed, or as soon as take stops.
 */
int64_t extent_read(
    int fd, uint64_t from, uint64_t to, uint64_t count, extent_take *take, void *arg);

#endif
