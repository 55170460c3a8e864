#include "metric.h"

#include <math.h>
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
	enum unit unit;
} metrics[METRICS] = {
	{ COUNT, COLUMN_LATENCY, UNIT_COUNT },
	{ MEAN, COLUMN_LATENCY, UNIT_MS },
	{ P95, COLUMN_LATENCY, UNIT_MS },
	{ RATE, COLUMN_CACHE_HIT, UNIT_RATE },
	{ RATE, COLUMN_CONTENT_FILTERED, UNIT_RATE },
	{ RATE, COLUMN_DISCLAIMER, UNIT_RATE },
	{ MEAN, COLUMN_CITATIONS, UNIT_NUMBER },
	{ MEAN_NONZERO, COLUMN_SCORE, UNIT_NUMBER },
	{ RATE, COLUMN_THUMBS_UP, UNIT_RATE },
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

enum unit
metric_unit(size_t i)
{
	return metrics[i].unit;
}

uint64_t
metric_count(size_t i, const struct result_group *g)
{
	struct group_counts n = group_counts(g, metrics[i].column);

	return metrics[i].how == COUNT       ? g->records
	    : metrics[i].how == MEAN_NONZERO ? n.nonzero
					     : n.n;
}

double
metric_group(size_t i, const struct result *r, const struct result_group *g)
{
	enum column c = metrics[i].column;
	struct group_counts n = group_counts(g, c);
	uint64_t k = n.n / 100 * 95 + n.n % 100 * 95 / 100;
	double v = (double)NAN, variance;

	if (g->count == 1)
		return metric_value(i, g->cells[0], &v) ? v : (double)NAN;
	switch (metrics[i].how) {
	case COUNT: return (double)g->records;
	case RATE: return n.n > 0 ? (double)n.nonzero / (double)n.n : (double)NAN;
	case MEAN: group_moments(g, c, &v, &variance); return n.n > 0 ? v : (double)NAN;
	case MEAN_NONZERO:
		group_moments(g, c, &v, &variance);
		return n.nonzero > 0 ? v * (double)n.n / (double)n.nonzero : (double)NAN;
	case P95: break;
	}
	if (n.n > 0)
		group_ranks(r, g, c, &k, 1, &v);
	return n.n > 0 ? v : (double)NAN;
}

/* The p95 of n values is between the baseline's of these ranks. */
static void
band_p95(const struct result *r, const struct result_group *g, enum column c, double total,
    double reach, struct band *band)
{
	double wide = reach * sqrt(0.95 * 0.05), shares[3] = { 0.95 - wide, 0.95, 0.95 + wide };
	uint64_t k[3];
	double v[3];

	for (int i = 0; i < 3; i++)
		k[i] = (uint64_t)fmin(fmax(floor(shares[i] * total), 0), total - 1);
	group_ranks(r, g, c, k, 3, v);
	*band = (struct band){ .low = v[0], .middle = v[1], .high = v[2] };
}

bool
metric_band(size_t i, const struct result *r, const struct result_group *g, double n, double z,
    struct band *band)
{
	enum column c = metrics[i].column;
	struct group_counts counts = group_counts(g, c);
	double total = (double)metric_count(i, g);
	double middle = metric_group(i, r, g), reach, mean, variance, sd;

	if (metrics[i].how == COUNT || !(total > 0) || !(n > 0))
		return false;
	reach = z * sqrt(1 / n + 1 / total);
	if (metrics[i].how == P95) {
		band_p95(r, g, c, total, reach, band);
		return true;
	}
	if (metrics[i].how == RATE) {
		sd = sqrt(middle * (1 - middle));
	} else {
		group_moments(g, c, &mean, &variance);
		/* Of those that are not 0: zeros add nothing to either sum. */
		if (metrics[i].how == MEAN_NONZERO && counts.n > 1)
			variance = fmax(0,
			    (variance * (double)(counts.n - 1) +
				(double)counts.n * mean * mean - total * middle * middle) /
				fmax(1, total - 1));
		sd = sqrt(variance);
	}
	*band = (struct band){ middle, middle - reach * sd, middle + reach * sd };
	if (metrics[i].how == RATE) {
		band->low = fmax(0, band->low);
		band->high = fmin(1, band->high);
	}
	return true;
}
