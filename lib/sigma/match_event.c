/* Reading an event, and what one thread needs for it. */
#include <stdlib.h>

#include "base/instant.h"
#include "base/mem.h"
#include "sigma/match_inner.h"

enum { EPOCHS = 1 << 30 };

/* Of a line that is refused the reader may know more names than have come here. */
static void
forget_habits(struct match *x)
{
	for (unsigned i = 0; i < HABIT_KEYS; i++)
		x->habit[i].path = MATCH_NONE;
}

struct match *
match_new(const struct matcher *m, bool timed)
{
	struct match *x = xzalloc(1, sizeof *x);

	x->m = m;
	x->json = json_new();
	x->regex = regex_scratch_new();
	x->recall = recall_new();
	x->ends = xzalloc(m->field_count, sizeof *x->ends);
	x->found = xzalloc(m->test_count, sizeof *x->found);
	x->memo = xzalloc(m->test_count, sizeof *x->memo);
	x->tried = xzalloc(m->test_count, sizeof *x->tried);
	x->told = xzalloc(m->test_count, sizeof *x->told);
	x->fitting = xzalloc(m->test_count, sizeof *x->fitting);
	x->branches = xzalloc(m->branch_count, sizeof *x->branches);
	x->candidates = xzalloc(m->rule_count / 64 + 1, sizeof *x->candidates);
	x->hits = xzalloc(m->rule_count, sizeof *x->hits);
	x->unknown = xzalloc(m->rule_count, sizeof *x->unknown);
	if (timed)
		x->stats = xzalloc(m->rule_count, sizeof *x->stats);
	forget_habits(x);
	return x;
}

void
match_free(struct match *x)
{
	if (x == NULL)
		return;
	json_free(x->json);
	regex_scratch_free(x->regex);
	recall_free(x->recall);
	buf_free(&x->scratch);
	buf_free(&x->number);
	free(x->values);
	free(x->ends);
	free(x->found);
	free(x->memo);
	free(x->tried);
	free(x->told);
	free(x->fitting);
	free(x->branches);
	free(x->candidates);
	free(x->hits);
	free(x->unknown);
	free(x->stats);
	free(x);
}

/* A new event: what is marked with an older epoch is forgotten. */
static void
next_epoch(struct match *x)
{
	const struct matcher *m = x->m;

	x->value_count = 0;
	x->address_value = x->time_value = 0;
	x->unsettled = false;
	x->scratch.len = 0;
	if (++x->epoch < EPOCHS)
		return;
	x->epoch = 1;
	memset(x->ends, 0, m->field_count * sizeof *x->ends);
	memset(x->found, 0, m->test_count * sizeof *x->found);
	memset(x->memo, 0, m->test_count * sizeof *x->memo);
	memset(x->branches, 0, m->branch_count * sizeof *x->branches);
}

static const enum match_kind kinds[] = {
	[JSON_NULL] = VALUE_NULL,
	[JSON_FALSE] = VALUE_FALSE,
	[JSON_TRUE] = VALUE_TRUE,
	[JSON_NUMBER] = VALUE_NUMBER,
	[JSON_STRING] = VALUE_TEXT,
	[JSON_ARRAY] = VALUE_LIST,
	[JSON_OBJECT] = VALUE_OBJECT,
};

static inline void
link_value(struct match *x, uint32_t i, uint32_t field)
{
	struct chain_ends *e = &x->ends[field];

	if (e->epoch != x->epoch) {
		e->epoch = x->epoch;
		e->first = i;
	} else {
		x->values[e->last].next = i;
	}
	e->last = i;
}

static inline void
add_value(struct match *x, const struct json_token *t, uint32_t field, unsigned depth)
{
	struct match_value *v;
	uint32_t i = x->value_count++;

	GROW(x->values, i, x->value_cap);
	v = &x->values[i];
	v->raw = t->text;
	v->next = MATCH_NONE;
	v->field = field;
	v->kind = kinds[t->type];
	v->escaped = t->escaped;
	v->has_text = v->has_folded = false;
	v->depth = (uint8_t)depth;
	if (field != MATCH_NONE)
		link_value(x, i, field);
}

/*
 * In an object a key was all of a field's dotted name: it wins over what was found below keys that
 * are the first part.
 */
