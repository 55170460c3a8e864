/*
 * What windows are made of.  For window*.c alone.
 */
#ifndef SIGMA_WINDOW_INNER_H
#define SIGMA_WINDOW_INNER_H

#include "base/buf.h"
#include "base/map.h"
#include "sigma/decimal.h"
#include "sigma/match_inner.h"
#include "sigma/window.h"
#include "json/scan.h"

/* Fields of an event that are looked at together; as groups they have names. */
struct spec {
	uint32_t n;
	uint32_t *fields;
	struct slice *names; /* as JSON strings; NULL for values */
	struct slice *opens; /* of groups: what stands before a value, its name too */
	bool numeric;        /* what the values are as numbers matters */
};

/* Where what a rule finds goes: a correlation, as its ref-th rule. */
struct input {
	uint32_t corr, ref;
	uint32_t group, value; /* specs; value MATCH_NONE for none */
	uint32_t inner;        /* from a correlation: what its own group calls the same */
};

struct inputs {
	struct input *v;
	uint32_t n, cap;
};

/* A number exactly, where it has at most 9 digits of fraction and 28 before them. */
struct amount {
	__int128 nano;
	double approx;
	bool exact;
};

struct feed_value {
	uint64_t hash; /* of a tuple */
	struct amount amount;
};

struct feed_group {
	uint64_t hash;
	uint32_t first; /* in names */
};

/* Fields that an event is looked at for, once. */
struct look {
	uint32_t spec;
	bool value; /* the spec is of values, not of groups */
};

/* One of the things that an event which fits the rule-th rule adds to. */
struct plan_part {
	const struct input *to;
	uint32_t rule;         /* of those it fits */
	uint32_t group, value; /* in looks; value MATCH_NONE for none */
};

struct plan {
	struct plan_part *parts;
	struct look *looks;
	uint32_t part_count, look_count;
};

/* What a look has found: in the feed's groups or values. */
struct seen {
	uint32_t first, n;
};

struct feed_note {
	size_t at; /* in text */
	size_t len;
};

struct feed_event {
	struct instant t;
	bool timed, cut;
	const struct plan *plan; /* timed */
	uint32_t seen;           /* in seen: the first of as many as there are looks */
	uint32_t note; /* in notes: the first of as many as there are rules; NO_NOTES */
};

enum { NO_NOTES = UINT32_MAX };

struct feed {
	struct feed_event *events;
	struct seen *seen;
	struct feed_group *groups;
	struct slice *names; /* of groups: their values as JSON, in the event if they can be */
	struct feed_value *values;
	struct feed_note *notes;
	uint32_t event_count, seen_count, group_count, name_count, value_count, note_count;
	uint32_t event_cap, seen_cap, group_cap, name_cap, value_cap, note_cap;
	struct buf text;    /* of notes */
	struct arena arena; /* names that are otherwise in the event; rare plans */
};

enum { LINES_FEW = 24 };

/*
 * Ascending line numbers as differences, seven bits a byte; the last WINDOW_LINES of them.  Most
 * lists are short, and need nothing but what is here.
 */
struct line_list {
	unsigned char *p; /* NULL: they are in few */
	uint32_t from, len, cap, n;
	uint64_t first, last;
	unsigned char few[LINES_FEW];
};

/* An event: when, and in which line. */
struct moment {
	struct instant t;
	uint64_t line;
	uint64_t value; /* sliding: the hash, or the ref */
};

/* In the order of time; one needs no memory of its own. */
struct moments {
	struct moment *v; /* NULL: it is few */
	uint32_t n, cap;
	struct moment few;
};

static inline struct moment *
moments_of(struct moments *m)
{
	return m->v != NULL ? m->v : &m->few;
}

enum { SET_FEW = 4 };

/* Hashes, none 0. */
struct value_set {
	uint64_t *slots; /* 0: empty; NULL: the n are in few */
	uint32_t n, cap;
	uint64_t few[SET_FEW];
};

struct value_list {
	double *v;
	uint32_t cap;
};

