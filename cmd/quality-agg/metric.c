#include "metric.h"

#include <string.h>

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
	enum how how;
	enum column column;
} metrics[METRICS] = {
	{ COUNT, COLUMN_LATENCY },
	{ MEAN, COLUMN_LATENCY },
	{ P95, COLUMN_LATENCY },
	{ RATE, COLUMN_CACHE_HIT },
	{ RATE, COLUMN_CONTENT_FILTERED },
	{ RATE, COLUMN_DISCLAIMER },
	{ MEAN, COLUMN_CITATIONS },
	{ MEAN_NONZERO, COLUMN_SCORE },
	{ RATE, COLUMN_THUMBS_UP },
};

const char *const metric_names[METRICS] = {
	"request_count",
	"avg_latency_ms",
	"p95_latency_ms",
	"cache_hit_rate",
	"content_filter_rate",
	"disclaimer_present_rate",
	"avg_citation_count",
	"avg_top_retrieval_score",
	"clinician_positive_rate",
};

void
metric_keep(unsigned keep[COLUMNS])
{
	memset(keep, 0, COLUMNS * sizeof *keep);
	for (int i = 0; i < METRICS; i++)
		keep[metrics[i].column] |= how_keeps[metrics[i].how];
}

bool
metric_value(size_t i, const struct cell *c, double *v)
{
	const struct series *a = &c->series[metrics[i].column];

	switch (metrics[i].how) {
	case COUNT: *v = (double)c->records; return true;
	case MEAN: *v = powers_sum(a->powers) / (double)a->n; return a->n > 0;
	case MEAN_NONZERO:
		*v = powers_sum(a->powers) / (double)a->nonzero;
		return a->nonzero > 0;
	case RATE: *v = (double)a->nonzero / (double)a->n; return a->n > 0;
	case P95: break;
	}
	if (a->n > 0)
		*v = quantile_at(a->values, a->n / 100 * 95 + a->n % 100 * 95 / 100);
	return a->n > 0;
}

void
metric_put(struct buf *b, const struct cell *c)
{
	double v;

	for (size_t i = 0; i < METRICS; i++) {
		buf_printf(b, "%s\"%s\":", i > 0 ? "," : "", metric_names[i]);
		if (metric_value(i, c, &v))
			json_put_double(b, v);
		else
			buf_str(b, "null");
	}
}
