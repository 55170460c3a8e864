#include "fault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include "base/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* In replay.c only. */
extern const bool replaying __attribute__((weak));

enum kind { BROKEN, FULL, DEAD, SHORT, INTERRUPTED, KINDS };

enum {
	SWEEP = 40,     /* failing calls of an input that is replayed, at most */
	SWEEP_NONE = 6, /* and failing allocations */
	SELDOM = 4,     /* one of so many is had once more without */
	RARELY = 32,    /* one input of so many has a failing allocation, for a fork is slow */
	NO_MEMORY = 2,  /* what base/mem.c ends the process with */
	VERDICT = 8,    /* highest bits of an answer */
};

static struct {
	bool on, over;
	enum kind kind;
	unsigned at;   /* the call that fails, from 1; 0 for none */
	unsigned none; /* the same of allocations */
	bool full;     /* a write was cut short */
	atomic_uint calls, allocations, hits;
	const char *name; /* of the last call that failed */
} fault;

void
fault_on(void)
{
	fault.on = true;
}

void
fault_off(void)
{
	fault.on = false;
}

bool
fault_any(void)
{
	return fault.hits > 0;
}

bool
fault_hit(void)
{
	return fault.hits > 0 && (fault.kind < SHORT || fault.full);
}

void
fault_broken(const char *file, int line)
{
	static const char *const kinds[KINDS] = { "EIO", "ENOSPC", "EIO from there on",
		"cut short", "interrupted" };

	fprintf(stderr, "%s:%d: call %u of %u (%s, %s), allocation %u of %u, %u failed\n", file,
	    line, fault.at, fault.calls, fault.name != NULL ? fault.name : "none",
	    kinds[fault.kind], fault.none, fault.allocations, fault.hits);
	abort();
}

void
fault_over(void)
{
	fault.over = true;
}

/* Is it the one that is to fail?  What only moves bytes can be cut short and interrupted as well. */
static bool
now(const char *name, bool moves)
{
	unsigned n;

	if (!fault.on || fault.over)
		return false;
	n = ++fault.calls;
	if (!moves && fault.kind >= SHORT)
		return false;
	if (fault.at == 0 || (fault.kind == DEAD ? n < fault.at : n != fault.at))
		return false;
	fault.hits++;
	fault.name = name;
	return true;
}

static bool
fails(const char *name)
{
	if (!now(name, false))
		return false;
	errno = fault.kind == FULL ? ENOSPC : EIO;
	return true;
}

/*
 * A call that moves up to *n bytes: the same, but it may also do less of it.  A disk that takes
 * less is full.
 */
static bool
fails_moving(const char *name, size_t *n, bool writes)
{
	if (!now(name, true))
		return false;
	fault.full = writes && fault.kind == SHORT;
	if (fault.kind == SHORT) {
		*n = *n > 1 ? *n / 2 : *n;
		return false;
	}
	errno = fault.kind == FULL ? ENOSPC : fault.kind == INTERRUPTED ? EINTR : EIO;
	return true;
}

static bool
no_memory(void)
{
	if (!fault.on || fault.over || ++fault.allocations != fault.none)
		return false;
	fault.hits++;
	errno = ENOMEM;
	return true;
}

