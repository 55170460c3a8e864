#include "measure.h"

#include <math.h>

/* Numbers are of the dictionary, in its order: metric_names. */
const struct measure measures[MEASURES] = {
	{ "aiq_requests", "aiq.requests", "{request}", "Model calls that were counted.", 0 },
	{ "aiq_cache_hit_ratio", "aiq.cache_hit.ratio", "1",
	    "Share of calls answered from the cache.", 3 },
	{ "aiq_content_filter_ratio", "aiq.content_filter.ratio", "1",
	    "Share of calls with filtered content.", 4 },
	{ "aiq_disclaimer_present_ratio", "aiq.disclaimer_present.ratio", "1",
	    "Share of answers with the disclaimer.", 5 },
	{ "aiq_clinician_positive_ratio", "aiq.clinician_positive.ratio", "1",
	    "Share of clinicians' ratings that are positive.", 8 },
	{ "aiq_citations_mean", "aiq.citations.mean", "{citation}",
	    "Citations of an answer, on average.", 6 },
	{ "aiq_retrieval_score_mean", "aiq.retrieval_score.mean", "1",
	    "Score of the best retrieved document, on average of those not 0.", 7 },
	{ "aiq_last_timestamp_seconds", "aiq.last_timestamp", "s",
	    "Time of the latest call that was counted.", MEASURE_LAST },
};

static const unsigned percents[LATENCY_RANKS] = { 50, 90, 95, 99 };
const char *const latency_quantiles[LATENCY_RANKS] = { "0.5", "0.9", "0.95", "0.99" };

/* The latest time in all cells; a fraction of a second counts. */
static double
last_time(const struct result_group *g)
{
	struct instant last = { INT64_MIN, 0 };

	for (size_t i = 0; i < g->count; i++)
		if (g->cells[i]->records > 0 && instant_cmp(g->cells[i]->last, last) > 0)
			last = g->cells[i]->last;
	return last.s == INT64_MIN ? (double)NAN : (double)last.s + (double)last.ns / 1e9;
}

double
measure_value(const struct measure *m, const struct result *r, const struct result_group *g)
{
	return m->metric == MEASURE_LAST ? last_time(g) : metric_group((size_t)m->metric, r, g);
}

bool
latency_get(struct latency *l, const struct result *r, const struct result_group *g)
{
	uint64_t n = group_counts(g, COLUMN_LATENCY).n, rank[LATENCY_RANKS];
	double mean, variance;

	if (n == 0)
		return false;
	for (int i = 0; i < LATENCY_RANKS; i++)
		rank[i] = n / 100 * percents[i] + (n % 100 * percents[i] + 99) / 100 - 1;
	group_ranks(r, g, COLUMN_LATENCY, rank, LATENCY_RANKS, l->at);
	for (int i = 0; i < LATENCY_RANKS; i++)
		l->at[i] /= 1000;
	group_moments(g, COLUMN_LATENCY, &mean, &variance);
	l->count = n;
	l->sum = mean * (double)n / 1000;
	return true;
}
