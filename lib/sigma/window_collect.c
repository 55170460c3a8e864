/* In workers: what an event adds to which window. */
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/window_inner.h"
#include "json/write.h"

struct collector {
	const struct windows *w;
	struct plans *plans;
	struct buf text;
	struct match_value **odometer;
};

struct feed *
feed_new(void)
{
	return xzalloc(1, sizeof(struct feed));
}

void
feed_free(struct feed *f)
{
	free(f->events);
	free(f->seen);
	free(f->groups);
	free(f->names);
	free(f->values);
	free(f->notes);
	buf_free(&f->text);
	arena_free(&f->arena);
	free(f);
}

void
feed_reset(struct feed *f)
{
	f->event_count = f->seen_count = f->group_count = f->name_count = f->value_count =
	    f->note_count = 0;
	buf_reset(&f->text);
	arena_free(&f->arena);
}

struct collector *
collector_new(const struct windows *w)
{
	struct collector *c = xzalloc(1, sizeof *c);
	uint32_t most = 1;

	c->w = w;
	c->plans = plans_new(w);
	for (uint32_t i = 0; i < w->spec_count; i++)
		most = w->specs[i].n > most ? w->specs[i].n : most;
	c->odometer = xzalloc(most, sizeof(struct match_value *));
	return c;
}

void
collector_free(struct collector *c)
{
	if (c == NULL)
		return;
	plans_free(c->plans);
	free(c->odometer);
	buf_free(&c->text);
	free(c);
}

/* The next value from v on that can be counted; NULL if there is none. */
static struct match_value *
next_scalar(struct match *x, struct match_value *v)
{
	while (v != NULL && !value_is_scalar(v))
		v = chain_next(x, v);
	return v;
}

/* Set the odometer to the first combination; false if a field has no value. */
static inline bool
first_combination(struct collector *c, struct match *x, const struct spec *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		struct match_value *v =
		    s->fields[i] == MATCH_NONE ? NULL : chain_first(x, s->fields[i]);

		if ((c->odometer[i] = next_scalar(x, v)) == NULL)
			return false;
	}
	return true;
}

/* The next one, the last field changing quickest. */
static inline bool
next_combination(struct collector *c, struct match *x, const struct spec *s)
{
	for (uint32_t i = s->n; i-- > 0;) {
		struct match_value *v = next_scalar(x, chain_next(x, c->odometer[i]));

		if (v != NULL) {
			c->odometer[i] = v;
			return true;
		}
		c->odometer[i] = next_scalar(x, chain_first(x, s->fields[i]));
	}
	return false;
}

/* The value as JSON: as it stands in the event, but for a text with escapes. */
static struct slice
name_of(struct collector *c, struct match *x, struct match_value *v, struct feed *f)
{
	if (v->kind != VALUE_TEXT)
		return v->raw;
	if (!v->escaped)
		return (struct slice){ v->raw.p - 1, v->raw.len + 2 };
	buf_reset(&c->text);
	json_put_string(&c->text, value_text(x, v), JSON_UTF8);
	return arena_slice(&f->arena, buf_view(&c->text));
}

static void
put_group(struct collector *c, struct match *x, const struct spec *s, struct feed *f)
{
	struct feed_group *g;

	GROW(f->groups, f->group_count, f->group_cap);
	g = &f->groups[f->group_count++];
	g->first = f->name_count;
	for (uint32_t i = 0; i < s->n; i++) {
		GROW(f->names, f->name_count, f->name_cap);
		f->names[f->name_count++] = name_of(c, x, c->odometer[i], f);
	}
	g->hash = key_hash(s->n > 0 ? f->names + g->first : NULL, s->n);
}

bool
amount_get(struct slice text, struct amount *a)
{
	struct decimal d;
	int64_t places;

	if (!decimal_get(text, &d))
		return false;
	*a = (struct amount){ .approx = json_double(text), .exact = true };
	places = d.point + 9; /* digits of the number in nanos */
	if (d.digits == 0)
		return true;
	if (d.point > 28 || places < d.digits) {
		a->exact = false;
		return true;
	}
	for (const char *p = d.p; p < d.end; p++)
		if (*p != '.')
			a->nano = a->nano * 10 + (*p - '0');
	for (int64_t i = d.digits; i < places; i++)
		a->nano *= 10;
	if (d.minus)
		a->nano = -a->nano;
	return true;
}

/* A tuple's values as one, as JSON: a text and a number are not the same. */
static void
put_tuple(struct collector *c, struct match *x, const struct spec *s, struct feed *f)
{
	struct feed_value *v;

	GROW(f->values, f->value_count, f->value_cap);
	v = &f->values[f->value_count++];
	*v = (struct feed_value){ .hash = s->n };
	for (uint32_t i = 0; i < s->n; i++)
		v->hash = hash_join(v->hash, map_hash(name_of(c, x, c->odometer[i], f)));
	v->hash += v->hash == 0;
	if (s->numeric && !amount_get(value_text(x, c->odometer[0]), &v->amount))
		v->amount.approx = __builtin_nan("");
}

/* The combination that the odometer shows.  False if there have been enough. */
static inline bool
take_combination(struct collector *c, struct match *x, const struct look *l, struct feed *f,
    struct seen *seen)
{
	const struct spec *s = &c->w->specs[l->spec];

	if (seen->n == WINDOW_COMBINATIONS) {
		f->events[f->event_count - 1].cut = true;
		return false;
	}
	if (l->value)
		put_tuple(c, x, s, f);
	else
		put_group(c, x, s, f);
	seen->n++;
	return true;
}

/* All combinations of a spec. */
static inline void
look(struct collector *c, struct match *x, const struct look *l, struct feed *f)
{
	const struct spec *s = &c->w->specs[l->spec];
	struct seen seen = { l->value ? f->value_count : f->group_count, 0 };

	if (first_combination(c, x, s))
		while (take_combination(c, x, l, f, &seen) && next_combination(c, x, s))
			;
	GROW(f->seen, f->seen_count, f->seen_cap);
	f->seen[f->seen_count++] = seen;
}

static void
keep_notes(struct feed *f, const struct slice *notes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		GROW(f->notes, f->note_count, f->note_cap);
		f->notes[f->note_count++] = (struct feed_note){ f->text.len, notes[i].len };
		buf_slice(&f->text, notes[i]);
	}
}

/* The first of the time's fields that has one. */
static bool
event_time(const struct windows *w, struct match *x, struct instant *t)
{
	for (uint32_t i = 0; i < w->time_count; i++)
		for (struct match_value *v = chain_first(x, w->time_fields[i]); v != NULL;
		     v = chain_next(x, v)) {
			if (v->kind == VALUE_TEXT && match_time(x, v, t))
				return true;
			if (v->kind == VALUE_NUMBER && match_epoch(v->raw, t))
				return true;
		}
	return false;
}

void
collect(struct collector *c, struct match *x, const uint32_t *rules, size_t n,
    const struct slice *notes, struct feed *f)
{
	struct feed_event *e;

	GROW(f->events, f->event_count, f->event_cap);
	e = &f->events[f->event_count++];
	*e = (struct feed_event){ .seen = f->seen_count, .note = NO_NOTES };
	e->timed = event_time(c->w, x, &e->t);
	if (!e->timed)
		return;
	e->plan = plan_of(c->plans, rules, n, &f->arena);
	for (uint32_t i = 0; i < e->plan->look_count; i++)
		look(c, x, &e->plan->looks[i], f);
	if (notes == NULL)
		return;
	e->note = f->note_count;
	keep_notes(f, notes, n);
}
