#include "collect.h"

#include "metric.h"
#include "verdict.h"
#include "json/scan.h"

/* The field a column is of, but for total_tokens. */
static const enum field column_field[COLUMNS] = {
	[COLUMN_LATENCY] = LATENCY_MS,
	[COLUMN_PROMPT_TOKENS] = PROMPT_TOKENS,
	[COLUMN_COMPLETION_TOKENS] = COMPLETION_TOKENS,
	[COLUMN_TOTAL_TOKENS] = FIELDS,
	[COLUMN_CITATIONS] = CITATION_COUNT,
	[COLUMN_SCORE] = TOP_RETRIEVAL_SCORE,
	[COLUMN_DOCUMENTS] = RETRIEVED_DOCUMENT_IDS,
	[COLUMN_CACHE_HIT] = CACHE_HIT,
	[COLUMN_CONTENT_FILTERED] = CONTENT_FILTERED,
	[COLUMN_DISCLAIMER] = DISCLAIMER_PRESENT,
	[COLUMN_THUMBS_UP] = CLINICIAN_THUMBS_UP,
	[COLUMN_FLAGGED] = CLINICIAN_FLAGGED,
};

/* What the tests of --baseline need; for how a metric drifts also the means of what is tested by rank. */
static void
tests_keep(unsigned keep[COLUMNS], bool drift)
{
	for (int i = 0; i < COMPARED; i++) {
		const struct compared_row *m = &compared_table[i];

		if (m->approach == APPROACH_SHIFT)
			keep[m->source] |= KEEP_QUANTILE | (drift ? KEEP_SUM : 0);
		else if (m->approach == APPROACH_MEAN)
			keep[m->source] |= KEEP_SUM;
		else if (m->approach == APPROACH_RATE)
			keep[m->source] |= KEEP_COUNT;
	}
}

void
plan_shape(const struct plan *plan, struct state_shape *shape)
{
	*shape = (struct state_shape){
		.columns = COLUMNS,
		.tallies = plan->want & ~(unsigned)WANT_METRICS ? FINISHES : 0,
		.labels = (plan->want & (WANT_TESTS | WANT_STATE)) != 0,
		.every = plan->every,
		.exact = plan->exact,
	};
	if (plan->want & WANT_METRICS)
		metric_keep(shape->keep);
	if (plan->want & WANT_TESTS)
		tests_keep(shape->keep, plan->drift);
	for (int i = 0; i < COLUMNS && plan->want & (WANT_DETAIL | WANT_STATE); i++)
		shape->keep[i] =
		    i < COLUMN_RATES ? KEEP_COUNT | KEEP_SUM | KEEP_QUANTILE : KEEP_COUNT;
}

void
collect_init(struct collect *c, const struct plan *plan)
{
	struct state_shape shape;

	*c = (struct collect){ .plan = *plan };
	plan_shape(plan, &shape);
	state_init(&c->state, &shape);
	for (unsigned i = 0; i < COLUMNS; i++) {
		struct source_column source = { (uint8_t)i, (uint8_t)column_field[i] };

		if (shape.keep[i] == 0 || column_field[i] == FIELDS)
			continue;
		if (shape.keep[i] == KEEP_COUNT)
			c->rates[c->rate_count++] = source;
		else
			c->numbers[c->number_count++] = source;
	}
}

/* The text of field f, unescaped. */
static inline struct slice
text_of(struct collect *c, const struct record *r, enum field f)
{
	if ((r->escaped >> f & 1) == 0)
		return r->text[f];
	return json_text(r->text[f], true, &c->scratch);
}

static inline void
key_text(struct collect *c, const struct record *r, enum field f)
{
	struct slice text = text_of(c, r, f);
	char *p;

	if (f == FINISH_REASON)
		text = slice_of(finish_names[finish_get(text)]);
	p = buf_reserve(&c->key, text.len + 2);
	*p = KEY_STRING;
	memcpy(p + 1, text.p, text.len);
	p[text.len + 1] = '\0';
	c->key.len += text.len + 2;
}

static inline struct slice
key_make(struct collect *c, const struct record *r)
{
	c->key.len = 0;
	for (unsigned i = 0; i < c->plan.by.count; i++) {
		enum field f = c->plan.by.field[i];

		if ((r->given >> f & 1) == 0)
			buf_byte(&c->key, KEY_NULL);
		else if (field_table[f].kind == KIND_BOOL)
			buf_byte(&c->key, r->number[f] != 0 ? KEY_TRUE : KEY_FALSE);
		else
			key_text(c, r, f);
	}
	return buf_view(&c->key);
}

static inline void
column_add(struct collect *c, struct cell *cell, unsigned column, double v)
{
	series_add(&cell->series[column], v);
	c->state.held[column]++;
}

/* The last 8 bytes of a text, which tell most names apart. */
static inline uint64_t
tail_of(struct slice text)
{
	uint64_t w = 0;
	uint32_t high;

	if (text.len >= sizeof w) {
		memcpy(&w, text.p + text.len - sizeof w, sizeof w);
	} else if (text.len >= sizeof high) {
		memcpy(&high, text.p, sizeof high);
		w = (uint64_t)high << 32;
		memcpy(&high, text.p + text.len - sizeof high, sizeof high);
		w |= high;
	} else {
		for (size_t i = 0; i < text.len; i++)
			w = w << 8 | (unsigned char)text.p[i];
	}
	return w + text.len;
}