/*
 * What a bucket has for one tuple of group-by values, in one piece with what its type keeps (see
 * corr) and its text.  What an event that arrives looks at comes first.
 */
struct group {
	uint64_t touched; /* windows.clock, then */
	uint64_t count;
	uint64_t last_line;
	struct instant last;
	uint32_t len; /* of the text */
	bool fired;   /* on the clock: what comes changes nothing any more */
	bool counted; /* the event on last_line itself, not only what it completed */
	bool alone;   /* its piece is not of its bucket's pool */
	uint64_t hash;
	struct line_list lines;
	struct bucket *bucket;
	uint64_t held;   /* bytes that it holds beside its piece */
	uint32_t holder; /* 1 + its place in its bucket's holders; 0: it holds nothing */
	uint32_t victim; /* 1 + its place in windows.victims; 0: it has none */
	_Alignas(16) unsigned char kept[];
};

/* Memory that goes at once. */
struct pool {
	struct pool_block *blocks; /* the newest first */
	size_t left;               /* bytes in that */
};

struct group_slot {
	uint64_t hash;
	struct group *group; /* NULL: free */
};

struct bucket {
	struct corr *corr;
	struct instant start, end;
	struct group_slot *slots; /* a hash table: slot_count is a power of two */
	uint32_t slot_count, groups;
	struct pool pool; /* of its groups, but for so many that are alone */
	uint32_t alone;
	uint32_t holder_count, holder_cap;
	struct group **holders; /* groups that hold more than their piece, in no order */
	uint32_t swept;         /* sliding: slot that is looked at next */
};

struct corr {
	const struct rule *rule;
	const struct correlation *c;
	uint32_t number, order;
	bool at_event, sliding;
	bool parts; /* what an event completes may hang on its other parts, or be told on */
	/* In group.kept: steps (temporal_ordered: one a ref; sliding: one), the value, the text. */
	uint32_t step_count, value_at, text_at;
	uint64_t need; /* at_event: the least count that will do, if there are bounds */
	uint64_t over; /* else: a count that only rises can from here on not do */
	struct decimal bounds[6];
	struct bucket **open; /* by start */
	uint32_t open_count, open_cap;
	uint32_t slots_usual; /* for a new one */
	struct bucket *recent;
	struct inputs outputs; /* correlations that rest on it */
	uint64_t fed, found, ns;
};

static inline struct moments *
group_steps(struct group *g)
{
	return (struct moments *)(void *)g->kept;
}

/* By type: value_count. */
static inline struct value_set *
group_set(const struct corr *c, struct group *g)
{
	return (struct value_set *)(void *)(g->kept + c->value_at);
}

/* value_sum, value_avg */
static inline struct amount *
group_sum(const struct corr *c, struct group *g)
{
	return (struct amount *)(void *)(g->kept + c->value_at);
}

/* value_percentile */
static inline struct value_list *
group_values(const struct corr *c, struct group *g)
{
	return (struct value_list *)(void *)(g->kept + c->value_at);
}

/* temporal: bits by ref. */
static inline uint64_t *
group_seen(const struct corr *c, struct group *g)
{
	return (uint64_t *)(void *)(g->kept + c->value_at);
}

/* temporal_ordered that slides: the steps taken in order. */
static inline uint64_t *
group_taken(const struct corr *c, struct group *g)
{
	return (uint64_t *)(void *)(g->kept + c->value_at);
}

static inline struct slice
group_text(const struct group *g)
{
	return (struct slice){ (const char *)g->kept + g->bucket->corr->text_at, g->len };
}

/* The group that events name by the values of a spec, as JSON. */
struct key {
	const struct spec *spec;
	const struct slice *values;
	uint64_t hash; /* key_hash */
};

