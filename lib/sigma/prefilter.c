#include "sigma/prefilter.h"

#include <stdlib.h>

#include "base/mem.h"

enum { COUNT_BITS = 16, BITMAP_MIN = 12, BITMAP_MAX = 22 };

struct literal {
	struct slice text;
	uint32_t field, test;
	uint32_t offset; /* of the group picked */
	uint32_t hash;
};

struct prefilter {
	unsigned width;
	struct literal *v; /* in the order of their hash once ready */
	size_t n, cap;
	unsigned shift; /* 32 - bits of the bitmap */
	uint64_t *bitmap;
	unsigned bucket_shift;
	uint32_t *buckets; /* where in v those begin whose hash begins so */
};

static inline uint32_t
load(const char *p, unsigned width)
{
	uint32_t four;
	uint16_t two;

	if (width == 4) {
		memcpy(&four, p, sizeof four);
		return four;
	}
	memcpy(&two, p, sizeof two);
	return two;
}

static inline uint32_t
hash_group(uint32_t group, uint32_t field)
{
	uint32_t h = (group ^ field * 0x85ebca6bu) * 0x9e3779b1u;

	return (h ^ h >> 15) * 0x2c1b3c6du;
}

struct prefilter *
prefilter_new(unsigned width)
{
	struct prefilter *f = xzalloc(1, sizeof *f);

	f->width = width;
	return f;
}

void
prefilter_add(struct prefilter *f, uint32_t field, struct slice literal, uint32_t test)
{
	if (f->n == f->cap) {
		f->cap = f->cap == 0 ? 64 : f->cap * 2;
		f->v = xrealloc(f->v, f->cap, sizeof *f->v);
	}
	f->v[f->n++] = (struct literal){ .text = literal, .field = field, .test = test };
}

/* How common a byte is in logs, roughly: to break ties. */
static unsigned
commonness(const char *p, unsigned width)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < width; i++)
		sum += strchr("etaoinsr\\. c", p[i]) != NULL ? 2 : p[i] >= 'a' && p[i] <= 'z';
	return sum;
}

/* For each literal pick the group that the fewest literals of its field have. */
static void
pick_groups(struct prefilter *f)
{
	uint16_t *counts = xzalloc((size_t)1 << COUNT_BITS, sizeof *counts);

	for (size_t i = 0; i < f->n; i++)
		for (size_t at = 0; at + f->width <= f->v[i].text.len; at++) {
			uint32_t h =
			    hash_group(load(f->v[i].text.p + at, f->width), f->v[i].field) >>
			    (32 - COUNT_BITS);

			if (counts[h] < UINT16_MAX)
				counts[h]++;
		}
	for (size_t i = 0; i < f->n; i++) {
		struct literal *l = &f->v[i];
		uint32_t best = UINT32_MAX;

		for (size_t at = 0; at + f->width <= l->text.len; at++) {
			uint32_t h = hash_group(load(l->text.p + at, f->width), l->field);
			uint32_t cost = counts[h >> (32 - COUNT_BITS)] * 16u +
			    commonness(l->text.p + at, f->width);

			if (cost < best) {
				best = cost;
				l->offset = (uint32_t)at;
				l->hash = h;
			}
		}
	}
	free(counts);
}

static int
by_hash(const void *a, const void *b)
{
	const struct literal *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->test < y->test ? -1 : x->test > y->test;
}

void
prefilter_ready(struct prefilter *f)
{
	unsigned bits = BITMAP_MIN, buckets = 1;

	if (f->n == 0)
		return;
	pick_groups(f);
	qsort(f->v, f->n, sizeof *f->v, by_hash);
	while (bits < BITMAP_MAX && (size_t)1 << bits < 16 * f->n)
		bits++;
	while (buckets < 24 && (size_t)1 << buckets < f->n)
		buckets++;
	f->shift = 32 - bits;
	f->bitmap = xzalloc((size_t)1 << (bits - 6), sizeof *f->bitmap);
	f->bucket_shift = 32 - buckets;
	f->buckets = xzalloc(((size_t)1 << buckets) + 1, sizeof *f->buckets);
	for (size_t i = 0, b = 0; b <= (size_t)1 << buckets; b++) {
		while (i < f->n && f->v[i].hash >> f->bucket_shift < b)
			i++;
		f->buckets[b] = (uint32_t)i;
	}
	for (size_t i = 0; i < f->n; i++) {
		uint32_t bit = f->v[i].hash >> f->shift;

		f->bitmap[bit >> 6] |= UINT64_C(1) << (bit & 63);
	}
}

/* The bitmap says that a group with this hash, at p, may be one of ours. */
static void
compare(const struct prefilter *f, uint32_t field, struct slice text, size_t p, uint32_t hash,
    void (*found)(void *arg, uint32_t test, size_t at), void *arg)
{
	uint32_t i = f->buckets[hash >> f->bucket_shift];
	uint32_t end = f->buckets[(hash >> f->bucket_shift) + 1];

	for (; i < end; i++) {
		const struct literal *l = &f->v[i];

		if (l->hash != hash || l->field != field || p < l->offset ||
		    text.len - (p - l->offset) < l->text.len)
			continue;
		if (memcmp(text.p + p - l->offset, l->text.p, l->text.len) == 0)
			found(arg, l->test, p - l->offset);
	}
}

/* The pass itself, made twice by the compiler. */
static inline __attribute__((always_inline)) void
scan(const struct prefilter *f, uint32_t field, struct slice text, unsigned width,
    void (*found)(void *arg, uint32_t test, size_t at), void *arg)
{
	const uint64_t *bitmap = f->bitmap;
	unsigned shift = f->shift;

	for (size_t p = 0; p + width <= text.len; p++) {
		uint32_t h = hash_group(load(text.p + p, width), field), bit = h >> shift;

		if ((bitmap[bit >> 6] >> (bit & 63) & 1) != 0)
			compare(f, field, text, p, h, found, arg);
	}
}

void
prefilter_scan(const struct prefilter *f, uint32_t field, struct slice text,
    void (*found)(void *arg, uint32_t test, size_t at), void *arg)
{
	if (f->n == 0)
		return;
	if (f->width == 4)
		scan(f, field, text, 4, found, arg);
	else
		scan(f, field, text, 2, found, arg);
}

void
prefilter_free(struct prefilter *f)
{
	if (f == NULL)
		return;
	free(f->v);
	free(f->bitmap);
	free(f->buckets);
	free(f);
}