static __attribute__((noinline)) void
settle_dotted(struct match *x, uint32_t first, unsigned depth)
{
	uint64_t serial = ++x->objects;

	for (uint32_t i = first; i < x->value_count; i++)
		if (x->values[i].field != MATCH_NONE && x->values[i].depth == depth)
			x->ends[x->values[i].field].wins = serial;
	for (uint32_t i = first; i < x->value_count; i++) {
		struct match_value *v = &x->values[i];

		if (v->field == MATCH_NONE || v->depth == depth ||
		    x->ends[v->field].wins != serial)
			continue;
		v->field = MATCH_NONE;
		x->unsettled = true;
	}
}

static __attribute__((noinline)) void
chain_anew(struct match *x)
{
	x->unsettled = false;
	for (uint32_t i = 0; i < x->value_count; i++)
		if (x->values[i].field != MATCH_NONE)
			x->ends[x->values[i].field].epoch = 0;
	for (uint32_t i = 0; i < x->value_count; i++) {
		x->values[i].next = MATCH_NONE;
		if (x->values[i].field != MATCH_NONE)
			link_value(x, i, x->values[i].field);
	}
}

static inline const struct path *
habit_path(const struct match *x, const struct habit_key *h)
{
	return h->path == x->m->path_slots ? NULL : &x->m->paths[h->path];
}

/* The path of a member of the event itself, which is most often where it was in the last one. */
static __attribute__((noinline)) const struct path *
find_path(struct match *x, const struct json_token *t, unsigned at)
{
	struct habit_key *h = &x->habit[at];
	const struct path *p;

	if (at >= HABIT_KEYS)
		return paths_find(x->m, 0, json_text(t->key, t->key_escaped, &x->number));
	if (h->path != MATCH_NONE && !t->key_escaped && h->len == t->key.len &&
	    memcmp(h->text, t->key.p, h->len) == 0)
		return habit_path(x, h);
	p = paths_find(x->m, 0, json_text(t->key, t->key_escaped, &x->number));
	h->path = MATCH_NONE;
	if (!t->key_escaped && t->key.len < sizeof h->text) {
		h->len = (uint8_t)t->key.len;
		memcpy(h->text, t->key.p, t->key.len);
		h->path = p == NULL ? x->m->path_slots : (uint32_t)(p - x->m->paths);
	}
	return p;
}

static inline const struct path *
find_habitual(struct match *x, const struct json_token *t, unsigned at)
{
	if (t->key_usual && at < HABIT_KEYS && x->habit[at].path != MATCH_NONE)
		return habit_path(x, &x->habit[at]);
	return find_path(x, t, at);
}

/* What a token is the value of: its field, and the path that goes on below it. */
static void
locate(struct match *x, const struct json_token *t, struct place_in_event *at, unsigned nth,
    uint32_t *field, uint32_t *child)
{
	const struct path *p = NULL;

	*field = *child = MATCH_NONE;
	if (at->list) {
		*field = at->field;
		*child = at->prefix;
		return;
	}
	if (at->prefix == 0)
		p = find_habitual(x, t, nth);
	else if (at->prefix != MATCH_NONE)
		p = paths_find(x->m, at->prefix, json_text(t->key, t->key_escaped, &x->number));
	if (p == NULL)
		return;
	*field = p->field;
	*child = p->child;
	at->dotted = at->dotted || (p->dotted && p->field != MATCH_NONE);
}

/* A member of the event itself that holds nothing else. */
static inline void
read_plain(struct match *x, const struct json_token *t, unsigned nth)
{
	const struct path *p = find_habitual(x, t, nth);
	uint32_t field = p == NULL ? MATCH_NONE : p->field;

	if (field == MATCH_NONE && !x->m->keywords)
		return;
	if (field != MATCH_NONE && p->dotted)
		x->places[0].dotted = true;
	add_value(x, t, field, 0);
}