static inline struct label_slot *
label_slot(struct collect *c, const struct cell *cell, struct slice id, struct slice version)
{
	uint64_t h = tail_of(id) * 0x9e3779b97f4a7c15 ^ (uint64_t)(uintptr_t)cell;

	h = (h ^ h >> 29 ^ tail_of(version)) * 0xbf58476d1ce4e5b9;
	return &c->label_slot[(h >> 32) % COLLECT_LABELS];
}

/* Of names, which are short, without a call. */
static inline bool
same(const char *a, const char *b, size_t n)
{
	uint64_t x[2], y[2];

	if (n < 4)
		return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
	if (n < sizeof x[0] || n > sizeof x)
		return memcmp(a, b, n) == 0;
	memcpy(&x[0], a, sizeof x[0]);
	memcpy(&x[1], a + n - sizeof x[0], sizeof x[0]);
	memcpy(&y[0], b, sizeof y[0]);
	memcpy(&y[1], b + n - sizeof y[0], sizeof y[0]);
	return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

/* Count a model once more, if it is the one in slot. */
static inline bool
label_again(
    const struct label_slot *slot, struct cell *cell, struct slice id, struct slice version)
{
	struct slice name = slot->name;

	if (slot->cell != cell || name.len != id.len + 1 + version.len ||
	    !same(name.p, id.p, id.len) || name.p[id.len] != '@' ||
	    !same(name.p + id.len + 1, version.p, version.len) ||
	    slot->at >= cell->label_count || cell->labels[slot->at].label != slot->label)
		return false;
	cell->labels[slot->at].n++;
	return true;
}

static void
label_add(struct collect *c, struct cell *cell, const struct record *r)
{
	uint32_t both = UINT32_C(1) << MODEL_ID | UINT32_C(1) << MODEL_VERSION;
	struct label_slot *slot = NULL;
	size_t at;

	if ((r->given & both) != both)
		return;
	if ((r->escaped & both) == 0 && !c->state.labels_lost) {
		slot = label_slot(c, cell, r->text[MODEL_ID], r->text[MODEL_VERSION]);
		if (label_again(slot, cell, r->text[MODEL_ID], r->text[MODEL_VERSION]))
			return;
	}
	buf_reset(&c->label);
	buf_slice(&c->label, text_of(c, r, MODEL_ID));
	buf_byte(&c->label, '@');
	buf_slice(&c->label, text_of(c, r, MODEL_VERSION));
	at = state_label(&c->state, cell, buf_view(&c->label), 1);
	if (slot != NULL && at != SIZE_MAX)
		*slot =
		    (struct label_slot){ cell, map_key(c->state.labels, cell->labels[at].label),
			    cell->labels[at].label, at };
}

/* Which slot; it need not be a good hash, as the state's map is behind it. */
static inline unsigned
slot_of(struct slice key, int64_t bucket)
{
	uint64_t h = (uint64_t)bucket, w;
	size_t i = 0;

	for (; i + sizeof w <= key.len; i += sizeof w) {
		memcpy(&w, key.p + i, sizeof w);
		h = (h ^ w) * 0x9e3779b97f4a7c15;
		h ^= h >> 29;
	}
	for (w = 0; i < key.len; i++)
		w = w << 8 | (unsigned char)key.p[i];
	h = (h ^ w) * 0x9e3779b97f4a7c15;
	return (unsigned)(h >> 32) % COLLECT_SLOTS;
}

static inline struct cell *
cell_of(struct collect *c, const struct record *r)
{
	int64_t bucket = state_bucket(&c->state, r->time);
	struct slice key = key_make(c, r);
	struct cell **slot = &c->slot[slot_of(key, bucket)];

	if (*slot == NULL || (*slot)->bucket != bucket || !slice_eq((*slot)->key, key))
		*slot = state_cell_at(&c->state, key, bucket);
	return *slot;
}

static void
more_add(struct collect *c, struct cell *cell, const struct record *r)
{
	const uint32_t tokens = UINT32_C(1) << PROMPT_TOKENS | UINT32_C(1) << COMPLETION_TOKENS;

	if (c->state.shape.keep[COLUMN_TOTAL_TOKENS] != 0 && (r->given & tokens) == tokens)
		column_add(c, cell, COLUMN_TOTAL_TOKENS,
		    r->number[PROMPT_TOKENS] + r->number[COMPLETION_TOKENS]);
	if (r->given >> FINISH_REASON & 1)
		cell->tally[finish_get(text_of(c, r, FINISH_REASON))]++;
	if (c->state.shape.labels)
		label_add(c, cell, r);
}

bool
collect_add(struct collect *c, const struct record *r)
{
	struct cell *cell = cell_of(c, r);

	if (cell == NULL)
		return false;
	if (!r->evaluation)
		cell_record(cell, r->time);
	for (unsigned i = 0; i < c->rate_count; i++) {
		struct series *s = &cell->series[c->rates[i].column];
		unsigned f = c->rates[i].field;

		s->n += r->given >> f & 1;
		s->nonzero += (r->given >> f & 1) && r->number[f] != 0;
	}
	for (unsigned i = 0; i < c->number_count; i++) {
		unsigned f = c->numbers[i].field;

		if (r->given >> f & 1)
			column_add(c, cell, c->numbers[i].column, r->number[f]);
	}
	if (c->state.shape.tallies > 0 && !r->evaluation)
		more_add(c, cell, r);
	return true;
}

void
collect_free(struct collect *c)
{
	state_free(&c->state);
	buf_free(&c->key);
	buf_free(&c->scratch);
	buf_free(&c->label);
}
