/*
 * mem - allocation that cannot fail.
 *
 * Out of memory exits here and nowhere else, with status 2.  What is durable must survive a
 * SIGKILL at any instruction anyway, so unwinding would buy nothing.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* Like malloc, calloc, reallocarray and strndup, but they do not return NULL.  free(3) them. */
void *xmalloc(size_t size) __attribute__((returns_nonnull));
void *xzalloc(size_t count, size_t size) __attribute__((returns_nonnull));
void *xrealloc(void *p, size_t count, size_t size) __attribute__((returns_nonnull, cold));
char *xstrndup(const char *s, size_t len) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((returns_nonnull));

/* Like xmalloc, at a multiple of align bytes, a power of two that size is a multiple of. */
void *xmalloc_aligned(size_t align, size_t size) __attribute__((returns_nonnull));

/*
 * xmalloc_full(size):
 * For what will be filled at once from end to end: large memory comes in huge pages or, below their size, with
 * its pages in place, instead of a fault for each.
 */
void *xmalloc_full(size_t size) __attribute__((returns_nonnull));

/* Wipe len bytes at p, in a way the compiler may not drop, then free p.  NULL is fine. */
void xfreezero(void *p, size_t len);

#endif