/* Its text, which names the same fields, has these values between what opens them. */
static inline bool
group_is(const struct corr *c, const struct group *g, const struct key *k)
{
	const unsigned char *text = g->kept + c->text_at;
	size_t at = 0;

	for (uint32_t i = 0; i < k->spec->n; i++) {
		const struct slice *v = &k->values[i];

		at += k->spec->opens[i].len;
		if (at + v->len >= g->len || memcmp(text + at, v->p, v->len) != 0)
			return false;
		at += v->len;
		if (text[at] != (i + 1 < k->spec->n ? ',' : '}'))
			return false;
	}
	return true;
}

/* A group among all, for finding those touched longest ago. */
struct victim {
	uint64_t touched;
	struct group *group; /* NULL: it is gone */
};

/* A window found while others close: kept until it is its turn. */
struct emission {
	struct window_found found;
	struct buf text; /* group, count */
	uint64_t *lines;
};

enum { POOL_PIECE = 1024 }; /* bytes at most */

struct windows {
	const struct window_options *o;
	struct matcher *m;
	struct arena arena;
	struct map *bases;      /* rules by their address */
	uint32_t *base_numbers; /* of the matcher, or of the correlation with its top bit set */
	uint32_t base_cap;
	uint32_t time_fields[4], time_count;
	struct corr **corrs;
	uint32_t count, cap;
	struct spec *specs;
	uint32_t spec_count, spec_cap;
	struct map *spec_keys;
	struct inputs *inputs; /* by number of the matcher */
	uint32_t input_count;
	struct instant now;    /* the latest seen */
	struct instant closed; /* up to which windows have been closed */
	bool started;
	int64_t next_close;
	uint64_t clock;           /* counts touches */
	struct pool_block *spare; /* blocks of pools that are gone */
	uint64_t groups, open_groups;
	struct victim
	    *victims; /* all groups as they once were, by when they had been touched */
	size_t victim_at, victim_count;
	bool
	    trimmed; /* groups have been dropped: new ones are alone, so that they can go one by one */
	uint64_t bytes; /* all that is held for groups */
	struct window_counts counts;
	struct emission *late; /* emissions of a step in which windows close */
	size_t late_count, late_cap;
	bool closing;
	bool late_event;      /* the present event has been counted as late */
	struct arrival *ripe; /* parts of the present event to call complete for */
	uint32_t ripe_count, ripe_cap;
	uint64_t *lines; /* scratch, WINDOW_LINES */
	struct buf text; /* scratch */
	struct json *json;
	window_take *take;
	void *arg;
	struct corr *charged; /* timed: whose the time since then is; NULL: nobody's */
	uint64_t since;
};

enum { CORR_FLAG = 1U << 31 };

/* window_plan.c: for one worker. */
struct plans;
struct plans *plans_new(const struct windows *w);
void plans_free(struct plans *p);
/* The plan for n rules, by their numbers.  Lives as long as p, or, if there are too many, as other. */
const struct plan *plan_of(
    struct plans *p, const uint32_t *rules, size_t n, struct arena *other);

/* window_collect.c: shared with chains */
bool amount_get(struct slice text, struct amount *a);

/* window_value.c */
void lines_add(struct windows *w, struct group *g, uint64_t line);
size_t lines_get(const struct line_list *l, uint64_t *out);
void lines_drop(struct windows *w, struct group *g);
void set_add(struct windows *w, struct corr *c, struct group *g, uint64_t hash);
void amount_add(struct amount *sum, const struct amount *a);
void values_add(struct windows *w, struct corr *c, struct group *g, double v);
/* The value of a group, if its type counts (all but value_sum, value_avg and value_percentile). */
uint64_t count_of(const struct corr *c, struct group *g);
/* Append the value of a group as a JSON number. */
void value_put(struct buf *b, const struct corr *c, struct group *g);
void moments_put(struct windows *w, struct group *g, struct moments *m, struct moment x);
bool moment_before(const struct moment *a, const struct moment *b);

/* window_pool.c: a piece of at most POOL_PIECE bytes; all of a pool's back; what is spare back to the system. */
void *pool_get(struct windows *w, struct pool *p, size_t size);
void pool_drop(struct windows *w, struct pool *p);
void pool_trim(struct windows *w);

