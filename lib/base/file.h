/*
 * file - opening, reading and durably replacing files.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/*
 * file_open(path):
 * Open path for reading, or give stdin for "-" (dup'ed, so that the caller may close it).  A
 * directory is refused here with EISDIR.  A FIFO is not waited for: until it has a writer, poll(2)
 * and so lines_wait find nothing to read, but read(2) its end.  Returns a descriptor, or -1 with errno.
 */
int file_open(const char *path);

/*
 * file_open_output(path, flags):
 * Open path for writing, with flags (O_CREAT makes it with mode 0666 less the umask).  A FIFO is
 * waited for until it has a reader; a held signal cuts that short (EINTR, as file_read_input has it).
 */
int file_open_output(const char *path, int flags);

/*
 * file_read(fd, max, out):
 * Append all of fd to out.  Returns 0; -1 with errno, EFBIG if there are more than max bytes.
 */
int file_read(int fd, size_t max, struct buf *out);

/*
 * file_read_input(fd, max, out):
 * The same, but a held signal cuts it short: -1 with errno EINTR, of which warn_errno is silent and
 * at which tool_end ends the process.
 */
int file_read_input(int fd, size_t max, struct buf *out);

/* file_load(path, max, out): file_open, file_read_input, close. */
int file_load(const char *path, size_t max, struct buf *out);

/* Write all of s, across short writes and EINTR.  Returns 0, or -1 with errno. */
int file_write(int fd, struct slice s);

/*
 * file_take_owner(dir, parent, fd):
 * If we are root, give the open file fd to the owner and group of parent, a path seen from dir: the
 * directory it was made in.  Else one run as root locks that owner out.  Returns 0, or -1 with errno.
 */
int file_take_owner(int dir, const char *parent, int fd);

/*
 * file_replace(dir, name, data, mode, sync):
 * Make dir/name (dir a descriptor) hold data: temporary file name.tmp beside it, fsync, rename,
 * fsync of dir.  Only one process may replace name at a time (the callers hold a lock), so what a
 * killed one left of name.tmp is swept by the next.  Without sync neither fsync is done.  An
 * existing file's mode is kept; a new one gets mode whatever the umask, and dir's owner and group
 * if we are root.  Returns 0, or -1 with errno and no temporary file left.
 */
int file_replace(int dir, const char *name, struct slice data, mode_t mode, bool sync);

#endif
