/* Memory for groups, which come and go by the hundred thousand: a bucket's go with it. */
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/window_inner.h"

/* Bytes of a pool's first block, of each twice the one before, and of all that follow those. */
enum { BLOCK_FIRST = 2 * POOL_PIECE, BLOCK = 64 * 1024, CACHE_LINE = 64 };

struct pool_block {
	struct pool_block *next;
	size_t size;
	_Alignas(CACHE_LINE) char memory[];
};

static struct pool_block *
block_new(struct windows *w, size_t size)
{
	struct pool_block *b = w->spare;

	if (size == BLOCK && b != NULL) {
		w->spare = b->next;
		return b;
	}
	b = xmalloc_aligned(CACHE_LINE, size);
	b->size = size;
	w->bytes += size;
	return b;
}

static void
block_free(struct windows *w, struct pool_block *b)
{
	w->bytes -= b->size;
	free(b);
}

void *
pool_get(struct windows *w, struct pool *p, size_t size)
{
	struct pool_block *b = p->blocks;

	size = (size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
	if (b == NULL || p->left < size) {
		b = block_new(w,
		    b == NULL             ? BLOCK_FIRST
			: b->size < BLOCK ? 2 * b->size
					  : BLOCK);
		b->next = p->blocks;
		p->blocks = b;
		p->left = b->size - sizeof *b;
	}
	p->left -= size;
	return b->memory + (b->size - sizeof *b - p->left - size);
}

void
pool_drop(struct windows *w, struct pool *p)
{
	struct pool_block *next;

	for (struct pool_block *b = p->blocks; b != NULL; b = next) {
		next = b->next;
		if (b->size < BLOCK) {
			block_free(w, b);
			continue;
		}
		b->next = w->spare;
		w->spare = b;
	}
	*p = (struct pool){ NULL, 0 };
}

void
pool_trim(struct windows *w)
{
	while (w->spare != NULL) {
		struct pool_block *b = w->spare;

		w->spare = b->next;
		block_free(w, b);
	}
}
