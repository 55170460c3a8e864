/* Correlations as they run. */
#include <stdlib.h>

#include "base/mem.h"
#include "sigma/correlation.h"
#include "sigma/window_inner.h"
#include "json/write.h"

struct windows *
windows_new(const struct window_options *o, struct matcher *m)
{
	struct windows *w = xzalloc(1, sizeof *w);

	w->o = o;
	w->m = m;
	w->bases = map_new();
	w->spec_keys = map_new();
	w->next_close = INT64_MAX;
	w->lines = xzalloc(WINDOW_LINES, sizeof *w->lines);
	w->json = json_new();
	return w;
}

static struct slice
address(const struct rule *const *r)
{
	return (struct slice){ (const char *)r, sizeof(struct rule *) };
}

static void
set_base(struct windows *w, const struct rule *r, uint32_t number)
{
	uint32_t i = map_add(w->bases, address(&r), NULL);

	if (i >= w->base_cap) {
		w->base_cap = w->base_cap == 0 ? 64 : w->base_cap * 2;
		w->base_numbers = xrealloc(w->base_numbers, w->base_cap, sizeof(uint32_t));
	}
	w->base_numbers[i] = number;
}

/* MATCH_NONE if it does not run. */
static uint32_t
base_of(const struct windows *w, const struct rule *r)
{
	uint32_t i = map_find(w->bases, address(&r));

	return i == MAP_NONE ? MATCH_NONE : w->base_numbers[i];
}

void
windows_base(struct windows *w, const struct rule *r, uint32_t number)
{
	set_base(w, r, number);
}

static struct slice
json_name(struct windows *w, struct slice name)
{
	struct buf b = { 0 };
	struct slice text;

	json_put_string(&b, name, JSON_UTF8);
	text = arena_slice(&w->arena, buf_view(&b));
	buf_free(&b);
	return text;
}

static struct slice
opening(struct windows *w, struct slice name, bool first)
{
	struct buf b = { 0 };
	struct slice text;

	buf_str(&b, first ? "{" : ", ");
	buf_slice(&b, name);
	buf_str(&b, ": ");
	text = arena_slice(&w->arena, buf_view(&b));
	buf_free(&b);
	return text;
}

/* The spec of these fields under these names; equal ones are one. */
static uint32_t
add_spec(struct windows *w, struct field *const *fields, struct field *const *names, uint32_t n)
{
	struct spec s = { .n = n,
		.fields = arena_get(&w->arena, (n + 1) * sizeof(uint32_t)),
		.names = arena_get(&w->arena, (n + 1) * sizeof(struct slice)),
		.opens = arena_get(&w->arena, (n + 1) * sizeof(struct slice)) };
	struct buf key = { 0 };
	uint32_t i;
	bool added;

	for (i = 0; i < n; i++) {
		s.fields[i] = matcher_field(w->m, fields[i]->mapped);
		s.names[i] = json_name(w, names[i]->name);
		s.opens[i] = opening(w, s.names[i], i == 0);
		buf_add(&key, &s.fields[i], sizeof s.fields[i]);
		buf_slice(&key, s.names[i]);
	}
	i = map_add(w->spec_keys, buf_view(&key), &added);
	buf_free(&key);
	if (!added)
		return i;
	if (w->spec_count == w->spec_cap) {
		w->spec_cap = w->spec_cap == 0 ? 16 : w->spec_cap * 2;
		w->specs = xrealloc(w->specs, w->spec_cap, sizeof *w->specs);
	}
	w->specs[w->spec_count++] = s;
	return i;
}

static void
add_input(struct inputs *in, struct input x)
{
	if (in->n == in->cap) {
		in->cap = in->cap == 0 ? 4 : in->cap * 2;
		in->v = xrealloc(in->v, in->cap, sizeof *in->v);
	}
	in->v[in->n++] = x;
}

