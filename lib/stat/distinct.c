#include "stat/distinct.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stat/sort.h"

enum {
	MANY = 1024,    /* values, for which it is worth a look */
	ROOM = 1 << 16, /* integers that are counted: 256 KB, near the processor */
};

/* A look at the first values. */
static double
scale_find(const struct quantile *const *q, size_t count)
{
	const struct quantile_block *at = NULL;
	size_t n;

	for (size_t i = 0; i < count; i++) {
		const double *v = quantile_part(q[i], &at, &n);

		if (v != NULL)
			return double_scale(v, n);
	}
	return 0;
}

/* Count values that are i / ten, i < room. */
static bool
part_count(const double *v, size_t n, double ten, size_t room, uint32_t *count)
{
	for (size_t i = 0; i < n; i++) {
		double scaled = v[i] * ten + 0.5;
		uint64_t bits;
		int32_t integer;

		memcpy(&bits, &v[i], sizeof bits);
		if (!(scaled < (double)room) || bits >> 63) /* -0 is not to become 0 */
			return false;
		integer = (int32_t)scaled;
		if (integer / ten != v[i])
			return false;
		count[integer]++;
	}
	return true;
}

static bool
all_count(
    const struct quantile *const *q, size_t quantiles, double ten, size_t room, uint32_t *count)
{
	for (size_t i = 0; i < quantiles; i++) {
		const struct quantile_block *at = NULL;
		const double *v;
		size_t n;

		while ((v = quantile_part(q[i], &at, &n)) != NULL)
			if (!part_count(v, n, ten, room, count))
				return false;
	}
	return true;
}

/* The integers that were met. */
static size_t
different(const uint32_t *count, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < room; i++)
		n += count[i] != 0;
	return n;
}

static void
distinct_make(struct distinct *d, const uint32_t *count, size_t room, double ten)
{
	uint64_t before = 0;
	size_t n = 0;

	for (size_t i = 0; i < room; i++) {
		if (count[i] == 0)
			continue;
		d->v[n] = (double)i / ten;
		d->before[n++] = before;
		before += count[i];
	}
	d->before[n] = before;
}

bool
distinct_find(struct distinct *d, const struct quantile *const *q, size_t count)
{
	uint64_t total = 0;
	double ten = scale_find(q, count);
	size_t room;
	uint32_t *times;
	bool good;

	for (size_t i = 0; i < count; i++)
		total += q[i]->n;
	if (ten == 0 || total < MANY || total > UINT32_MAX)
		return false;
	room = total < ROOM ? (size_t)total : ROOM;
	times = xzalloc(room, sizeof *times);
	good = all_count(q, count, ten, room, times);
	d->n = good ? different(times, room) : 0;
	good = good && d->n <= total / 2;
	if (good) {
		d->v = xmalloc(d->n * sizeof *d->v);
		d->before = xmalloc((d->n + 1) * sizeof *d->before);
		distinct_make(d, times, room, ten);
	}
	free(times);
	return good;
}
