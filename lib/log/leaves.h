/*
 * leaves - the leaf hashes of a log's lines, in order, made by several workers.
 *
 * Lines of any length are hashed, CR and NUL are content; memory does not grow with the file.
 */
#ifndef LOG_LEAVES_H
#define LOG_LEAVES_H

#include "base/digest.h"
#include "log/source.h"

struct leaves {
	unsigned jobs;  /* workers, at least 1 */
	uint64_t bytes; /* stop behind the line that passes so many: a log may be growing */
	void *arg;
	/* The next n lines, in the calling thread; false stops. */
	bool (*take)(void *arg, const struct hash *leaves, size_t n);
};

/*
 * leaves_run(l, s, torn):
 * Hash all lines of s.  *torn: the last one has no LF.  Of a source that breaks only whole lines
 * are taken.  Returns 1; 0 if take stopped it; -1 with errno if reading failed.
 */
int leaves_run(const struct leaves *l, struct source *s, bool *torn);

#endif
