/*
 * arena - memory that is given back all at once.
 *
 * Everything a set of rules consists of lives in one arena, as long as the set.  A zeroed struct
 * arena is empty.
 */
#ifndef SIGMA_ARENA_H
#define SIGMA_ARENA_H

#include "base/slice.h"

struct arena {
	struct arena_block *blocks;
	size_t spelled; /* bytes of what modifiers have made of values (sigma/variants.h) */
};

/* size zeroed bytes, aligned for anything. */
void *arena_get(struct arena *a, size_t size);

/* A copy of s. */
struct slice arena_slice(struct arena *a, struct slice s);

/* Formatted text, for messages: NUL-terminated, at most 255 bytes. */
const char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

void arena_free(struct arena *a);

#endif