#define MOVES(type, name, writes, params, args)                                                \
	type __real_##name params;                                                             \
	type __wrap_##name params;                                                             \
	type __wrap_##name params                                                              \
	{                                                                                      \
		return fails_moving(#name, &n, writes) ? -1 : __real_##name args;              \
	}

#define FAILS(type, name, params, args, failed)                                                \
	type __real_##name params;                                                             \
	type __wrap_##name params;                                                             \
	type __wrap_##name params                                                              \
	{                                                                                      \
		return fails(#name) ? failed : __real_##name args;                             \
	}

#define NO_MEMORY_FOR(name, params, args)                                                      \
	void *__real_##name params;                                                            \
	void *__wrap_##name params;                                                            \
	void *__wrap_##name params                                                             \
	{                                                                                      \
		return no_memory() ? NULL : __real_##name args;                                \
	}

/* clang-format off */
MOVES(ssize_t, read, false, (int fd, void *p, size_t n), (fd, p, n))
MOVES(ssize_t, pread, false, (int fd, void *p, size_t n, off_t at), (fd, p, n, at))
MOVES(ssize_t, pwrite, true, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at))
MOVES(ssize_t, __read_chk, false, (int fd, void *p, size_t n, size_t room), (fd, p, n, room))
MOVES(ssize_t, __pread_chk, false, (int fd, void *p, size_t n, off_t at, size_t room), (fd, p, n, at, room))
FAILS(int, __open_2, (const char *path, int flags), (path, flags), -1)
FAILS(int, __openat_2, (int dir, const char *path, int flags), (dir, path, flags), -1)
FAILS(int, stat, (const char *path, struct stat *st), (path, st), -1)
FAILS(int, lstat, (const char *path, struct stat *st), (path, st), -1)
FAILS(int, fstat, (int fd, struct stat *st), (fd, st), -1)
FAILS(int, fstatat, (int dir, const char *path, struct stat *st, int flags), (dir, path, st, flags), -1)
FAILS(off_t, lseek, (int fd, off_t at, int from), (fd, at, from), -1)
FAILS(int, fsync, (int fd), (fd), -1)
FAILS(int, fdatasync, (int fd), (fd), -1)
FAILS(int, syncfs, (int fd), (fd), -1)
FAILS(int, rename, (const char *a, const char *b), (a, b), -1)
FAILS(int, renameat, (int from, const char *a, int to, const char *b), (from, a, to, b), -1)
FAILS(int, renameat2, (int from, const char *a, int to, const char *b, unsigned flags), (from, a, to, b, flags), -1)
FAILS(int, linkat, (int from, const char *a, int to, const char *b, int flags), (from, a, to, b, flags), -1)
FAILS(int, unlink, (const char *path), (path), -1)
FAILS(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags), -1)
FAILS(int, mkdirat, (int dir, const char *path, mode_t mode), (dir, path, mode), -1)
FAILS(int, fchmod, (int fd, mode_t mode), (fd, mode), -1)
FAILS(int, fchown, (int fd, uid_t user, gid_t group), (fd, user, group), -1)
FAILS(int, ftruncate, (int fd, off_t size), (fd, size), -1)
FAILS(int, flock, (int fd, int how), (fd, how), -1)
FAILS(DIR *, fdopendir, (int fd), (fd), NULL)
FAILS(struct dirent *, readdir, (DIR *dir), (dir), NULL)
NO_MEMORY_FOR(malloc, (size_t size), (size))
NO_MEMORY_FOR(calloc, (size_t count, size_t size), (count, size))
NO_MEMORY_FOR(realloc, (void *p, size_t size), (p, size))
NO_MEMORY_FOR(reallocarray, (void *p, size_t count, size_t size), (p, count, size))
NO_MEMORY_FOR(aligned_alloc, (size_t align, size_t size), (align, size))
/* clang-format on */

ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);
int __real_inflateInit2_(z_stream *z, int bits, const char *version, int size);
int __wrap_inflateInit2_(z_stream *z, int bits, const char *version, int size);
ZSTD_DStream *__wrap_ZSTD_createDStream(void);
void __wrap_warn(const char *text, ...);
void __wrap_warn_at(const char *file, uint64_t line, const char *text, ...);
void __wrap_warn_errno(const char *path);
void __wrap_note(const char *text, ...);
void __wrap_warn_text(struct slice text);
void __wrap_note_at(const char *file, uint64_t line, const char *text, ...);

/* What is said of having no memory is no news here. */
ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	if (fd == STDERR_FILENO && fault.on)
		return (ssize_t)n;
	return fails_moving("write", &n, true) ? -1 : __real_write(fd, p, n);
}

static mode_t
mode_of(int flags, va_list rest)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

int
__wrap_open(const char *path, int flags, ...)
{
	va_list rest;
	mode_t mode;

	va_start(rest, flags);
	mode = mode_of(flags, rest);
	va_end(rest);
	return fails("open") ? -1 : __real_open(path, flags, mode);
}

int
__wrap_openat(int dir, const char *path, int flags, ...)
{
	va_list rest;
	mode_t mode;

	va_start(rest, flags);
	mode = mode_of(flags, rest);
	va_end(rest);
	return fails("openat") ? -1 : __real_openat(dir, path, flags, mode);
}

static void *
zlib_get(void *arg, unsigned count, unsigned size)
{
	(void)arg;
	return calloc(count, size);
}

static void *
zstd_get(void *arg, size_t size)
{
	(void)arg;
	return malloc(size);
}

static void
give_back(void *arg, void *p)
{
	(void)arg;
	free(p);
}

int
__wrap_inflateInit2_(z_stream *z, int bits, const char *version, int size)
{
	z->zalloc = zlib_get;
	z->zfree = give_back;
	return __real_inflateInit2_(z, bits, version, size);
}