static struct inputs *
inputs_of(struct windows *w, uint32_t number)
{
	if ((number & CORR_FLAG) != 0)
		return &w->corrs[number & ~CORR_FLAG]->outputs;
	if (number >= w->input_count) {
		uint32_t more = number + 64;

		w->inputs = xrealloc(w->inputs, more, sizeof *w->inputs);
		memset(
		    w->inputs + w->input_count, 0, (more - w->input_count) * sizeof *w->inputs);
		w->input_count = more;
	}
	return &w->inputs[number];
}

/* Its ref-th rule, if that runs, tells c what it finds. */
static bool
connect(struct windows *w, struct corr *c, uint32_t ref)
{
	const struct reference *r = &c->c->rules[ref];
	uint32_t number = r->rule == NULL ? MATCH_NONE : base_of(w, r->rule);
	struct input x = { .corr = c->number, .ref = ref, .value = MATCH_NONE };

	if (number == MATCH_NONE)
		return false;
	x.group = add_spec(w, r->group, c->c->group_by, c->c->group_count);
	x.inner = add_spec(w, r->group, r->group, c->c->group_count);
	if (c->c->type >= CORR_VALUE_SUM || c->c->type == CORR_VALUE_COUNT)
		x.value = add_spec(w, r->value, r->value, c->c->value_count);
	if (c->c->type >= CORR_VALUE_SUM && c->c->value_count == 1)
		w->specs[x.value].numeric = true;
	add_input(inputs_of(w, number), x);
	return true;
}

/* The least whole number that all bounds, gt or gte, allow. */
static uint64_t
least(const struct corr *c)
{
	uint64_t need = 1;

	for (uint32_t i = 0; i < c->c->bound_count; i++) {
		bool above = c->c->bounds[i].compare == CMP_GT;
		double v = json_double(c->c->bounds[i].number);
		uint64_t n = v < 0 ? 0 : v >= 1e18 ? UINT64_MAX : (uint64_t)v;

		if (n != UINT64_MAX && v >= 0)
			n += above || (double)n < v;
		need = n > need ? n : need;
	}
	return need;
}

/* From which whole number on, counted one by one, a bound has been passed for good; UINT64_MAX: never. */
static uint64_t
beyond(const struct corr *c)
{
	uint64_t over = UINT64_MAX;

	if (c->at_event || c->c->type > CORR_VALUE_COUNT)
		return over;
	for (uint32_t i = 0; i < c->c->bound_count; i++) {
		enum compare how = c->c->bounds[i].compare;
		double v = json_double(c->c->bounds[i].number);
		uint64_t n = v < 0 ? 0 : v >= 1e18 ? UINT64_MAX - 1 : (uint64_t)v;

		if (how == CMP_LT)
			n += (double)n < v;
		else if (how == CMP_LTE || how == CMP_EQ)
			n++;
		else
			continue;
		over = n < over ? n : over;
	}
	return over;
}

static int
refuse(struct finding *why, struct place at, const char *id, const char *text)
{
	*why = (struct finding){ .at = at, .severity = SEVERITY_ERROR, .id = id, .text = text };
	return -1;
}

/* An event's time: registered with the matcher once there is a correlation. */
static void
add_time_fields(struct windows *w)
{
	static const char *const names[] = { "timestamp", "_time", "@timestamp", "time" };

	if (w->o->time_field.len > 0) {
		w->time_fields[w->time_count++] = matcher_field(w->m, w->o->time_field);
		return;
	}
	for (unsigned i = 0; i < 4; i++)
		w->time_fields[w->time_count++] = matcher_field(w->m, slice_of(names[i]));
}

static struct corr *
new_corr(struct windows *w, const struct rule *r)
{
	struct corr *c = xzalloc(1, sizeof *c);

	c->rule = r;
	c->c = r->correlation;
	c->number = w->count;
	c->at_event = correlation_rises(c->c);
	c->need = least(c);
	c->over = beyond(c);
	corr_layout(c, w->o->sliding);
	for (uint32_t i = 0; i < c->c->bound_count; i++)
		decimal_get(c->c->bounds[i].number, &c->bounds[i]);
	if (w->count == w->cap) {
		w->cap = w->cap == 0 ? 16 : w->cap * 2;
		w->corrs = xrealloc(w->corrs, w->cap, sizeof(struct corr *));
	}
	w->corrs[w->count++] = c;
	return c;
}

