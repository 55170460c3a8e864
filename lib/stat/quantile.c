#include "stat/quantile.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stat/counts.h"
#include "stat/distinct.h"
#include "stat/sketch.h"
#include "stat/sort.h"

enum {
	BLOCK_MIN = 16,
	BLOCK_MAX = 1 << 16,
	COUNT_MIN = 1 << 12, /* values of a block that is worth a look */
	SORT_MAX = 256,      /* up to here sorting is quicker than counting */
	PARTS_MIN = 64,
	PARTS_MAX = 1 << 12,
	MANY = 1 << 17,
	MANY_PARTS = 1 << 16, /* sign, exponent and 4 bits */
};

struct quantile_block {
	struct quantile_block *older;
	size_t n, cap; /* n is right for all but the newest */
	double v[];
};

/* Values of block b that can be counted are; the others close ranks. */
static void
block_sweep(struct counts *c, size_t room, struct quantile_block *b)
{
	size_t left = 0;

	for (size_t i = 0; i < b->n;) {
		i += counts_take(c, b->v + i, b->n - i, room);
		if (i < b->n)
			b->v[left++] = b->v[i++];
	}
	b->n = left;
}

/* Sweep from block b on; what becomes empty goes, but for the newest. */
static void
blocks_sweep(struct counts *c, size_t room, struct quantile_block *b)
{
	struct quantile_block **at = &b->older;

	block_sweep(c, room, b);
	while (*at != NULL) {
		struct quantile_block *one = *at;

		block_sweep(c, room, one);
		if (one->n == 0) {
			*at = one->older;
			free(one);
		} else {
			at = &one->older;
		}
	}
}

/* Add what was counted one by one after all. */
static void
uncount(struct quantile *q)
{
	struct counts *c = q->counts;

	q->plain = true;
	q->counts = NULL;
	if (c == NULL)
		return;
	q->n -= c->n;
	for (size_t i = 0; i < c->room; i++)
		for (uint64_t k = 0; k < c->times[i]; k++)
			quantile_add(q, counts_value(c, i));
	counts_free(c);
	free(c);
}

/* More than a quarter, and some, is not counted: the rest is not worth it. */
static bool
is_plain(const struct quantile *q, size_t some)
{
	return q->counts->n < q->n && q->n - q->counts->n > q->n / 4 + some;
}

/* Count what is in the newest block, which is full.  Returns whether that made room. */
static bool
make_room(struct quantile *q)
{
	struct quantile_block *b = q->blocks;

	if (q->plain || b == NULL || b->cap < COUNT_MIN)
		return false;
	b->n = b->cap;
	if (q->counts == NULL) {
		q->counts = xzalloc(1, sizeof *q->counts);
		blocks_sweep(q->counts, q->n / 2, b);
	} else {
		block_sweep(q->counts, q->n / 2, b);
	}
	q->next = b->v + b->n;
	if (is_plain(q, 0))
		uncount(q);
	return (size_t)(q->end - q->next) >= q->blocks->cap / 2;
}

