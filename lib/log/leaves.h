/*
 * leaves - the leaf hashes of a log's lines, in order, made by several workers.
 *
 * Lines of any length are hashed, CR and NUL are content; memory does not grow with the file.
 */
#ifndef LOG_LEAVES_H
#define LOG_LEAVES_H

#include "base/digest.h"

struct leaves {
	unsigned jobs;  /* workers, at least 1 */
	uint64_t bytes; /* stop behind the line that passes so many: a log may be growing */
	void *arg;
	/* The next n lines, in the calling thread; false stops. */
	bool (*take)(void *arg, const struct hash *leaves, size_t n);
};

/*
 * leaves_run(l, fd, torn):
 * Hash all lines from where fd stands on.  *torn: the last one has no LF.  Returns 1; 0 if take
 * stopped it; -1 with errno if reading failed.
 */
int leaves_run(const struct leaves *l, int fd, bool *torn);

#endif
