/* The groups of a bucket: found, made, dropped. */
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/window_inner.h"

uint64_t
key_hash(const struct slice *values, uint32_t n)
{
	uint64_t hash = n;

	for (uint32_t i = 0; i < n; i++)
		hash = hash_join(hash, map_hash(values[i]));
	return hash;
}

/* Of what is laid out behind each other, for all that is kept. */
enum { ALIGN = 16 };

static uint32_t
aligned(size_t size)
{
	return (uint32_t)((size + ALIGN - 1) / ALIGN * ALIGN);
}

static size_t
value_size(const struct corr *c)
{
	switch (c->c->type) {
	case CORR_EVENT_COUNT: return 0;
	case CORR_VALUE_COUNT: return sizeof(struct value_set);
	case CORR_VALUE_SUM:
	case CORR_VALUE_AVG: return sizeof(struct amount);
	case CORR_VALUE_PERCENTILE: return sizeof(struct value_list);
	case CORR_TEMPORAL: return ((size_t)c->c->rule_count + 63) / 64 * sizeof(uint64_t);
	case CORR_TEMPORAL_ORDERED: return c->sliding ? sizeof(uint64_t) : 0;
	}
	return 0;
}

void
corr_layout(struct corr *c, bool sliding)
{
	c->sliding = sliding;
	c->step_count = sliding                   ? 1
	    : c->c->type == CORR_TEMPORAL_ORDERED ? c->c->rule_count
						  : 0;
	c->value_at = aligned(c->step_count * sizeof(struct moments));
	c->text_at = c->value_at + aligned(value_size(c));
}

static size_t
group_size(const struct corr *c, size_t text)
{
	return sizeof(struct group) + c->text_at + text;
}

/* Where groups go one by one, their memory has to: a pool's goes only with the bucket, or when no group is left. */
static bool
is_alone(const struct windows *w, size_t size)
{
	return size > POOL_PIECE || w->o->sliding || w->o->hold || w->trimmed;
}

static size_t
text_size(const struct key *k)
{
	size_t size = k->spec->n == 0 ? 2 : 1;

	for (uint32_t i = 0; i < k->spec->n; i++)
		size += k->spec->opens[i].len + k->values[i].len;
	return size;
}

static unsigned char *
put(unsigned char *p, struct slice text)
{
	memcpy(p, text.p, text.len);
	return p + text.len;
}

/* A JSON object. */
static void
put_text(unsigned char *p, const struct key *k)
{
	if (k->spec->n == 0)
		*p++ = '{';
	for (uint32_t i = 0; i < k->spec->n; i++)
		p = put(put(p, k->spec->opens[i]), k->values[i]);
	*p = '}';
}

static struct group *
make(struct windows *w, struct bucket *b, const struct key *k)
{
	const struct corr *c = b->corr;
	size_t len = text_size(k), size = group_size(c, len);
	bool alone = is_alone(w, size);
	struct group *g = alone ? xmalloc(size) : pool_get(w, &b->pool, size);

	memset(g, 0, sizeof *g + c->text_at);
	g->bucket = b;
	g->hash = k->hash;
	g->len = (uint32_t)len;
	put_text(g->kept + c->text_at, k);
	if (c->c->type == CORR_VALUE_SUM || c->c->type == CORR_VALUE_AVG)
		group_sum(c, g)->exact = true;
	g->alone = alone;
	b->alone += alone;
	w->bytes += alone ? size : 0;
	w->groups++;
	w->open_groups += !c->at_event;
	return g;
}

/* Where a group is, or belongs. */
static inline struct group_slot *
find(const struct bucket *b, const struct key *k)
{
	for (uint32_t at = (uint32_t)k->hash;; at++) {
		struct group_slot *s = &b->slots[at & (b->slot_count - 1)];

		if (s->group == NULL || (s->hash == k->hash && group_is(b->corr, s->group, k)))
			return s;
	}
}

static __attribute__((noinline)) void
grow(struct windows *w, struct bucket *b)
{
	struct group_slot *old = b->slots;
	uint32_t count = b->slot_count, mask = 2 * count - 1;

	b->slots = xzalloc(2 * (size_t)count, sizeof *b->slots);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = (uint32_t)old[i].hash;

		if (old[i].group == NULL)
			continue;
		while (b->slots[at & mask].group != NULL)
			at++;
		b->slots[at & mask] = old[i];
	}
	b->slot_count = 2 * count;
	w->bytes += count * sizeof *b->slots;
	free(old);
}

struct group *
group_touch(struct windows *w, struct bucket *b, const struct key *k)
{
	struct group_slot *s = find(b, k);

	if (s->group == NULL) {
		if (is_crowded(b->groups + 1, b->slot_count)) {
			grow(w, b);
			s = find(b, k);
		}
		*s = (struct group_slot){ k->hash, make(w, b, k) };
		b->groups++;
	}
	s->group->touched = ++w->clock;
	return s->group;
}

void
group_hold(struct windows *w, struct group *g, size_t more)
{
	struct bucket *b = g->bucket;

	g->held += more;
	w->bytes += more;
	if (g->holder != 0)
		return;
	if (b->holder_count == b->holder_cap) {
		uint32_t cap = b->holder_cap == 0 ? 4 : b->holder_cap * 2;

		b->holders = xrealloc(b->holders, cap, sizeof(struct group *));
		w->bytes += (cap - b->holder_cap) * sizeof(struct group *);
		b->holder_cap = cap;
	}
	b->holders[b->holder_count++] = g;
	g->holder = b->holder_count;
}

