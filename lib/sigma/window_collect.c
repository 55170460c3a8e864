/* In workers: what an event adds to which window. */
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/window_inner.h"
#include "json/write.h"

/* What a spec's fields have in the present event. */
struct looked {
	uint32_t epoch, first, n;
};

struct collector {
	const struct windows *w;
	struct looked *groups, *values; /* by spec */
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
	free(f->parts);
	free(f->groups);
	free(f->names);
	free(f->values);
	buf_free(&f->text);
	arena_free(&f->arena);
	free(f);
}

void
feed_reset(struct feed *f)
{
	f->event_count = f->part_count = f->group_count = f->name_count = f->value_count = 0;
	buf_reset(&f->text);
	arena_free(&f->arena);
}

struct collector *
collector_new(const struct windows *w)
{
	struct collector *c = xzalloc(1, sizeof *c);
	uint32_t most = 1;

	c->w = w;
	c->groups = xzalloc(w->spec_count, sizeof *c->groups);
	c->values = xzalloc(w->spec_count, sizeof *c->values);
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
	free(c->groups);
	free(c->values);
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
	g->hash = key_hash(f->names + g->first, s->n);
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

/* A tuple's values as one: a text and a number are not the same. */
static void
put_tuple(struct collector *c, struct match *x, const struct spec *s, struct feed *f)
{
	struct feed_value *v;

	GROW(f->values, f->value_count, f->value_cap);
	v = &f->values[f->value_count++];
	*v = (struct feed_value){ .hash = s->n };
	for (uint32_t i = 0; i < s->n; i++) {
		struct slice text = value_text(x, c->odometer[i]);
		uint64_t kind = c->odometer[i]->kind == VALUE_TEXT;

		v->hash =
		    ((v->hash ^ map_hash(text)) + kind) * 0x9e3779b97f4a7c15u + (v->hash >> 29);
	}
	v->hash += v->hash == 0;
	if (s->numeric && !amount_get(value_text(x, c->odometer[0]), &v->amount))
		v->amount.approx = __builtin_nan("");
}

/* All combinations of a spec, once an event. */
static inline __attribute__((always_inline)) const struct looked *
look(struct collector *c, struct match *x, uint32_t spec, struct looked *all, struct feed *f,
    uint32_t *count,
    void (*add)(struct collector *, struct match *, const struct spec *, struct feed *))
{
	const struct spec *s = &c->w->specs[spec];
	struct looked *l = &all[spec];

	if (l->epoch == x->epoch)
		return l;
	*l = (struct looked){ x->epoch, *count, 0 };
	if (!first_combination(c, x, s))
		return l;
	do {
		if (l->n == WINDOW_COMBINATIONS) {
			f->events[f->event_count - 1].cut = true;
			break;
		}
		add(c, x, s, f);
		l->n++;
	} while (next_combination(c, x, s));
	return l;
}

static const struct looked *
groups_of(struct collector *c, struct match *x, uint32_t spec, struct feed *f)
{
	return look(c, x, spec, c->groups, f, &f->group_count, put_group);
}

static const struct looked *
values_of(struct collector *c, struct match *x, uint32_t spec, struct feed *f)
{
	static const struct looked none = { 0, 0, 0 };

	if (spec == MATCH_NONE)
		return &none;
	return look(c, x, spec, c->values, f, &f->value_count, put_tuple);
}

static void
add_parts(struct collector *c, struct match *x, const struct input *to, struct slice note,
    struct feed *f)
{
	const struct looked *groups = groups_of(c, x, to->group, f);
	const struct looked *values = values_of(c, x, to->value, f);
	size_t at = f->text.len;

	if (groups->n == 0 || (to->value != MATCH_NONE && values->n == 0))
		return;
	if (note.len > 0)
		buf_slice(&f->text, note);
	for (uint32_t i = 0; i < groups->n; i++) {
		GROW(f->parts, f->part_count, f->part_cap);
		f->parts[f->part_count++] = (struct feed_part){ .to = to,
			.group = groups->first + i,
			.values = values->first,
			.count = values->n,
			.note = at,
			.note_len = (uint32_t)note.len };
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
	const struct slice none = { NULL, 0 };

	GROW(f->events, f->event_count, f->event_cap);
	e = &f->events[f->event_count++];
	*e = (struct feed_event){ .parts = f->part_count };
	e->timed = event_time(c->w, x, &e->t);
	if (!e->timed)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct inputs *in = &c->w->inputs[rules[i]];

		for (uint32_t k = 0; k < in->n; k++)
			add_parts(c, x, &in->v[k], notes == NULL ? none : notes[i], f);
	}
	e->count = f->part_count - e->parts;
}