/* The members of the open object, and all below. */
static int
read_members(struct match *x)
{
	struct json_token t;
	unsigned depth = 0, nth = 0;
	bool keywords = x->m->keywords;

	x->places[0] = (struct place_in_event){ .prefix = 0, .field = MATCH_NONE };
	for (;;) {
		struct place_in_event *at = &x->places[depth];
		uint32_t field, child;
		unsigned owner = depth;

		if (json_next(x->json, &t) != 1)
			return -1;
		if (depth == 0 && t.type < JSON_ARRAY) {
			read_plain(x, &t, nth++);
			continue;
		}
		if (t.type == JSON_CLOSE) {
			if (at->dotted)
				settle_dotted(x, at->first, depth);
			if (depth-- == 0)
				return 0;
			continue;
		}
		locate(x, &t, at, nth, &field, &child);
		nth += depth == 0;
		while (x->places[owner].list)
			owner--;
		if (field != MATCH_NONE || (keywords && t.type < JSON_ARRAY))
			add_value(x, &t, field, owner);
		if (t.type < JSON_ARRAY)
			continue;
		if (child == MATCH_NONE && !keywords &&
		    (t.type == JSON_OBJECT || field == MATCH_NONE)) {
			if (json_skip(x->json, &t) == -1)
				return -1;
			continue;
		}
		x->places[++depth] = (struct place_in_event){ .prefix = child,
			.field = field,
			.first = x->value_count,
			.list = t.type == JSON_ARRAY };
	}
}

int
match_read(struct match *x, struct slice line, struct diag *d)
{
	struct json_token t;

	next_epoch(x);
	json_begin(x->json, line);
	if (json_next(x->json, &t) == 1 && t.type != JSON_OBJECT) {
		if (json_check(x->json, line, d) == -1)
			return -1;
		return diag_set(d, "json-object", 0);
	}
	if (json_diag(x->json)->rule != NULL || read_members(x) == -1 ||
	    json_next(x->json, &t) == -1) {
		*d = *json_diag(x->json);
		forget_habits(x);
		return -1;
	}
	if (x->unsettled)
		chain_anew(x);
	buf_reserve(&x->scratch, line.len * 3 + 256);
	return 0;
}

/* Evaluate one candidate, for all rules that are the same. */
static void
decide(struct match *x, uint32_t rule)
{
	const struct match_rule *rules = x->m->rules;
	uint32_t root = rules[rule].root;
	enum held held = x->m->branches[root].decided ? HELD_YES : match_eval(x, root);

	if (held == HELD_NO)
		return;
	for (; rule != MATCH_NONE; rule = rules[rule].next) {
		if (held == HELD_YES)
			x->hits[x->hit_count++] = rule;
		else
			x->unknown[x->unknown_count++] = rule;
	}
}

/* What takes time once for several rules is shared among them. */
static __attribute__((cold)) void
decide_timed(struct match *x, uint32_t rule)
{
	const struct match_rule *rules = x->m->rules;
	uint64_t from = steady_ns(), ns, n = 0;
	uint32_t hits = x->hit_count;

	decide(x, rule);
	ns = steady_ns() - from;
	for (uint32_t i = rule; i != MATCH_NONE; i = rules[i].next)
		n++;
	for (uint32_t i = rule; i != MATCH_NONE; i = rules[i].next) {
		x->stats[i].evaluated++;
		x->stats[i].matched += x->hit_count > hits;
		x->stats[i].ns += ns / n;
	}
}

static inline void
decide_one(struct match *x, uint32_t rule)
{
	if (x->stats != NULL)
		decide_timed(x, rule);
	else
		decide(x, rule);
}

/* Few, most often, and in order but for rules that are the same: by insertion. */
static void
sort(uint32_t *v, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++) {
		uint32_t x = v[i], k = i;

		for (; k > 0 && v[k - 1] > x; k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
}

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void
put_in_order(uint32_t *v, uint32_t n)
{
	if (n < 32)
		sort(v, n);
	else
		qsort(v, n, sizeof *v, by_number);
}

size_t
match_find(struct match *x, const uint32_t **rules)
{
	x->hit_count = x->unknown_count = 0;
	match_scan(x);
	for (uint32_t i = 0; i <= x->m->rule_count / 64; i++) {
		uint64_t left = x->candidates[i];

		x->candidates[i] = 0;
		for (; left != 0; left &= left - 1)
			decide_one(x, i * 64 + (uint32_t)__builtin_ctzll(left));
	}
	put_in_order(x->hits, x->hit_count);
	put_in_order(x->unknown, x->unknown_count);
	*rules = x->hits;
	return x->hit_count;
}

size_t
match_undecided(const struct match *x, const uint32_t **rules)
{
	*rules = x->unknown;
	return x->unknown_count;
}

struct match_value *
match_first(struct match *x, uint32_t field)
{
	return chain_first(x, field);
}

struct match_value *
match_next(struct match *x, const struct match_value *v)
{
	return chain_next(x, v);
}

const struct match_stats *
match_stats(const struct match *x)
{
	return x->stats;
}
