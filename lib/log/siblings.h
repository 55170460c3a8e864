/*
 * siblings - what stands beside a log: its earlier segments, renamed or packed, and their manifests.
 *
 * A segment of LOG is a file LOG-* or LOG.[0-9]*, plain, gzip (.gz) or zstd (.zst); what ends in
 * ".manifest", ".cms." and digits, or ".tmp" is none.
 */
#ifndef LOG_SIBLINGS_H
#define LOG_SIBLINGS_H

#include <stdbool.h>

#include "base/digest.h"

struct sibling {
	char *name; /* no directory */
	bool packed;
};

struct siblings {
	struct sibling *sibling; /* the one changed last comes first */
	size_t n;
	char **manifest; /* names */
	size_t manifests;
};

/*
 * siblings_list(dir, log, s):
 * The segments and manifests of log (no directory) in the directory dir.  Returns 0; -1 with errno.
 * siblings_free in any case.
 */
int siblings_list(int dir, const char *log, struct siblings *s);
void siblings_free(struct siblings *s);

/*
 * sibling_tail(dir, segment, most, tail, n):
 * The leaves of the last lines of a segment, in order: *n of them, at most most (256).  A packed one
 * is unpacked once.  Returns 1; 0 if it has none, a torn end, or cannot be unpacked; -1 with errno.
 */
int sibling_tail(
    int dir, const struct sibling *sibling, unsigned most, struct hash *tail, unsigned *n);

#endif
