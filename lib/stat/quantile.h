/*
 * quantile - order statistics of values that were collected, or of a sketch where they are too many.
 *
 * Exact at first: 8 bytes a value, kept in blocks in the order they came, so that adding never
 * moves what is there and merging copies nothing.  Of many values those that can be counted
 * (stat/counts.h) are, a block at a time, if most can: then memory is that of the different ones.
 * After quantile_spill the values are counted in a sketch (stat/sketch.h) and so are all that
 * follow.  Results are a function of the values and of whether it was spilled, never of order or
 * grouping.
 *
 * A zeroed struct quantile is empty.
 */
#ifndef STAT_QUANTILE_H
#define STAT_QUANTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct counts;
struct sketch;
struct quantile_block;

struct quantile {
	uint64_t n;
	double *next, *end;            /* free room in the newest block */
	struct quantile_block *blocks; /* newest first */
	struct counts *counts; /* of values that are not in blocks; NULL: there are none */
	bool plain;            /* it is no use to count */
	struct sketch *sketch; /* NULL while exact */
};

/* quantile_add for when there is no room at hand. */
void quantile_grow(struct quantile *q, double v);

/* Add v, which must be finite. */
static inline void
quantile_add(struct quantile *q, double v)
{
	if (q->next == q->end) {
		quantile_grow(q, v);
		return;
	}
	*q->next++ = v;
	q->n++;
}

/* Give up exactness for bounded memory.  No effect on what was spilled before. */
void quantile_spill(struct quantile *q);

/* Move all of from to into; from is left empty.  Spilled and exact give spilled. */
void quantile_merge(struct quantile *into, struct quantile *from);

static inline bool
quantile_exact(const struct quantile *q)
{
	return q->sketch == NULL;
}

enum { QUANTILE_RANKS = 8 };

/*
 * quantile_select(q, k, count, v):
 * Let v[i] be the k[i]-th smallest value, k[i] from 0 to n - 1, for count ranks, QUANTILE_RANKS at most, that
 * do not fall; estimates within 1 % if q was spilled.  Linear in n.  Scratch memory is half a megabyte
 * and that for the values near those asked for, or, where most are counted, for those that are not.
 */
void quantile_select(const struct quantile *q, const uint64_t *k, size_t count, double *v);

/*
 * quantile_part(q, at, n):
 * The values of q, which is exact, that are not counted, part by part, *n of them: the part after the one that *at
 * stands for, which is NULL at first.  Returns NULL after the last.
 */
const double *quantile_part(
    const struct quantile *q, const struct quantile_block **at, size_t *n);

/* Those that are counted, or NULL. */
const struct counts *quantile_counted(const struct quantile *q);

/* Copy the values of q, which is exact, to where there is room for n.  Returns the end of them. */
double *quantile_copy(const struct quantile *q, double *to);

static inline double
quantile_at(const struct quantile *q, uint64_t k)
{
	double v;

	quantile_select(q, &k, 1, &v);
	return v;
}

void quantile_free(struct quantile *q);

#endif
