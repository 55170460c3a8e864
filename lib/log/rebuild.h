/*
 * rebuild - a tree's tiles made anew, and accepted only if they lead to a head.
 */
#ifndef LOG_REBUILD_H
#define LOG_REBUILD_H

#include <sys/types.h>

#include "log/records.h"
#include "log/tile.h"

struct rebuild {
	int tree; /* its directory, in which no one else writes meanwhile */
	uint64_t size;
	struct hash root; /* of a signed head */
	struct records *records;
	mode_t mode;

	uint64_t first; /* the entry with which the lines begin */
	uint64_t made,
	    tiles; /* tiles written because they were not there or wrong; of so many */
	const char
	    *why; /* "lines": they do not lead to the root; "records": see there; else errno */
};

/*
 * rebuild_tiles(r):
 * Entries before the first line are taken from the tiles of level 0.  Nothing is written before all is
 * known to lead to the root.  Returns 0, or -1 with r->why.
 */
int rebuild_tiles(struct rebuild *r);

#endif
