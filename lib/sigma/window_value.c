/* What a group keeps, and the value it comes to. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/window_inner.h"
#include "json/write.h"

static unsigned char *
bytes_of(struct line_list *l)
{
	return l->p != NULL ? l->p : l->few;
}

/* Room for so many bytes more. */
static void
widen(struct windows *w, struct group *g, uint32_t room)
{
	struct line_list *l = &g->lines;
	uint32_t more = l->cap == 0 ? 2 * LINES_FEW : l->cap / 2;

	if ((l->p != NULL ? l->cap : LINES_FEW) - l->len >= room)
		return;
	if (l->p == NULL) {
		l->p = xmalloc(more);
		memcpy(l->p, l->few, l->len);
	} else {
		l->p = xrealloc(l->p, (size_t)l->cap + more, 1);
	}
	l->cap += more;
	group_hold(w, g, more);
}

static void
put_difference(struct windows *w, struct group *g, uint64_t d)
{
	struct line_list *l = &g->lines;
	unsigned char *p;

	widen(w, g, d < 0x80 ? 1 : d < 0x4000 ? 2 : 10);
	for (p = bytes_of(l); d >= 0x80; d >>= 7)
		p[l->len++] = (unsigned char)(d | 0x80);
	p[l->len++] = (unsigned char)d;
}

static uint64_t
get_difference(const unsigned char *p, uint32_t *at)
{
	uint64_t d = 0;

	for (unsigned shift = 0;; shift += 7) {
		unsigned char c = p[(*at)++];

		d |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80)
			return d;
	}
}

size_t
lines_get(const struct line_list *l, uint64_t *out)
{
	const unsigned char *p = l->p != NULL ? l->p : l->few;
	uint32_t at = l->from;

	for (uint32_t i = 0; i < l->n; i++)
		out[i] = i == 0 ? l->first : out[i - 1] + get_difference(p, &at);
	return l->n;
}

/* A line behind the last. */
static void
append_line(struct windows *w, struct group *g, uint64_t line)
{
	struct line_list *l = &g->lines;

	if (l->n == 0) {
		l->first = l->last = line;
		l->n = 1;
		return;
	}
	if (l->from > 4096) {
		memmove(l->p, l->p + l->from, l->len - l->from);
		l->len -= l->from;
		l->from = 0;
	}
	put_difference(w, g, line - l->last);
	l->last = line;
	if (++l->n > WINDOW_LINES) {
		l->first += get_difference(bytes_of(l), &l->from);
		l->n--;
	}
}

/* A line before the last, as windows that close together tell a third of: the list is made anew. */
static void
insert_line(struct windows *w, struct group *g, uint64_t line)
{
	uint64_t *v = xzalloc(WINDOW_LINES, sizeof *v);
	size_t n = lines_get(&g->lines, v);
	bool put = false;

	g->lines.from = g->lines.len = g->lines.n = 0;
	for (size_t i = 0; i < n; i++) {
		if (!put && line < v[i])
			append_line(w, g, line);
		put = put || line <= v[i];
		append_line(w, g, v[i]);
	}
	free(v);
}

void
lines_add(struct windows *w, struct group *g, uint64_t line)
{
	if (g->lines.n > 0 && line < g->lines.last)
		insert_line(w, g, line);
	else if (g->lines.n == 0 || line > g->lines.last)
		append_line(w, g, line);
}

void
lines_drop(struct windows *w, struct group *g)
{
	g->held -= g->lines.cap;
	w->bytes -= g->lines.cap;
	free(g->lines.p);
	g->lines = (struct line_list){ 0 };
}

static void
set_put(struct value_set *s, uint64_t hash)
{
	uint32_t at = (uint32_t)(hash >> 32);

	while (s->slots[at & (s->cap - 1)] != 0 && s->slots[at & (s->cap - 1)] != hash)
		at++;
	s->n += s->slots[at & (s->cap - 1)] == 0;
	s->slots[at & (s->cap - 1)] = hash;
}

static void
set_grow(struct windows *w, struct group *g, struct value_set *s)
{
	struct value_set bigger = { .cap = s->cap == 0 ? 4 * SET_FEW : s->cap * 2 };

	bigger.slots = xzalloc(bigger.cap, sizeof *bigger.slots);
	group_hold(w, g, (bigger.cap - s->cap) * sizeof *bigger.slots);
	for (uint32_t i = 0; i < (s->slots == NULL ? s->n : s->cap); i++) {
		uint64_t hash = s->slots == NULL ? s->few[i] : s->slots[i];

		if (hash != 0)
			set_put(&bigger, hash);
	}
	free(s->slots);
	*s = bigger;
}

void
set_add(struct windows *w, struct corr *c, struct group *g, uint64_t hash)
{
	struct value_set *s = group_set(c, g);

	if (s->slots == NULL) {
		for (uint32_t i = 0; i < s->n; i++)
			if (s->few[i] == hash)
				return;
		if (s->n < SET_FEW) {
			s->few[s->n++] = hash;
			return;
		}
	}
	if (s->n * 2 >= s->cap)
		set_grow(w, g, s);
	set_put(s, hash);
}

