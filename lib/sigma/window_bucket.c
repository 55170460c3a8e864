/* Spans of time, and the buckets that are open in them. */
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/window_inner.h"

/* Slots of a bucket are as many as the last one had, if there are few of a correlation. */
enum { SLOTS_MIN = 4, OPEN_FEW = 4 };

static uint32_t
slots_for(uint32_t groups)
{
	uint32_t slots = SLOTS_MIN;

	while (is_crowded(groups, slots))
		slots *= 2;
	return slots;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t
unit_seconds(char unit)
{
	switch (unit) {
	case 's': return 1;
	case 'm': return 60;
	case 'h': return 3600;
	case 'd': return 86400;
	case 'w': return 604800;
	default: return 0;
	}
}

/* The start of a month, counted from January 1970. */
static int64_t
month_start(int64_t month)
{
	int64_t year = floor_div(month, 12);

	return civil_days(1970 + year, (int)(month - year * 12) + 1, 1) * 86400;
}

static void
bounds_of(const struct correlation *c, struct instant t, struct bucket *b)
{
	int64_t span = (int64_t)c->span, unit = unit_seconds(c->unit), k;

	if (unit > 0) {
		k = floor_div(t.s, span * unit);
		b->start.s = k * span * unit;
		b->end.s = b->start.s + span * unit;
	} else {
		struct civil day = instant_civil(t);

		span *= c->unit == 'y' ? 12 : 1;
		k = floor_div((day.year - 1970) * 12 + day.month - 1, span);
		b->start.s = month_start(k * span);
		b->end.s = month_start((k + 1) * span);
	}
}

/* The start of a sliding window that ends at t; of months, on the same day or the month's last. */
struct instant
span_before(const struct correlation *c, struct instant t)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t unit = unit_seconds(c->unit), month, year;
	struct civil day = instant_civil(t);
	int last, m;

	if (unit > 0) {
		t.s -= (int64_t)c->span * unit;
		return t;
	}
	month = day.year * 12 + day.month - 1 - (int64_t)c->span * (c->unit == 'y' ? 12 : 1);
	year = floor_div(month, 12);
	m = (int)(month - year * 12);
	last = days[m] +
	    (m == 1 && (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) ? 1 : 0);
	t.s -= civil_days(day.year, day.month, day.day) * 86400;
	t.s += civil_days(year, m + 1, day.day < last ? day.day : last) * 86400;
	return t;
}

/* Where in c->open a bucket with this start is, or belongs. */
static uint32_t
position(const struct corr *c, struct instant start)
{
	uint32_t low = 0, high = c->open_count;

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (instant_cmp(c->open[mid]->start, start) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct bucket *
add_bucket(struct windows *w, struct corr *c, uint32_t at, const struct bucket *like)
{
	struct bucket *b = xmalloc(sizeof *b);

	*b = *like;
	if (c->open_count == c->open_cap) {
		c->open_cap = c->open_cap == 0 ? 4 : c->open_cap * 2;
		c->open = xrealloc(c->open, c->open_cap, sizeof(struct bucket *));
	}
	memmove(&c->open[at + 1], &c->open[at], (c->open_count - at) * sizeof(struct bucket *));
	c->open[at] = b;
	c->open_count++;
	b->slot_count =
	    c->open_count < OPEN_FEW && c->slots_usual > 0 ? c->slots_usual : SLOTS_MIN;
	b->slots = xzalloc(b->slot_count, sizeof *b->slots);
	w->bytes += sizeof *b + b->slot_count * sizeof *b->slots;
	if (closing_time(w, b) < w->next_close)
		w->next_close = closing_time(w, b);
	return b;
}

struct bucket *
bucket_search(struct windows *w, struct corr *c, struct instant t)
{
	struct bucket b = { .corr = c };
	uint32_t at;

	if (w->o->sliding)
		b.start.s = b.end.s = 0;
	else
		bounds_of(c->c, t, &b);
	at = position(c, b.start);
	if (at < c->open_count && instant_cmp(c->open[at]->start, b.start) == 0)
		c->recent = c->open[at];
	else if (!w->o->sliding && !w->o->hold && w->started &&
	    closing_time(w, &b) <= w->closed.s)
		return NULL;
	else
		c->recent = add_bucket(w, c, at, &b);
	return c->recent;
}

void
bucket_drop(struct windows *w, struct bucket *b)
{
	struct corr *c = b->corr;
	uint32_t at = position(c, b->start);

	groups_free(w, b);
	c->slots_usual = slots_for(b->groups);
	memmove(
	    &c->open[at], &c->open[at + 1], (c->open_count - at - 1) * sizeof(struct bucket *));
	c->open_count--;
	if (c->recent == b)
		c->recent = NULL;
	w->bytes -= sizeof *b + b->slot_count * sizeof *b->slots;
	free(b->slots);
	free(b);
}
