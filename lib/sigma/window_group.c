/* Buckets and the groups in them: found, made, dropped. */
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/window_inner.h"

enum { TABLE_MIN = 1024 };

static size_t
slot_of(const struct windows *w, const struct bucket *b, uint64_t hash)
{
	uint64_t h = (hash ^ (uintptr_t)b >> 4) * 0x9e3779b97f4a7c15u;

	return (h >> 20) & (w->table_size - 1);
}

static void
grow_table(struct windows *w)
{
	size_t size = w->table_size == 0 ? TABLE_MIN : w->table_size * 2;
	struct group **old = w->table;

	w->table = xzalloc(size, sizeof(struct group *));
	w->table_size = size;
	free(old);
	for (struct group *g = w->oldest; g != NULL; g = g->newer) {
		size_t at = slot_of(w, g->bucket, g->hash);

		g->hash_next = w->table[at];
		w->table[at] = g;
	}
}

static void
unlink_age(struct windows *w, struct group *g)
{
	*(g->newer != NULL ? &g->newer->older : &w->newest) = g->older;
	*(g->older != NULL ? &g->older->newer : &w->oldest) = g->newer;
}

static void
link_newest(struct windows *w, struct group *g)
{
	g->newer = NULL;
	g->older = w->newest;
	*(w->newest != NULL ? &w->newest->newer : &w->oldest) = g;
	w->newest = g;
}

/* How many lists of moments a group has. */
static uint32_t
step_count(const struct windows *w, const struct corr *c)
{
	if (w->o->sliding)
		return 1;
	return c->c->type == CORR_TEMPORAL_ORDERED ? c->c->rule_count : 0;
}

/* One block: the group, its bits, its lists and its text. */
static struct group *
make(struct windows *w, struct bucket *b, struct slice text, uint64_t hash)
{
	const struct corr *c = b->corr;
	size_t bits = ((size_t)c->c->rule_count + 63) / 64 * sizeof(uint64_t);
	size_t steps = step_count(w, c) * sizeof(struct moments);
	size_t size = sizeof(struct group) + bits + steps + text.len;
	struct group *g = pool_get(w, size);
	char *behind = (char *)(g + 1);

	g->bucket = b;
	g->hash = hash;
	g->len = (uint32_t)text.len;
	g->seen = (uint64_t *)(void *)behind;
	g->steps = (struct moments *)(void *)(behind + bits);
	g->text = behind + bits + steps;
	memcpy(g->text, text.p, text.len);
	if (c->c->type == CORR_VALUE_SUM || c->c->type == CORR_VALUE_AVG)
		g->sum.exact = true;
	g->size = (uint32_t)size;
	g->bytes = size;
	w->bytes += size;
	g->next = b->first;
	if (b->first != NULL)
		b->first->prev = g;
	b->first = g;
	w->groups++;
	w->open_groups += !c->at_event;
	return g;
}

struct group *
group_touch(struct windows *w, struct bucket *b, struct slice text, uint64_t hash)
{
	struct group *g;
	size_t at;

	if (w->groups >= w->table_size)
		grow_table(w);
	at = slot_of(w, b, hash);
	for (g = w->table[at]; g != NULL; g = g->hash_next)
		if (g->bucket == b && g->hash == hash && g->len == text.len &&
		    memcmp(g->text, text.p, text.len) == 0)
			break;
	if (g == NULL) {
		g = make(w, b, text, hash);
		g->hash_next = w->table[at];
		w->table[at] = g;
	} else if (g != w->newest) {
		unlink_age(w, g);
	} else {
		return g;
	}
	link_newest(w, g);
	return g;
}

enum { CACHE_LINE = 64, CACHE_LINES = 5 }; /* that a group and its text are in, mostly */

void
group_expect(const struct windows *w, const struct corr *c, uint64_t hash)
{
	const char *g;

	if (c->recent == NULL || w->table_size == 0)
		return;
	g = (const char *)w->table[slot_of(w, c->recent, hash)];
	if (g != NULL)
		for (int i = 0; i < CACHE_LINES; i++)
			__builtin_prefetch(g + i * CACHE_LINE);
}

void
group_free(struct windows *w, struct group *g)
{
	const struct corr *c = g->bucket->corr;
	struct group **p = &w->table[slot_of(w, g->bucket, g->hash)];

	while (*p != g)
		p = &(*p)->hash_next;
	*p = g->hash_next;
	unlink_age(w, g);
	*(g->prev != NULL ? &g->prev->next : &g->bucket->first) = g->next;
	if (g->next != NULL)
		g->next->prev = g->prev;
	w->groups--;
	w->open_groups -= !c->at_event;
	w->bytes -= g->bytes;
	free(g->lines.p);
	if (c->c->type == CORR_VALUE_COUNT)
		free(g->set.slots);
	else if (c->c->type == CORR_VALUE_PERCENTILE)
		free(g->values.v);
	for (uint32_t i = 0; i < step_count(w, c); i++)
		free(g->steps[i].v);
	pool_put(w, g, g->size);
}

/* Keep within the limits: those touched longest ago go. */
void
windows_trim(struct windows *w)
{
	while ((w->groups > w->o->max_groups || w->bytes > WINDOW_BYTES) &&
	    w->oldest != w->newest) {
		group_free(w, w->oldest);
		w->counts.dropped++;
	}
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
	w->bytes += sizeof *b;
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

	while (b->first != NULL)
		group_free(w, b->first);
	memmove(
	    &c->open[at], &c->open[at + 1], (c->open_count - at - 1) * sizeof(struct bucket *));
	c->open_count--;
	if (c->recent == b)
		c->recent = NULL;
	w->bytes -= sizeof *b;
	free(b);
}
