/*
 * out - buffered writing with a sticky error, and files replaced whole.
 *
 * The first failed write is remembered and later ones do nothing; closing reports it.  Output is
 * not done until out_close has returned 0.  A file named with -o is written to a temporary one
 * beside it, without a name where the file system can do that, so that nothing is left behind
 * however the process ends; it replaces FILE only when closed with keep.
 */
#ifndef BASE_OUT_H
#define BASE_OUT_H

#include <sys/types.h>

#include "base/buf.h"

struct out {
	struct buf buf;
	int fd;           /* -1 when closed */
	int error;        /* errno of the first failure, 0 for none */
	const char *name; /* for messages: "<stdout>" or the path; borrowed */
	char *path;       /* of the file to replace, owned; NULL: written in place */
	char *temp;       /* its temporary file if that has a name, owned */
	mode_t mode;      /* of the new file */
};

/*
 * out_open(o, path):
 * Write to path, or to stdout if path is NULL or "-".  What exists and is no regular file is
 * written in place; a symbolic link is followed.  A file replaced keeps its mode; a new one gets
 * 0666 less the umask.  Returns 0, or -1 with errno.
 */
int out_open(struct out *o, const char *path);

/* out_append(o, path): append to a file that may exist (0666 less the umask), unbuffered by name. */
int out_append(struct out *o, const char *path);

void out_put(struct out *o, struct slice s);
void out_str(struct out *o, const char *s);
void out_byte(struct out *o, char c);
void out_printf(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Write what is buffered.  Returns 0, or -1 with errno, now or from an earlier failure. */
int out_flush(struct out *o);

/*
 * out_close(o, keep):
 * Flush and close.  With keep a file is synced and takes its name; without, it vanishes.  stdout
 * is flushed and left open for tool_end to close.  Returns 0, or -1 with errno.
 */
int out_close(struct out *o, bool keep);

#endif
