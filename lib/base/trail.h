/*
 * trail - the files that had one name in a directory, in turn, and what they are called now.
 *
 * It is told the events of the directory (inotify(7)) as they come: a file gets the name (created,
 * or renamed to it), goes on to other names (app.log, app.log.1, app.log.2 ...: the cookie joins
 * the halves of a rename), is deleted, replaced, or leaves the directory.  So a reader that comes
 * late still finds, under their new names, the files that it has not seen under the one it knows.
 */
#ifndef BASE_TRAIL_H
#define BASE_TRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TRAIL_FILES = 1024 }; /* at most: of more the oldest are lost */

struct trail_file {
	char *name;      /* NULL: renamed, and where to was not told yet */
	uint32_t cookie; /* of that rename */
	uint64_t stamp;  /* another one after each event */
	bool guessed;    /* no event told of it */
};

struct trail {
	const char *name; /* borrowed */
	struct trail_file file[TRAIL_FILES];
	size_t count; /* oldest first */
	uint64_t stamp;
	uint64_t lost; /* files that are gone */
};

/*
 * trail_event(t, mask, cookie, name):
 * Take one event of the directory: IN_CREATE, IN_DELETE, IN_MOVED_FROM or IN_MOVED_TO.
 */
void trail_event(struct trail *t, uint32_t mask, uint32_t cookie, const char *name);

/* A file is seen to have the name, and no event told of it, yet. */
void trail_guess(struct trail *t);

/* No event is under way: what was renamed, without being told where to, has left the directory. */
void trail_settle(struct trail *t);

/* Forget the oldest. */
void trail_drop(struct trail *t);

/* Forget all; they are lost. */
void trail_clear(struct trail *t);

#endif
