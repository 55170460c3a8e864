/* Memory for groups, which come and go by the hundred thousand. */
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/window_inner.h"

enum { BLOCK = 64 * 1024 };

struct pool_block {
	struct pool_block *next;
	size_t used;
	_Alignas(64) char memory[BLOCK];
};

static size_t
class_of(size_t size)
{
	return (size + POOL_STEP - 1) / POOL_STEP;
}

static void *
cut(struct windows *w, size_t size)
{
	struct pool_block *b = w->blocks;
	void *p;

	if (b == NULL || BLOCK - b->used < size) {
		if (posix_memalign(&p, 64, sizeof *b) != 0)
			p = NULL;
		b = p != NULL ? p : xzalloc(1, SIZE_MAX); /* which ends the process */
		b->next = w->blocks;
		b->used = 0;
		w->blocks = b;
	}
	p = b->memory + b->used;
	b->used += size;
	return p;
}

/* Of a class's spare ones take the first, p; the next is brought into the cache for its turn. */
static void
take_spare(struct windows *w, size_t n, const void *p)
{
	memcpy(&w->spare[n], p, sizeof(void *));
	if (w->spare[n] != NULL)
		for (size_t at = 0; at < n * POOL_STEP; at += POOL_STEP)
			__builtin_prefetch((const char *)w->spare[n] + at, 1);
}

void *
pool_get(struct windows *w, size_t size)
{
	size_t n = class_of(size);
	void *p;

	if (n >= POOL_SIZES)
		return xmalloc(size);
	p = w->spare[n];
	if (p != NULL)
		take_spare(w, n, p);
	else
		p = cut(w, n * POOL_STEP);
	return p;
}

void
pool_put(struct windows *w, void *p, size_t size)
{
	size_t n = class_of(size);

	if (n >= POOL_SIZES) {
		free(p);
		return;
	}
	memcpy(p, &w->spare[n], sizeof(void *));
	w->spare[n] = p;
}

void
pool_free(struct windows *w)
{
	while (w->blocks != NULL) {
		struct pool_block *next = w->blocks->next;

		free(w->blocks);
		w->blocks = next;
	}
}
