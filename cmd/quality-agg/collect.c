#include "collect.h"

#include "metric.h"
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

void
plan_shape(const struct plan *plan, struct state_shape *shape)
{
	*shape = (struct state_shape){
		.columns = COLUMNS,
		.tallies = plan->all ? FINISHES : 0,
		.labels = plan->models,
		.every = plan->every,
		.exact = plan->exact,
	};
	metric_keep(shape->keep);
	for (int i = 0; i < COLUMNS && plan->all; i++)
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
}

/* The text of field f, unescaped. */
static struct slice
text_of(struct collect *c, const struct record *r, enum field f)
{
	return json_text(r->text[f], r->escaped >> f & 1, &c->scratch);
}

static void
key_text(struct collect *c, const struct record *r, enum field f)
{
	struct slice text = text_of(c, r, f);

	if (f == FINISH_REASON)
		text = slice_of(finish_names[finish_get(text)]);
	buf_byte(&c->key, KEY_STRING);
	buf_slice(&c->key, text);
	buf_byte(&c->key, '\0');
}

static struct slice
key_make(struct collect *c, const struct record *r)
{
	buf_reset(&c->key);
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

static void
label_add(struct collect *c, struct cell *cell, const struct record *r)
{
	uint32_t both = UINT32_C(1) << MODEL_ID | UINT32_C(1) << MODEL_VERSION;

	if ((r->given & both) != both)
		return;
	buf_reset(&c->label);
	buf_slice(&c->label, text_of(c, r, MODEL_ID));
	buf_byte(&c->label, '@');
	buf_slice(&c->label, text_of(c, r, MODEL_VERSION));
	state_label(&c->state, cell, buf_view(&c->label), 1);
}

/* Without --by there is but one group; else a line may still be of that of the line before. */
static inline struct cell *
cell_of(struct collect *c, const struct record *r)
{
	int64_t bucket = state_bucket(&c->state, r->time);
	struct slice key;

	if (c->last != NULL && c->last->bucket == bucket && c->plan.by.count == 0)
		return c->last;
	key = key_make(c, r);
	if (c->last == NULL || c->last->bucket != bucket || !slice_eq(c->last->key, key))
		c->last = state_cell_at(&c->state, key, bucket);
	return c->last;
}

static void
all_add(struct collect *c, struct cell *cell, const struct record *r)
{
	const uint32_t tokens = UINT32_C(1) << PROMPT_TOKENS | UINT32_C(1) << COMPLETION_TOKENS;

	if ((r->given & tokens) == tokens)
		column_add(c, cell, COLUMN_TOTAL_TOKENS,
		    r->number[PROMPT_TOKENS] + r->number[COMPLETION_TOKENS]);
	if (r->given >> FINISH_REASON & 1)
		cell->tally[finish_get(text_of(c, r, FINISH_REASON))]++;
	if (c->plan.models)
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
	for (uint64_t left = c->state.used; left != 0; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctzll(left);
		enum field f = column_field[i];

		if (f != FIELDS && r->given >> f & 1)
			column_add(c, cell, i, r->number[f]);
	}
	if (c->plan.all && !r->evaluation)
		all_add(c, cell, r);
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