static void
free_corr(struct corr *c)
{
	free(c->open);
	free(c->outputs.v);
	free(c);
}

int
windows_add(struct windows *w, const struct rule *r, struct finding *why)
{
	const struct correlation *c = r->correlation;
	uint32_t connected = 0;
	struct corr *x;

	if (w->o->sliding && !correlation_rises(c))
		return refuse(why, r->at, "sliding",
		    "only counts with gt or gte, and temporal types, can be had with "
		    "--sliding");
	for (uint32_t i = 0; i < c->rule_count; i++)
		if (c->rules[i].rule == NULL || c->rules[i].rule->broken)
			return refuse(why, c->rules[i].at, "reference-broken",
			    "a rule that it rests on cannot run");
	x = new_corr(w, r);
	for (uint32_t i = 0; i < c->rule_count; i++)
		connected += connect(w, x, i);
	if (connected == 0) {
		free_corr(x);
		w->count--;
		return 0;
	}
	if (w->time_count == 0)
		add_time_fields(w);
	set_base(w, r, x->number | CORR_FLAG);
	return 1;
}

void
windows_tag(struct windows *w, const struct rule *r, uint32_t order)
{
	w->corrs[base_of(w, r) & ~CORR_FLAG]->order = order;
}

/* All rules of the matcher are in. */
void
windows_ready(struct windows *w)
{
	uint32_t count = matcher_count(w->m);

	if (count > 0)
		inputs_of(w, count - 1);
	for (uint32_t i = 0; i < w->count; i++)
		w->corrs[i]->parts =
		    w->corrs[i]->c->rule_count > 1 || w->corrs[i]->outputs.n > 0;
}

bool
windows_any(const struct windows *w)
{
	return w->count > 0;
}

struct window_counts
windows_counts(const struct windows *w)
{
	struct window_counts n = w->counts;

	n.open = w->open_groups;
	return n;
}

struct match_stats
windows_stats(const struct windows *w, uint32_t order)
{
	for (uint32_t i = 0; i < w->count; i++)
		if (w->corrs[i]->order == order)
			return (struct match_stats){ w->corrs[i]->fed, w->corrs[i]->found,
				w->corrs[i]->ns };
	return (struct match_stats){ 0 };
}

struct corr *
charge_slow(struct windows *w, struct corr *c)
{
	struct corr *before = w->charged;
	uint64_t now = steady_ns();

	if (before != NULL)
		before->ns += now - w->since;
	w->charged = c;
	w->since = now;
	return before;
}

void
windows_reset(struct windows *w)
{
	for (uint32_t i = 0; i < w->count; i++)
		while (w->corrs[i]->open_count > 0)
			bucket_drop(w, w->corrs[i]->open[0]);
	w->now = w->closed = (struct instant){ 0, 0 };
	w->started = w->trimmed = false;
	w->next_close = INT64_MAX;
}

void
windows_free(struct windows *w)
{
	if (w == NULL)
		return;
	windows_reset(w);
	for (uint32_t i = 0; i < w->count; i++)
		free_corr(w->corrs[i]);
	for (uint32_t i = 0; i < w->input_count; i++)
		free(w->inputs[i].v);
	pool_trim(w);
	map_free(w->bases);
	map_free(w->spec_keys);
	free(w->base_numbers);
	free(w->corrs);
	free(w->specs);
	free(w->inputs);
	free(w->victims);
	free(w->late);
	free(w->ripe);
	free(w->lines);
	buf_free(&w->text);
	json_free(w->json);
	arena_free(&w->arena);
	free(w);
}
