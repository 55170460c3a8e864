/*
 * counts - how often each value comes, of values that are i / 10^s with few different integers i.
 *
 * Tokens, scores and whole milliseconds of a log are of that kind; counting them takes less time and memory than
 * keeping them.  -0 is not: it is not to become 0.
 *
 * A zeroed struct counts is empty, and its scale is not known yet.
 */
#ifndef STAT_COUNTS_H
#define STAT_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { COUNTS_ROOM = 1 << 16 }; /* integers at most: half a megabyte */

struct counts {
	double ten;      /* values are i / ten */
	uint64_t *times; /* of each i < room */
	size_t room;
	uint64_t n; /* values in all */
};

/*
 * counts_take(c, v, n, room):
 * Count values from v on, n at most, up to one that is no i / ten with i < room, COUNTS_ROOM at most.  Returns how
 * many were.  An empty c gets the scale of the first few (stat/sort.h).
 */
size_t counts_take(struct counts *c, const double *v, size_t n, size_t room);

/* Count all of from, too.  Returns false, and into is as it was, if they are not within room by one scale. */
bool counts_add(struct counts *into, const struct counts *from, size_t room);

/* The value that is counted in times[i]. */
static inline double
counts_value(const struct counts *c, size_t i)
{
	return (double)i / c->ten;
}

void counts_free(struct counts *c);

#endif