void
amount_add(struct amount *sum, const struct amount *a)
{
	sum->approx += a->approx;
	sum->exact =
	    sum->exact && a->exact && !__builtin_add_overflow(sum->nano, a->nano, &sum->nano);
}

void
values_add(struct windows *w, struct corr *c, struct group *g, double v)
{
	struct value_list *l = group_values(c, g);

	if (g->count == l->cap) {
		uint32_t more = l->cap == 0 ? 8 : l->cap;

		l->v = xrealloc(l->v, (size_t)l->cap + more, sizeof *l->v);
		l->cap += more;
		group_hold(w, g, more * sizeof *l->v);
	}
	l->v[g->count] = v;
}

bool
moment_before(const struct moment *a, const struct moment *b)
{
	int sign = instant_cmp(a->t, b->t);

	return sign < 0 || (sign == 0 && a->line < b->line);
}

/* Room for one more. */
static void
moments_widen(struct windows *w, struct group *g, struct moments *m)
{
	uint32_t more = m->cap == 0 ? 2 : m->cap;
	bool few = m->v == NULL;

	if (m->n < (few ? 1 : m->cap))
		return;
	m->v = xrealloc(m->v, (size_t)m->cap + more, sizeof *m->v);
	if (few)
		m->v[0] = m->few;
	m->cap += more;
	group_hold(w, g, more * sizeof *m->v);
}

/* Keep the order of time; most come last. */
void
moments_put(struct windows *w, struct group *g, struct moments *m, struct moment x)
{
	struct moment *v;
	uint32_t at = m->n;

	moments_widen(w, g, m);
	v = moments_of(m);
	while (at > 0 && moment_before(&x, &v[at - 1]))
		at--;
	memmove(&v[at + 1], &v[at], (m->n - at) * sizeof *v);
	v[at] = x;
	m->n++;
}

/* The number of nanos as decimal text, without needless zeros. */
static void
put_nano(struct buf *b, __int128 nano)
{
	char digits[48];
	unsigned __int128 u = nano < 0 ? -(unsigned __int128)nano : (unsigned __int128)nano;
	int n = 0, from = 0;

	do
		digits[n++] = (char)('0' + (int)(u % 10));
	while ((u /= 10) > 0 || n < 10);
	while (from < 9 && digits[from] == '0')
		from++;
	if (nano < 0)
		buf_byte(b, '-');
	for (int i = n - 1; i >= from; i--) {
		buf_byte(b, digits[i]);
		if (i == 9 && from < 9)
			buf_byte(b, '.');
	}
}

static void
put_double(struct buf *b, double v)
{
	if (isfinite(v))
		json_put_double(b, v);
	else
		buf_str(b, "null");
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Nearest rank: the least value that at least p percent are not above. */
static double
percentile(const struct corr *c, struct group *g)
{
	struct value_list *l = group_values(c, g);
	struct amount p;
	unsigned __int128 share;
	uint64_t rank;

	amount_get(c->c->percentile, &p);
	share = (unsigned __int128)(p.exact ? p.nano : 50) * g->count;
	rank = (uint64_t)((share + 99999999999U) / 100000000000U);
	rank = rank < 1 ? 1 : rank > g->count ? g->count : rank;
	qsort(l->v, g->count, sizeof *l->v, by_size);
	return l->v[rank - 1];
}

/* How many steps have been taken, each after the one before. */
static uint64_t
ordered(const struct corr *c, struct group *g)
{
	struct moment at = { 0 };

	for (uint32_t i = 0; i < c->c->rule_count; i++) {
		struct moments *m = &group_steps(g)[i];
		const struct moment *v = moments_of(m);
		uint32_t low = 0, high = m->n;

		while (i > 0 && low < high) {
			uint32_t mid = (low + high) / 2;

			if (moment_before(&at, &v[mid]))
				high = mid;
			else
				low = mid + 1;
		}
		if (low == m->n)
			return i;
		at = v[low];
	}
	return c->c->rule_count;
}

uint64_t
count_of(const struct corr *c, struct group *g)
{
	uint64_t n = 0;

	switch (c->c->type) {
	case CORR_VALUE_COUNT: return group_set(c, g)->n;
	case CORR_TEMPORAL:
		for (uint32_t i = 0; i < (c->c->rule_count + 63) / 64; i++)
			n += (uint64_t)__builtin_popcountll(group_seen(c, g)[i]);
		return n;
	case CORR_TEMPORAL_ORDERED: return c->sliding ? *group_taken(c, g) : ordered(c, g);
	default: return g->count;
	}
}

void
value_put(struct buf *b, const struct corr *c, struct group *g)
{
	const struct amount *sum = group_sum(c, g);

	switch (c->c->type) {
	case CORR_VALUE_SUM:
		if (sum->exact)
			put_nano(b, sum->nano);
		else
			put_double(b, sum->approx);
		break;
	case CORR_VALUE_AVG:
		put_double(b,
		    sum->exact ? (double)((long double)sum->nano / 1e9L / (long double)g->count)
			       : sum->approx / (double)g->count);
		break;
	case CORR_VALUE_PERCENTILE: put_double(b, percentile(c, g)); break;
	default: buf_u64(b, count_of(c, g)); break;
	}
}
