/*
 * segment - what stands beside a log: its earlier segments, renamed or packed, and their manifests.
 *
 * A segment of LOG is a file LOG-* or LOG.[0-9]*, plain, gzip (.gz) or zstd (.zst); what ends in
 * ".manifest", ".cms." and digits, or ".tmp" is none.
 */
#ifndef LOG_SEGMENT_H
#define LOG_SEGMENT_H

#include <stdbool.h>

#include "base/digest.h"

struct segment {
	char *name; /* no directory */
	bool packed;
};

struct segments {
	struct segment *segment; /* the one changed last comes first */
	size_t n;
	char **manifest; /* names */
	size_t manifests;
};

/*
 * segments_list(dir, log, s):
 * The segments and manifests of log (no directory) in the directory dir.  Returns 0; -1 with errno.
 * segments_free in any case.
 */
int segments_list(int dir, const char *log, struct segments *s);
void segments_free(struct segments *s);

/*
 * segment_tail(dir, segment, most, tail, n):
 * The leaves of the last lines of a segment, in order: *n of them, at most most (256).  A packed one
 * is unpacked once.  Returns 1; 0 if it has none, a torn end, or cannot be unpacked; -1 with errno.
 */
int segment_tail(
    int dir, const struct segment *segment, unsigned most, struct hash *tail, unsigned *n);

#endif
