#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	PAGE = 4096,
	HUGE = 2 * 1024 * 1024,
	SMALL = 128 * 1024, /* not worth a system call */
};

static _Noreturn void
out_of_memory(void)
{
	static const char text[] = "out of memory\n";

	/* Not warn(): it may be what could not allocate. */
	(void)!write(STDERR_FILENO, text, sizeof text - 1);
	_exit(2);
}

void *
xmalloc(size_t size)
{
	void *p = malloc(size == 0 ? 1 : size);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xmalloc_aligned(size_t align, size_t size)
{
	void *p = aligned_alloc(align, size);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xmalloc_full(size_t size)
{
	size_t align = size >= HUGE ? HUGE : PAGE;
	void *p;

	if (size < SMALL)
		return xmalloc(size);
	size = (size + align - 1) / align * align;
	p = xmalloc_aligned(align, size);
	/* Advice: without it all is the same, but slower. */
	(void)madvise(p, size, align == HUGE ? MADV_HUGEPAGE : MADV_POPULATE_WRITE);
	return p;
}

void *
xzalloc(size_t count, size_t size)
{
	void *p = calloc(count == 0 ? 1 : count, size == 0 ? 1 : size);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xrealloc(void *p, size_t count, size_t size)
{
	p = reallocarray(p, count == 0 ? 1 : count, size == 0 ? 1 : size);
	if (p == NULL)
		out_of_memory();
	return p;
}

char *
xstrndup(const char *s, size_t len)
{
	char *p = xmalloc(len + 1);

	if (len > 0)
		memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *
xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

void
xfreezero(void *p, size_t len)
{
	if (p != NULL)
		explicit_bzero(p, len);
	free(p);
}
