#include "drift.h"

#include <math.h>

#include "stat/cusum.h"

/* The share of one finish reason in a cell. */
static struct share
finish_share(const struct cell *c, int finish)
{
	struct share s = { .k = c->tally[finish] };

	for (int f = 0; f < FINISHES; f++)
		s.n += c->tally[f];
	return s;
}

/* Has it a mean in each bucket?  Not so a mix, nor the share above a quantile of the baseline. */
static bool
has_mean(const struct compared_row *m)
{
	return m->approach != APPROACH_MIX && m->approach != APPROACH_SLOW;
}

uint64_t
drift_mean(enum compared metric, const struct cell *c, double *mean)
{
	const struct compared_row *m = &compared_table[metric];
	const struct series *s = &c->series[m->source];
	struct share share = { s->nonzero, s->n };

	if (!has_mean(m))
		return 0;
	if (m->approach == APPROACH_FINISH)
		share = finish_share(c, m->source);
	if (share.n == 0)
		return 0;
	if (m->approach == APPROACH_SHIFT || m->approach == APPROACH_MEAN)
		*mean = powers_sum(s->powers) / (double)s->n;
	else
		*mean = (double)share.k / (double)share.n;
	return share.n;
}

/* Mean and standard deviation of the baseline. */
static bool
base_spread(const struct compared_row *m, const struct row *row, const struct result_group *g,
    double *mean, double *sd)
{
	double variance;

	if (m->approach == APPROACH_SHIFT || m->approach == APPROACH_MEAN) {
		group_moments(g, (enum column)m->source, mean, &variance);
	} else {
		*mean = row->base;
		variance = row->base * (1 - row->base);
	}
	*sd = sqrt(variance);
	return *sd > 0;
}

void
drift_find(struct row *row, const struct result_group *base, const struct result *now,
    const struct result_group *g)
{
	const struct compared_row *m = &compared_table[row->metric];
	double mean0, sd, mean, sign = row->worse == WORSE_UP ? 1 : -1;
	struct cusum c = { 0 };

	if (row->worse == WORSE_NONE || !has_mean(m) || row->base_n == 0 || row->now_n == 0 ||
	    !base_spread(m, row, base, &mean0, &sd))
		return;
	for (size_t i = 0; i < g->count; i++) {
		uint64_t n = drift_mean(row->metric, g->cells[i], &mean);

		if (n == 0)
			continue;
		mean = (mean - mean0) / (sd * sqrt(1 / (double)n + 1 / (double)row->base_n));
		cusum_add(&c, sign * mean, i);
	}
	row->cusum = c.most;
	row->drifts = c.alarm;
	if (c.alarm)
		row->since = result_time(now, g->cells[c.since]);
}
