/*
 * follow - a file that grows, is renamed away, replaced or cut short, as "tail -F" reads it.
 *
 * The file that a path names is read from its first byte, or from where it ends now, and on as it
 * grows; a line is given when its LF is there.  When the path names another file, that one is read
 * from its start, and the old one beside it for FOLLOW_GRACE_MS more, so that a writer which has
 * not reopened its log loses nothing; what is then left of the old one without an LF is given as a
 * line (torn).  A file shorter than what was read of it has been cut: it is read from its start,
 * and what was unfinished is given.  While nothing has the path's name, it is awaited.
 *
 * inotify(7) tells of changes; a stat(2) every FOLLOW_LOOK_MS finds those it does not tell of (a
 * network file system, the target of a symbolic link).  A file that is cut and grows beyond what
 * was read of it before either tells cannot be told from one that grew.
 */
#ifndef BASE_FOLLOW_H
#define BASE_FOLLOW_H

#include <stdint.h>

#include "base/parallel.h"

enum {
	FOLLOW_GRACE_MS = 5000,
	FOLLOW_LOOK_MS = 1000,
	FOLLOW_FILES = 8, /* read side by side, at most: of more the oldest ends early */
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
