#include "stat/counts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stat/sort.h"

enum { ROOM_MIN = 1024 };

/* Room for integer, at most room.  Returns false if that is too little. */
static bool
grow(struct counts *c, double integer, size_t room)
{
	size_t more = c->room < ROOM_MIN ? ROOM_MIN : c->room;

	if (room > COUNTS_ROOM)
		room = COUNTS_ROOM;
	if (!(integer < (double)room))
		return false;
	while (integer >= (double)more)
		more *= 2;
	if (more > c->room) {
		c->times = xrealloc(c->times, more, sizeof *c->times);
		memset(c->times + c->room, 0, (more - c->room) * sizeof *c->times);
		c->room = more;
	}
	return true;
}

/* Count up to one that is none, or beyond the room there is; to be inlined for the usual scale. */
static inline size_t
run(struct counts *c, const double *v, size_t n, double ten)
{
	double most = (double)c->room;
	size_t i = 0;

	for (; i < n; i++) {
		double scaled = v[i] * ten + 0.5;
		uint64_t bits;
		int32_t integer;

		memcpy(&bits, &v[i], sizeof bits);
		if (!(scaled < most) || bits >> 63)
			break;
		integer = (int32_t)scaled;
		if (integer / ten != v[i])
			break;
		c->times[integer]++;
	}
	return i;
}

size_t
counts_take(struct counts *c, const double *v, size_t n, size_t room)
{
	size_t i = 0;

	if (c->ten == 0)
		c->ten = double_scale(v, n);
	if (c->ten == 0)
		return 0;
	do
		i += c->ten == 1 ? run(c, v + i, n - i, 1) : run(c, v + i, n - i, c->ten);
	while (i < n && v[i] * c->ten + 0.5 >= (double)c->room &&
	    grow(c, v[i] * c->ten + 0.5, room));
	c->n += i;
	return i;
}

/* One more than the last integer that came. */
static size_t
counts_end(const struct counts *c)
{
	size_t end = c->room;

	while (end > 0 && c->times[end - 1] == 0)
		end--;
	return end;
}

/*
 * Let c be by the scale ten, a multiple of its own: the quotients of the larger integers are the doubles nearest to
 * the same numbers, so the same doubles.
 */
static bool
rescale(struct counts *c, double ten, size_t room)
{
	size_t times = (size_t)(ten / c->ten), end = counts_end(c);
	struct counts to = { .ten = ten, .n = c->n };

	if (times == 1)
		return true;
	if (end > 0 && !grow(&to, (double)(end - 1) * (double)times, room))
		return false;
	for (size_t i = 0; i < end; i++)
		to.times[i * times] = c->times[i];
	counts_free(c);
	*c = to;
	return true;
}

/* Both are of the same scale. */
static bool
same_add(struct counts *into, const struct counts *from, size_t room)
{
	size_t end = counts_end(from);

	if (end > 0 && !grow(into, (double)(end - 1), room))
		return false;
	for (size_t i = 0; i < end; i++)
		into->times[i] += from->times[i];
	into->n += from->n;
	return true;
}

bool
counts_add(struct counts *into, const struct counts *from, size_t room)
{
	struct counts copy = { .ten = from->ten };
	bool good;

	if (from->n == 0)
		return true;
	if (into->n == 0)
		into->ten = from->ten;
	if (into->ten >= from->ten) {
		good = same_add(&copy, from, COUNTS_ROOM) && rescale(&copy, into->ten, room) &&
		    same_add(into, &copy, room);
		counts_free(&copy);
		return good;
	}
	return rescale(into, from->ten, room) && same_add(into, from, room);
}

void
counts_free(struct counts *c)
{
	free(c->times);
	*c = (struct counts){ 0 };
}