ZSTD_DStream *
__wrap_ZSTD_createDStream(void)
{
	return ZSTD_createDCtx_advanced((ZSTD_customMem){ zstd_get, give_back, NULL });
}

/* Nor is what the tools have to say beside their answers. */
void
__wrap_warn(const char *text, ...)
{
	(void)text;
}

void
__wrap_warn_at(const char *file, uint64_t line, const char *text, ...)
{
	(void)file;
	(void)line;
	(void)text;
}

void
__wrap_warn_errno(const char *path)
{
	(void)path;
}

void
__wrap_note(const char *text, ...)
{
	(void)text;
}

void
__wrap_note_at(const char *file, uint64_t line, const char *text, ...)
{
	(void)file;
	(void)line;
	(void)text;
}

void
__wrap_warn_text(struct slice text)
{
	(void)text;
}

/* FNV-1a. */
uint64_t
answer_add(uint64_t answer, struct slice what)
{
	answer ^= what.len;
	for (size_t i = 0; i < what.len; i++)
		answer = (answer ^ (uint8_t)what.p[i]) * 0x100000001b3;
	answer = answer << VERDICT >> VERDICT;
	return answer == CANNOT ? ANSWER : answer;
}

uint64_t
answer_number(uint64_t answer, uint64_t n)
{
	return answer_add(answer, (struct slice){ (const char *)&n, sizeof n });
}

uint64_t
answer_verdict(uint64_t answer, uint8_t verdict)
{
	return (uint64_t)verdict << (64 - VERDICT) | answer;
}

/* Are got and want the same as far as they must be? */
static bool
lawful(uint64_t got, uint64_t want)
{
	unsigned verdict = (unsigned)(got >> (64 - VERDICT));

	return got == want ||
	    (fault_hit() &&
		(got == CANNOT || (verdict > 0 && verdict == want >> (64 - VERDICT))));
}

static uint64_t
once(struct slice input, enum kind kind, unsigned at, unsigned none)
{
	int before = dup(STDERR_FILENO), after;
	uint64_t answer;

	close(before);
	fault.over = false;
	fault.kind = kind;
	fault.at = at;
	fault.none = none;
	fault.calls = fault.allocations = fault.hits = 0;
	fault.name = NULL;
	fault.full = false;
	answer = trial(input);
	MUST(!fault.on);
	after = dup(STDERR_FILENO);
	close(after);
	MUST(before == after);
	return answer;
}

static void
with_call(struct slice input, uint64_t want, enum kind kind, unsigned at)
{
	uint64_t got = once(input, kind, at, 0);

	MUST(lawful(got, want));
}

static void
with_no_memory(struct slice input, uint64_t want, unsigned none)
{
	pid_t child = fork(), ended;
	int status;

	MUST(child != -1);
	if (child == 0) {
		uint64_t got = once(input, BROKEN, 0, none);

		MUST(lawful(got, want));
		_exit(0);
	}
	do /* libFuzzer has a clock */
		ended = waitpid(child, &status, 0);
	while (ended == -1 && errno == EINTR);
	MUST(ended == child);
	MUST(WIFEXITED(status) &&
	    (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == NO_MEMORY));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static bool begun;
	struct slice input = { (const char *)data, len };
	uint64_t want, seed;
	unsigned calls, allocations, many, step;
	bool sweep = &replaying != NULL;

	if (!begun) { /* what is made once is made now */
		digest_start();
		(void)trial(input);
	}
	begun = true;
	want = once(input, BROKEN, 0, 0);
	calls = fault.calls;
	allocations = fault.allocations;
	seed = answer_add(len, input);
	many = calls * KINDS;
	step = sweep ? many / SWEEP + 1 : many + 1;
	step += step % KINDS == 0; /* so that every kind has its turn */
	for (unsigned i = (unsigned)(seed % (step < many ? step : many + !many)); i < many;
	     i += step)
		with_call(input, want, (enum kind)(i % KINDS), 1 + i / KINDS);
	step = sweep ? allocations / SWEEP_NONE + 1 : allocations + 1;
	if (sweep || seed / 7 % RARELY == 0)
		for (unsigned i = (unsigned)(seed %
			 (step < allocations ? step : allocations + !allocations));
		     i < allocations; i += step)
			with_no_memory(input, want, 1 + i);
	if (calls > 0 && (sweep || seed / 5 % SELDOM == 0))
		MUST(lawful(once(input, BROKEN, 0, 0), want));
	return 0;
}
