/*
 * fail - a library to preload that makes one system call fail, or the process die in it.
 *
 * FAIL_AT=N is the N-th counted call; FAIL_HOW is "eio", "enospc", "short" (a write is done by
 * half and says so; other calls go on) or "kill" (SIGKILL instead of the call).  FAIL_COUNT names
 * a file that gets the number of calls counted, if the process ends by itself.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static long calls;

/* Is this the call?  0 no; 1 fail with errno; 2 do half of it. */
static int
now(void)
{
	const char *at = getenv("FAIL_AT"), *how = getenv("FAIL_HOW");

	if (++calls != (at != NULL ? atol(at) : 0) || how == NULL)
		return 0;
	if (strcmp(how, "kill") == 0)
		raise(SIGKILL);
	errno = strcmp(how, "eio") == 0 ? EIO : ENOSPC;
	return strcmp(how, "short") == 0 ? 2 : 1;
}

__attribute__((destructor)) static void
say(void)
{
	const char *name = getenv("FAIL_COUNT");
	FILE *f = name != NULL ? fopen(name, "w") : NULL;

	if (f != NULL) {
		fprintf(f, "%ld\n", calls);
		fclose(f);
	}
}

#define REAL(name) ((__typeof__(&name))(void *)dlsym(RTLD_NEXT, #name))

ssize_t
write(int fd, const void *p, size_t n)
{
	int fate = now();

	if (fate == 1)
		return -1;
	return REAL(write)(fd, p, fate == 2 ? n / 2 : n);
}

#define WRAP(type, name, params, args)                                                         \
	type name params                                                                       \
	{                                                                                      \
		return now() == 1 ? -1 : REAL(name) args;                                      \
	}

WRAP(int, fsync, (int fd), (fd))
WRAP(int, fdatasync, (int fd), (fd))
WRAP(int, ftruncate, (int fd, off_t len), (fd, len))
WRAP(int, fchmod, (int fd, mode_t mode), (fd, mode))
WRAP(int, mkdirat, (int dir, const char *name, mode_t mode), (dir, name, mode))
WRAP(int, renameat, (int from, const char *a, int to, const char *b), (from, a, to, b))
WRAP(ssize_t, pread, (int fd, void *p, size_t n, off_t at), (fd, p, n, at))

/* Opening counts where it makes a file. */
int
openat(int dir, const char *name, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	if ((flags & O_CREAT) == 0)
		return REAL(openat)(dir, name, flags);
	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	return now() == 1 ? -1 : REAL(openat)(dir, name, flags, mode);
}