void
quantile_grow(struct quantile *q, double v)
{
	size_t cap = BLOCK_MIN;

	if (q->sketch != NULL) {
		sketch_add(q->sketch, v);
		q->n++;
		return;
	}
	if (make_room(q)) {
		quantile_add(q, v);
		return;
	}
	if (q->blocks != NULL) {
		q->blocks->n = (size_t)(q->next - q->blocks->v);
		cap = q->n / 8 < BLOCK_MIN ? BLOCK_MIN
		    : q->n / 8 < BLOCK_MAX ? q->n / 8
					   : BLOCK_MAX;
	}
	struct quantile_block *b = xmalloc_full(sizeof *b + cap * sizeof b->v[0]);
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
	uncount(q);
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

/* Let what from has counted be counted in into; where that cannot be, nothing is any more. */
static void
counts_move(struct quantile *into, struct quantile *from, size_t room)
{
	struct counts *c = from->counts;

	if (into->plain || from->plain ||
	    (into->counts != NULL && c != NULL && !counts_add(into->counts, c, room))) {
		uncount(into);
		uncount(from);
		return;
	}
	from->counts = NULL;
	if (into->counts == NULL) {
		into->counts = c;
	} else if (c != NULL) {
		counts_free(c);
		free(c);
	}
}

/* Both are exact.  n is not theirs any more, but of all. */
static void
exact_merge(struct quantile *into, struct quantile *from, uint64_t n)
{
	struct quantile_block *b;

	counts_move(into, from, n / 2);
	b = from->blocks;
	if (b != NULL && into->counts != NULL) {
		b->n = block_count(from, b);
		blocks_sweep(into->counts, n / 2, b);
		from->next = b->v + b->n;
	}
	blocks_move(into, from);
	into->n = n;
	if (into->counts != NULL && is_plain(into, BLOCK_MAX))
		uncount(into);
}

void
quantile_merge(struct quantile *into, struct quantile *from)
{
	uint64_t n = into->n + from->n;

	if (into->sketch != NULL || from->sketch != NULL) {
		quantile_spill(into);
		quantile_spill(from);
		sketch_merge(into->sketch, from->sketch);
		into->n = n;
	} else {
		exact_merge(into, from, n);
	}
	quantile_free(from);
}

const double *
quantile_part(const struct quantile *q, const struct quantile_block **at, size_t *n)
{
	*at = *at == NULL ? q->blocks : (*at)->older;
	if (*at == NULL)
		return NULL;
	*n = block_count(q, *at);
	return (*at)->v;
}

const struct counts *
quantile_counted(const struct quantile *q)
{
	return q->counts;
}

double *
quantile_copy(const struct quantile *q, double *to)
{
	for (size_t i = 0; q->counts != NULL && i < q->counts->room; i++)
		for (uint64_t k = 0; k < q->counts->times[i]; k++)
			*to++ = counts_value(q->counts, i);
	for (const struct quantile_block *b = q->blocks; b != NULL; b = b->older) {
		size_t n = block_count(q, b);

		memcpy(to, b->v, n * sizeof *to);
		to += n;
	}
	return to;
}

/* Ranks to be found: they are in few of the parts, some values each, into which the range of keys is cut. */
struct search {
	const struct quantile *q;
	uint64_t least;  /* key */
	unsigned shift;  /* so many bits of the distance to it are within a part */
	size_t cut;      /* into so many parts */
	uint64_t *count; /* of each part; later 1 + the wanted part it is, or 0 */
	struct wanted {
		uint64_t *key; /* all of this part */
		size_t n, have;
	} wanted[QUANTILE_RANKS];
	unsigned parts;
};

static inline size_t
part_of(const struct search *s, double v)
{
	return (size_t)((key_of_double(v) - s->least) >> s->shift);
}

/* Cut the range that few values have; that of many is not worth a look at all of them. */
static void
parts_cut(struct search *s)
{
	uint64_t least = UINT64_MAX, most = 0, span;
	size_t want = PARTS_MIN;

	for (const struct quantile_block *b = s->q->blocks; b != NULL && s->q->n < MANY;
	     b = b->older)
		for (size_t i = 0, n = block_count(s->q, b); i < n; i++) {
			uint64_t key = key_of_double(b->v[i]);

			least = key < least ? key : least;
			most = key > most ? key : most;
		}
	while (want < s->q->n / 16 && want < PARTS_MAX)
		want *= 2;
	if (s->q->n >= MANY) {
		want = MANY_PARTS;
		least = 0;
		most = UINT64_MAX;
	}
	for (span = most - least; span >> s->shift >= want; s->shift++)
		;
	s->least = least;
	s->cut = (size_t)(span >> s->shift) + 1;
	s->count = xzalloc(s->cut, sizeof *s->count);
}

static void
parts_count(struct search *s)
{
	for (const struct quantile_block *b = s->q->blocks; b != NULL; b = b->older)
		for (size_t i = 0, n = block_count(s->q, b); i < n; i++)
			s->count[part_of(s, b->v[i])]++;
}

/* Turn the rank k[i] into one within its part, which is where[i]. */
static void
parts_find(struct search *s, const uint64_t *k, size_t ranks, uint64_t *within, size_t *where)
{
	uint64_t before = 0;
	size_t part = 0;

	for (size_t i = 0; i < ranks; i++) {
		while (k[i] - before >= s->count[part])
			before += s->count[part++];
		if (i == 0 || part != where[i - 1])
			s->wanted[s->parts++].n = s->count[part];
		where[i] = part;
		within[i] = k[i] - before;
	}
}

static void
parts_collect(struct search *s, const size_t *where, size_t ranks)
{
	uint64_t part = 0;

	memset(s->count, 0, s->cut * sizeof *s->count);
	for (size_t i = 0; i < ranks; i++)
		if (s->count[where[i]] == 0)
			s->count[where[i]] = ++part;
	for (unsigned i = 0; i < s->parts; i++)
		s->wanted[i].key = xmalloc(s->wanted[i].n * sizeof *s->wanted[i].key);
	for (const struct quantile_block *b = s->q->blocks; b != NULL; b = b->older)
		for (size_t i = 0, n = block_count(s->q, b); i < n; i++)
			if ((part = s->count[part_of(s, b->v[i])]) != 0) {
				struct wanted *w = &s->wanted[part - 1];

				w->key[w->have++] = key_of_double(b->v[i]);
			}
}

static void
parts_select(const struct quantile *q, const uint64_t *k, size_t ranks, double *v)
{
	struct search s = { .q = q };
	uint64_t within[QUANTILE_RANKS];
	size_t where[QUANTILE_RANKS];

	parts_cut(&s);
	parts_count(&s);
	parts_find(&s, k, ranks, within, where);
	parts_collect(&s, where, ranks);
	for (unsigned i = 0; i < s.parts; i++)
		keys_sort(s.wanted[i].key, s.wanted[i].n);
	for (size_t i = 0; i < ranks; i++)
		v[i] = double_of_key(s.wanted[s.count[where[i]] - 1].key[within[i]]);
	for (unsigned i = 0; i < s.parts; i++)
		free(s.wanted[i].key);
	free(s.count);
}

static void
sorted_select(const struct quantile *q, const uint64_t *k, size_t ranks, double *v)
{
	double *all = xmalloc(q->n * sizeof *all);

	quantile_copy(q, all);
	double_sort(all, q->n);
	for (size_t i = 0; i < ranks; i++)
		v[i] = all[k[i]];
	free(all);
}

/* Most are counted: few are different. */
static void
counted_select(const struct quantile *q, const uint64_t *k, size_t ranks, double *v)
{
	struct distinct d;
	size_t at = 0;

	if (!distinct_find(&d, &q, 1)) {
		sorted_select(q, k, ranks, v);
		return;
	}
	for (size_t i = 0; i < ranks; i++) {
		while (d.before[at + 1] <= k[i])
			at++;
		v[i] = d.v[at];
	}
	free(d.v);
	free(d.before);
}

void
quantile_select(const struct quantile *q, const uint64_t *k, size_t count, double *v)
{
	if (q->counts != NULL)
		counted_select(q, k, count, v);
	else if (q->sketch == NULL && q->n <= SORT_MAX)
		sorted_select(q, k, count, v);
	else if (q->sketch == NULL)
		parts_select(q, k, count, v);
	for (size_t i = 0; i < count && q->sketch != NULL; i++)
		v[i] = sketch_at(q->sketch, k[i]);
}

void
quantile_free(struct quantile *q)
{
	blocks_free(q);
	if (q->counts != NULL)
		counts_free(q->counts);
	free(q->counts);
	if (q->sketch != NULL)
		sketch_free(q->sketch);
	free(q->sketch);
	*q = (struct quantile){ 0 };
}
