#include "metric.h"

#include "json/write.h"

enum how {
	COUNT,        /* records */
	MEAN,         /* of the values that are not null */
	MEAN_NONZERO, /* of those that are neither null nor 0 */
	P95,          /* sorted[floor(95 n / 100)]: of 1..20 it is 20 */
	RATE,         /* true over not null */
};

static const unsigned how_keeps[] = {
	[COUNT] = KEEP_COUNT,
	[MEAN] = KEEP_SUM,
	[MEAN_NONZERO] = KEEP_SUM,
	[P95] = KEEP_QUANTILE,
	[RATE] = KEEP_COUNT,
};

static const struct metric {
	const char *name;
	enum how how;
	enum field field;
} metrics[] = {
	{ "request_count", COUNT, TIMESTAMP },
	{ "avg_latency_ms", MEAN, LATENCY_MS },
	{ "p95_latency_ms", P95, LATENCY_MS },
	{ "cache_hit_rate", RATE, CACHE_HIT },
	{ "content_filter_rate", RATE, CONTENT_FILTERED },
	{ "disclaimer_present_rate", RATE, DISCLAIMER_PRESENT },
	{ "avg_citation_count", MEAN, CITATION_COUNT },
	{ "avg_top_retrieval_score", MEAN_NONZERO, TOP_RETRIEVAL_SCORE },
	{ "clinician_positive_rate", RATE, CLINICIAN_THUMBS_UP },
};

enum { METRICS = sizeof metrics / sizeof metrics[0] };

void
metric_state_init(struct state *s)
{
	unsigned keep[FIELDS] = { 0 };

	for (int i = 0; i < METRICS; i++)
		keep[metrics[i].field] |= how_keeps[metrics[i].how];
	state_init(s, keep, FIELDS);
}

void
metric_record(struct state *s, const struct record *record)
{
	uint64_t left = record->given & s->used;

	s->records++;
	for (; left != 0; left &= left - 1) {
		int f = __builtin_ctzll(left);

		series_add(&s->series[f], record->number[f]);
	}
}

/* What a metric says about a series of n > 0 records; false: null. */
static bool
metric_value(const struct metric *m, const struct state *s, double *v)
{
	const struct series *a = &s->series[m->field];

	switch (m->how) {
	case COUNT: *v = (double)s->records; return true;
	case MEAN: *v = sum_value(a->sum) / (double)a->n; return a->n > 0;
	case MEAN_NONZERO: *v = sum_value(a->sum) / (double)a->nonzero; return a->nonzero > 0;
	case RATE: *v = (double)a->nonzero / (double)a->n; return a->n > 0;
	case P95: break;
	}
	if (a->n > 0)
		*v = quantile_at(a->values, a->n / 100 * 95 + a->n % 100 * 95 / 100);
	return a->n > 0;
}

void
metric_put(struct buf *b, const struct state *s)
{
	double v;

	buf_byte(b, '{');
	for (int i = 0; i < METRICS && s->records > 0; i++) {
		buf_printf(b, "%s\"%s\":", i > 0 ? "," : "", metrics[i].name);
		if (metric_value(&metrics[i], s, &v))
			json_put_double(b, v);
		else
			buf_str(b, "null");
	}
	buf_byte(b, '}');
}
