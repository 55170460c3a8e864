#include "stat/quantile.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stat/sketch.h"

enum {
	BLOCK_MIN = 16,
	BLOCK_MAX = 1 << 16,
	SORT_MAX = 4096, /* up to here sorting is quicker than counting */
	RADIX = 16,      /* bits to a counting pass */
	KEY = 64,
};

struct quantile_block {
	struct quantile_block *older;
	size_t n, cap; /* n is right for all but the newest */
	double v[];
};

void
quantile_grow(struct quantile *q, double v)
{
	size_t cap = BLOCK_MIN;

	if (q->sketch != NULL) {
		sketch_add(q->sketch, v);
		q->n++;
		return;
	}
	if (q->blocks != NULL) {
		q->blocks->n = (size_t)(q->next - q->blocks->v);
		cap = q->blocks->cap < BLOCK_MAX ? 2 * q->blocks->cap : BLOCK_MAX;
	}
	struct quantile_block *b = xmalloc(sizeof *b + cap * sizeof b->v[0]);
	*b = (struct quantile_block){ .older = q->blocks, .cap = cap };
	q->blocks = b;
	q->next = b->v;
	q->end = b->v + cap;
	quantile_add(q, v);
}

/* How many values are in block b of q. */
static size_t
block_count(const struct quantile *q, const struct quantile_block *b)
{
	return b == q->blocks ? (size_t)(q->next - b->v) : b->n;
}

static void
blocks_free(struct quantile *q)
{
	struct quantile_block *b = q->blocks, *older;

	for (; b != NULL; b = older) {
		older = b->older;
		free(b);
	}
	q->blocks = NULL;
	q->next = q->end = NULL;
}

void
quantile_spill(struct quantile *q)
{
	if (q->sketch != NULL)
		return;
	q->sketch = xzalloc(1, sizeof *q->sketch);
	for (const struct quantile_block *b = q->blocks; b != NULL; b = b->older)
		for (size_t i = 0, n = block_count(q, b); i < n; i++)
			sketch_add(q->sketch, b->v[i]);
	blocks_free(q);
}

/* Put the blocks of from behind the newest of into, which goes on being filled. */
static void
blocks_move(struct quantile *into, struct quantile *from)
{
	struct quantile_block *last = from->blocks;

	if (last == NULL)
		return;
	last->n = (size_t)(from->next - last->v);
	while (last->older != NULL)
		last = last->older;
	if (into->blocks == NULL) {
		into->blocks = from->blocks;
		into->next = from->next;
		into->end = from->end;
	} else {
		last->older = into->blocks->older;
		into->blocks->older = from->blocks;
	}
	from->blocks = NULL;
}

void
quantile_merge(struct quantile *into, struct quantile *from)
{
	if (into->sketch != NULL || from->sketch != NULL) {
		quantile_spill(into);
		quantile_spill(from);
		sketch_merge(into->sketch, from->sketch);
	} else {
		blocks_move(into, from);
	}
	into->n += from->n;
	quantile_free(from);
}

/* A number that sorts as the double does. */
static uint64_t
key_of(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof bits);
	return bits ^ (bits >> 63 ? UINT64_MAX : UINT64_C(1) << 63);
}

static double
key_value(uint64_t key)
{
	uint64_t bits = key ^ (key >> 63 ? UINT64_C(1) << 63 : UINT64_MAX);
	double v;

	memcpy(&v, &bits, sizeof v);
	return v;
}

/* Count the digit at shift of every key that begins with prefix (all its bits above the digit). */
static void
digit_count(const struct quantile *q, uint64_t prefix, unsigned shift, uint64_t *count)
{
	uint64_t above = shift + RADIX == KEY ? 0 : UINT64_MAX << (shift + RADIX);

	memset(count, 0, sizeof *count << RADIX);
	for (const struct quantile_block *b = q->blocks; b != NULL; b = b->older) {
		for (size_t i = 0, n = block_count(q, b); i < n; i++) {
			uint64_t key = key_of(b->v[i]);

			if (((key ^ prefix) & above) == 0)
				count[key >> shift & ((1 << RADIX) - 1)]++;
		}
	}
}

/* The k-th smallest, digit by digit from the top: no input makes it slower than four passes. */
static double
radix_at(const struct quantile *q, uint64_t k)
{
	uint64_t *count = xmalloc(sizeof *count << RADIX), prefix = 0;

	for (unsigned shift = KEY - RADIX;; shift -= RADIX) {
		uint64_t digit = 0;

		digit_count(q, prefix, shift, count);
		while (k >= count[digit])
			k -= count[digit++];
		prefix |= digit << shift;
		if (shift == 0)
			break;
	}
	free(count);
	return key_value(prefix);
}

double *
quantile_copy(const struct quantile *q, double *to)
{
	for (const struct quantile_block *b = q->blocks; b != NULL; b = b->older) {
		size_t n = block_count(q, b);

		memcpy(to, b->v, n * sizeof *to);
		to += n;
	}
	return to;
}

static int
double_cmp(const void *a, const void *b)
{
	uint64_t x = key_of(*(const double *)a), y = key_of(*(const double *)b);

	return (x > y) - (x < y);
}

void
double_sort(double *v, size_t n)
{
	qsort(v, n, sizeof *v, double_cmp);
}

static double
sorted_at(const struct quantile *q, uint64_t k)
{
	double *all = xmalloc(q->n * sizeof *all), v;

	quantile_copy(q, all);
	double_sort(all, q->n);
	v = all[k];
	free(all);
	return v;
}

double
quantile_at(const struct quantile *q, uint64_t k)
{
	if (q->sketch != NULL)
		return sketch_at(q->sketch, k);
	return q->n <= SORT_MAX ? sorted_at(q, k) : radix_at(q, k);
}

void
quantile_select(const struct quantile *q, const uint64_t *k, size_t count, double *v)
{
	for (size_t i = 0; i < count; i++)
		v[i] = quantile_at(q, k[i]);
}

void
quantile_free(struct quantile *q)
{
	blocks_free(q);
	if (q->sketch != NULL)
		sketch_free(q->sketch);
	free(q->sketch);
	*q = (struct quantile){ 0 };
}