/* The last of the holders takes its place. */
static void
unlist(struct group *g)
{
	struct bucket *b = g->bucket;
	struct group *last = b->holders[--b->holder_count];

	b->holders[g->holder - 1] = last;
	last->holder = g->holder;
	g->holder = 0;
}

void
group_strip(struct windows *w, struct group *g)
{
	const struct corr *c = g->bucket->corr;

	if (g->holder == 0)
		return;
	w->bytes -= g->held;
	g->held = 0;
	unlist(g);
	free(g->lines.p);
	g->lines = (struct line_list){ 0 };
	if (c->c->type == CORR_VALUE_COUNT) {
		free(group_set(c, g)->slots);
		*group_set(c, g) = (struct value_set){ 0 };
	} else if (c->c->type == CORR_VALUE_PERCENTILE) {
		free(group_values(c, g)->v);
		*group_values(c, g) = (struct value_list){ 0 };
	}
	for (uint32_t i = 0; i < c->step_count; i++) {
		free(group_steps(g)[i].v);
		group_steps(g)[i] = (struct moments){ 0 };
	}
}

/* All but its slot. */
static void
give_back(struct windows *w, struct group *g)
{
	struct bucket *b = g->bucket;

	group_strip(w, g);
	if (g->victim != 0)
		w->victims[g->victim - 1].group = NULL;
	w->groups--;
	w->open_groups -= !b->corr->at_event;
	if (!g->alone)
		return;
	b->alone--;
	w->bytes -= group_size(b->corr, g->len);
	free(g);
}

/* Free its slot: those behind it that would no longer be found move up. */
static void
clear(struct bucket *b, const struct group *g)
{
	uint32_t mask = b->slot_count - 1, at = (uint32_t)g->hash & mask;

	while (b->slots[at].group != g)
		at = (at + 1) & mask;
	for (uint32_t i = (at + 1) & mask; b->slots[i].group != NULL; i = (i + 1) & mask) {
		uint32_t home = (uint32_t)b->slots[i].hash & mask;

		if (((i - home) & mask) >= ((i - at) & mask)) {
			b->slots[at] = b->slots[i];
			at = i;
		}
	}
	b->slots[at] = (struct group_slot){ 0 };
	b->groups--;
}

void
group_free(struct windows *w, struct group *g)
{
	struct bucket *b = g->bucket;

	clear(b, g);
	give_back(w, g);
	if (b->groups == 0)
		pool_drop(w, &b->pool);
}

void
groups_free(struct windows *w, struct bucket *b)
{
	if (b->alone > 0 || w->victim_at < w->victim_count) {
		for (uint32_t i = 0; i < b->slot_count; i++)
			if (b->slots[i].group != NULL)
				give_back(w, b->slots[i].group);
	} else {
		while (b->holder_count > 0)
			group_strip(w, b->holders[b->holder_count - 1]);
		w->groups -= b->groups;
		w->open_groups -= b->corr->at_event ? 0 : b->groups;
	}
	pool_drop(w, &b->pool);
	w->bytes -= b->holder_cap * sizeof(struct group *);
	free(b->holders);
}

static int
by_touch(const void *a, const void *b)
{
	const struct victim *x = a, *y = b;

	return x->touched < y->touched ? -1 : x->touched > y->touched;
}

static void
list_bucket(struct windows *w, const struct bucket *b)
{
	for (uint32_t i = 0; i < b->slot_count; i++)
		if (b->slots[i].group != NULL)
			w->victims[w->victim_count++] =
			    (struct victim){ b->slots[i].group->touched, b->slots[i].group };
}

/* All groups anew, in the order in which they go if they are not touched before their turn. */
static void
list_victims(struct windows *w)
{
	w->victims = xrealloc(w->victims, w->groups, sizeof *w->victims);
	w->victim_at = w->victim_count = 0;
	for (uint32_t i = 0; i < w->count; i++)
		for (uint32_t k = 0; k < w->corrs[i]->open_count; k++)
			list_bucket(w, w->corrs[i]->open[k]);
	qsort(w->victims, w->victim_count, sizeof *w->victims, by_touch);
	for (size_t i = 0; i < w->victim_count; i++)
		w->victims[i].group->victim = (uint32_t)i + 1;
}

/* The group touched longest ago: who has been touched since the list was made comes again in the next. */
static struct group *
oldest(struct windows *w)
{
	for (;;) {
		while (w->victim_at < w->victim_count) {
			const struct victim *v = &w->victims[w->victim_at++];

			if (v->group != NULL && v->group->touched == v->touched)
				return v->group;
		}
		list_victims(w);
	}
}

void
windows_trim_slow(struct windows *w)
{
	pool_trim(w);
	while ((w->groups > w->o->max_groups || w->bytes > WINDOW_BYTES) && w->groups > 1) {
		struct group *g = oldest(w);

		w->trimmed = true;
		w->counts.dropped += !g->bucket->corr->sliding || !slide_is_past(w, g);
		group_free(w, g);
	}
}
