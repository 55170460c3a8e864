/*
 * grown - a file that others write, line by line, as far as it has grown.
 *
 * The file is read from its first byte, or from an offset, and on as it grows; a line is given
 * when its LF is there.  It has been cut if it is shorter than what was read of it, or if the last
 * GROWN_TAIL bytes that were read (none of them NUL) are others now: then what was unfinished is
 * given (torn), and it is read from its start, but for the NULs there that a writer leaves who goes
 * on where he was (no O_APPEND).  Cut, and then grown with the same bytes at that place, it looks
 * as before.
 *
 * Memory: one line and 256 KiB; none while all that came is given.
 */
#ifndef BASE_GROWN_H
#define BASE_GROWN_H

#include <stdint.h>

#include "base/parallel.h"

enum { GROWN_TAIL = 64 };

struct grown {
	int fd;
	char *mem;       /* LINES_PADDING, cap bytes, LINES_PADDING */
	size_t cap, pos; /* [pos, len) of the text is not given yet */
	size_t len;
	uint64_t offset;  /* of the file, up to which it was read */
	uint64_t lines;   /* given so far */
	uint64_t skipped; /* bytes of a line that is too long; 0: not in one */
	bool hole;        /* NULs that come now are none of a line */
	char tail[GROWN_TAIL];
	size_t known; /* bytes of tail: those before offset */
};

/* Read fd, which stays the caller's to close, from offset on. */
void grown_open(struct grown *g, int fd, uint64_t offset);

/*
 * grown_next(g, c, line, max):
 * The next whole lines, or one that is longer than max bytes; *c is as what a worker gets
 * (base/parallel.h; text is borrowed until the next call), *line the number of its first line, from
 * 1 in a file and from 1 again after a cut.  Returns 1; 0 if there is none now; -1 with errno.
 */
int grown_next(struct grown *g, struct chunk *c, uint64_t *line, size_t max);

/* What there is of a line without its LF, as if it were one.  Returns false if there is nothing. */
bool grown_rest(struct grown *g, struct chunk *c, uint64_t *line, size_t max);

void grown_free(struct grown *g);

#endif
