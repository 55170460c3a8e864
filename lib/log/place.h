/*
 * place - files and directories of a log: made with a mode whatever the umask.
 *
 * What root makes gets the owner and group of the directory it is made in: else one run as root
 * locks the log's own user out.
 */
#ifndef LOG_PLACE_H
#define LOG_PLACE_H

#include <stdbool.h>
#include <sys/types.h>

enum { PLACE_DIR_MODE = 0750 };

/*
 * place_open(dir, name, flags, mode, made):
 * Open name in dir; with O_CREAT in flags make it if it is absent.  Never through a symbolic link
 * at the end, never blocking on a FIFO.  *made (may be NULL) says whether it is new.  Returns a
 * descriptor, or -1 with errno.
 */
int place_open(int dir, const char *name, int flags, mode_t mode, bool *made);

/* Make directory name (a path, seen from dir) unless it is there.  *made as above.  Returns 0, or -1 with errno. */
int place_make_dir(int dir, const char *name, bool *made);

/*
 * place_parent(path, base):
 * Open the directory that holds path, which need not be readable; *base points at the last part of
 * path.  Returns a descriptor, or -1 with errno.
 */
int place_parent(const char *path, const char **base);

/*
 * place_sync(dir): fsync a directory from place_parent.
 * place_sync_parent(path): fsync the directory that holds path.  Both return 0, or -1 with errno.
 */
int place_sync(int dir);
int place_sync_parent(const char *path);

/* close(2) that leaves errno alone. */
void place_close(int fd);

#endif
