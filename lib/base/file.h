/*
 * file - opening, reading and durably replacing files.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
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
 * file_start_writeback(fd, from):
 * Put what was written to fd from offset from on its way to the disk (sync_file_range(2)).  It
 * promises nothing, and where it cannot be done a later fsync does it all; but an error of the disk
 * may be told here alone.  Returns 0, or -1 with errno.
 */
int file_start_writeback(int fd, off_t from);

/*
 * file_stage(f, dir, name, mode, sync):
 * Begin a new dir/name (dir a descriptor): f->fd is an empty file name.tmp to be written to; what
 * stands in name stays until file_commit.  Only one process may replace name at a time (the callers
 * hold a lock), so what a killed one left of name.tmp is swept by the next.  An existing file's
 * mode is kept; a new one gets mode whatever the umask, and dir's owner and group if we are root.
 * dir and name must live until file_commit or file_discard.  Returns 0; -1 with errno and no
 * temporary file left.
 *
 * file_commit(f): with sync fsync of the file; rename; with sync fsync of dir.  Returns 0, or -1
 * with errno and no temporary file left.
 *
 * file_discard(f): remove the temporary file.  Keeps errno.  Nothing is done if f is zero, or was
 * committed or discarded.
 *
 * file_replace(dir, name, data, mode, sync): all of it, with data.
 */
struct file_staged {
	int dir;
	const char *name; /* NULL: nothing is staged */
	int fd;
	bool sync;
};

int file_stage(struct file_staged *f, int dir, const char *name, mode_t mode, bool sync);
int file_commit(struct file_staged *f);
void file_discard(struct file_staged *f);
int file_replace(int dir, const char *name, struct slice data, mode_t mode, bool sync);

#endif