/* window_group.c */
void corr_layout(struct corr *c, bool sliding);
struct group *group_touch(struct windows *w, struct bucket *b, const struct key *k);
uint64_t key_hash(const struct slice *values, uint32_t n);

/* The hash of what was hashed so far and of what comes next. */
static inline uint64_t
hash_join(uint64_t hash, uint64_t next)
{
	return (hash ^ next) * UINT64_C(0x9e3779b97f4a7c15) + (hash >> 29);
}

/* Are so many groups too many for a table of so many slots? */
static inline bool
is_crowded(uint32_t groups, uint32_t slots)
{
	return groups * UINT64_C(4) > slots * UINT64_C(3);
}
/* It holds so many bytes more beside its piece. */
void group_hold(struct windows *w, struct group *g, size_t more);
/* Give back what it holds beside its piece: its lines, values and steps are none. */
void group_strip(struct windows *w, struct group *g);
void group_free(struct windows *w, struct group *g);
void groups_free(struct windows *w, struct bucket *b); /* all of a bucket */
void windows_trim_slow(struct windows *w) __attribute__((cold));

/* window_bucket.c */
struct bucket *bucket_search(struct windows *w, struct corr *c, struct instant t);
void bucket_drop(struct windows *w, struct bucket *b);
struct instant span_before(const struct correlation *c, struct instant t);

/* Keep within the limits: those touched longest ago go. */
static inline void
windows_trim(struct windows *w)
{
	if (w->groups > w->o->max_groups || w->bytes > WINDOW_BYTES)
		windows_trim_slow(w);
}

/* The bucket of t; NULL if it has been closed. */
static inline struct bucket *
bucket_find(struct windows *w, struct corr *c, struct instant t)
{
	struct bucket *b = c->recent;

	if (b != NULL && instant_cmp(t, b->start) >= 0 && instant_cmp(t, b->end) < 0)
		return b;
	return bucket_search(w, c, t);
}

/* window_build.c: the time from now on is c's, NULL for nobody's.  Returns whose it was. */
struct corr *charge_slow(struct windows *w, struct corr *c) __attribute__((cold));

/* No clock is read if nobody asked. */
static inline struct corr *
charge(struct windows *w, struct corr *c)
{
	return w->o->timed ? charge_slow(w, c) : NULL;
}

/*
 * window_emit.c: g is found.  What is found at an event while windows close is kept: to be sorted, and taken, from
 * the from-th on, up to before f (NULL: all); returns where the rest begins.
 */
void emit(struct windows *w, struct corr *c, struct group *g, bool at_event, struct slice note);
void kept_sort(struct windows *w);
size_t kept_take(struct windows *w, size_t from, const struct window_found *f);

/* window_fixed.c */
bool group_holds(struct windows *w, struct corr *c, struct group *g);

/* One part of an event. */
struct arrival {
	struct corr *corr;
	uint32_t ref;
	struct instant t;
	uint64_t line;
	struct key group;
	const struct feed_value *values;
	uint32_t count;
	struct slice note;
	bool chained; /* what another correlation found */
	bool parts;   /* there may be more of the event: ask later what it completes */
};

/* Take it.  Returns whether it is to be asked what it completes when all parts of the event have been taken. */
bool arrive(struct windows *w, const struct arrival *a);

/* window_chain.c: g, of c, is found at t on line: tell the correlations that rest on c. */
void chain(struct windows *w, struct corr *c, const struct group *g);

/* window_slide.c */
bool slide(struct windows *w, const struct arrival *a); /* as arrive */
void slide_complete(struct windows *w, const struct arrival *a);
/* Does no window to come reach back to what it has? */
bool slide_is_past(const struct windows *w, struct group *g);

/* Seconds of a bucket's end at which it is closed; INT64_MAX for never. */
static inline int64_t
closing_time(const struct windows *w, const struct bucket *b)
{
	int64_t s;

	return __builtin_add_overflow(b->end.s, w->o->lateness, &s) ? INT64_MAX : s;
}

#endif
