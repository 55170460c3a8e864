/*
 * follow - a file that grows, is renamed away, replaced or cut short, as "tail -F" reads it.
 *
 * The file that a path names is read from its first byte, or from where it ends now, and on as it
 * grows (base/grown.h).  Each file that takes the path's name later is read from its start, the
 * older first, also one that had lost the name again before we looked: its folder's events tell
 * under which it is found (base/trail.h).  A file that lost the name is read for FOLLOW_GRACE_MS
 * more, so that a writer which has not reopened its log loses nothing; what is then left of it
 * without an LF is given as a line (torn).  While nothing has the path's name, it is awaited.
 *
 * Lost, and told as such: a file that was deleted, replaced or moved to another folder before it
 * could be opened, or that may have come and gone while more events came than the kernel keeps.
 *
 * inotify(7) tells of changes; a stat(2) every FOLLOW_LOOK_MS finds those it does not tell of (a
 * network file system, the target of a symbolic link).
 */
#ifndef BASE_FOLLOW_H
#define BASE_FOLLOW_H

#include <stdint.h>

#include "base/parallel.h"

enum {
	FOLLOW_GRACE_MS = 5000,
	FOLLOW_LOOK_MS = 1000,
	FOLLOW_FILES = 256, /* read side by side, at most: of more the oldest ends early */
};

struct follow_options {
	const char *path;
	bool
	    from_end; /* begin where the file ends now; a file that comes later is read whole */
	size_t max;   /* longest line in bytes */
	void *arg;    /* for both of the following */
	void (*idle)(void *arg); /* before each wait; NULL for none */
	void (*trouble)(
	    void *arg, int error); /* the path cannot be opened now; NULL: no one to tell */
	void (*lost)(
	    void *arg, uint64_t files); /* so many more cannot be read; NULL: as above */
};

struct follow;

/*
 * follow_open(o):
 * o and its path must live as long as the result.  NULL if the path names what is no regular file
 * (errno 0) or cannot be opened (errno).
 */
struct follow *follow_open(const struct follow_options *o);

/*
 * follow_next(f, c, line):
 * Wait for the next lines of one file; *c is as what a worker gets (base/parallel.h; text is
 * borrowed until the next call), *line the number of its first line in that file, from 1.
 * Returns 1; 0 when SIGINT or SIGTERM ends it (unfinished lines are dropped); -1 with errno.
 */
int follow_next(struct follow *f, struct chunk *c, uint64_t *line);

void follow_free(struct follow *f); /* accepts NULL */

#endif
