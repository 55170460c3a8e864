#include "sigma/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

enum { BLOCK = 64 * 1024 };

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

void *
arena_get(struct arena *a, size_t size)
{
	struct arena_block *b = a->blocks;
	const size_t unit = alignof(max_align_t);

	if (size > SIZE_MAX - BLOCK)
		size = SIZE_MAX - BLOCK; /* xmalloc ends the process */
	size = (size + unit - 1) / unit * unit;
	if (b == NULL || size > b->size - b->used) {
		size_t room = size > BLOCK / 4 ? size : BLOCK;

		b = xmalloc(sizeof *b + room);
		b->used = 0;
		b->size = room;
		if (room == size && a->blocks != NULL) { /* keep filling the block in use */
			b->next = a->blocks->next;
			a->blocks->next = b;
		} else {
			b->next = a->blocks;
			a->blocks = b;
		}
	}
	b->used += size;
	return memset(b->bytes + b->used - size, 0, size);
}

struct slice
arena_slice(struct arena *a, struct slice s)
{
	char *p = arena_get(a, s.len + 1);

	if (s.len > 0)
		memcpy(p, s.p, s.len);
	return (struct slice){ p, s.len };
}

const char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return arena_slice(a, slice_of(text)).p;
}

void
arena_free(struct arena *a)
{
	struct arena_block *b = a->blocks, *next;

	for (; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	a->blocks = NULL;
}
