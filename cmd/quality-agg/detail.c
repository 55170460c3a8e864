#include "json.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "stat/proportion.h"
#include "json/write.h"

/* Nearest ranks: sorted[ceil(q n / 100) - 1]. */
static const struct rank {
	const char *name;
	unsigned percent; /* 0: the least */
} ranks[] = { { "min", 0 }, { "p50", 50 }, { "p90", 90 }, { "p95", 95 }, { "p99", 99 },
	{ "max", 100 } };

enum { RANKS = sizeof ranks / sizeof ranks[0] };

static const double Z95 = 1.959963984540054; /* normal, two-sided */

static uint64_t
rank_index(unsigned percent, uint64_t n)
{
	uint64_t up = n / 100 * percent + (n % 100 * percent + 99) / 100;

	return up == 0 ? 0 : up - 1;
}

static void
number_put(struct buf *b, const char *name, bool has, double v)
{
	buf_printf(b, ",\"%s\":", name);
	if (has)
		json_put_double(b, v);
	else
		buf_str(b, "null");
}

static void
ranks_find(const struct series *s, double value[RANKS])
{
	uint64_t index[RANKS];

	for (int i = 0; i < RANKS; i++)
		index[i] = rank_index(ranks[i].percent, s->n);
	if (s->n > 0)
		quantile_select(s->values, index, RANKS, value);
}

static void
distribution_put(
    struct buf *b, const struct result *r, const struct cell *c, enum column column)
{
	const struct series *s = &c->series[column];
	uint64_t n = s->n;
	double value[RANKS] = { 0 };

	buf_printf(b, ",\"%s\":{\"count\":%llu", column_names[column], (unsigned long long)n);
	number_put(b, "mean", n > 0, n > 0 ? powers_sum(s->powers) / (double)n : 0);
	number_put(b, "stddev", n > 1, n > 1 ? sqrt(powers_variance(s->powers, n)) : 0);
	if (c->ranks != NULL)
		memcpy(value, c->ranks + column * RANKS, sizeof value);
	else
		ranks_find(s, value);
	for (int i = 0; i < RANKS; i++)
		number_put(b, ranks[i].name, n > 0, value[i]);
	buf_printf(b, ",\"quantiles\":\"%s\"}", result_exact(r, column) ? "exact" : "ddsketch");
}

enum {
	OF_CELL = COLUMN_RATES * RANKS,
	PREPARED_MAX = 4096, /* cells: what many would need is not held at once */
};

static void
ranks_prepare(void *arg, size_t i)
{
	struct result *r = arg;
	size_t cell = i / COLUMN_RATES, column = i % COLUMN_RATES;

	ranks_find(&r->cells[cell]->series[column], r->ranks + cell * OF_CELL + column * RANKS);
}

void
detail_prepare(struct result *r, unsigned jobs)
{
	if (jobs == 1 || r->cell_count == 0 || r->cell_count > PREPARED_MAX || r->ranks != NULL)
		return;
	r->ranks = xzalloc(r->cell_count * OF_CELL, sizeof *r->ranks);
	parallel_each(jobs, r->cell_count * COLUMN_RATES, ranks_prepare, r);
	for (size_t i = 0; i < r->cell_count; i++)
		r->cells[i]->ranks = r->ranks + i * OF_CELL;
}

/* An object about k of n, without its name. */
static void
share_put(struct buf *b, uint64_t k, uint64_t n)
{
	struct interval ends = { 0, 0 };

	if (n > 0)
		ends = share_interval((struct share){ k, n }, Z95);
	buf_printf(
	    b, "{\"count\":%llu,\"true\":%llu", (unsigned long long)n, (unsigned long long)k);
	number_put(b, "rate", n > 0, n > 0 ? (double)k / (double)n : 0);
	number_put(b, "low", n > 0, ends.low);
	number_put(b, "high", n > 0, ends.high);
	buf_byte(b, '}');
}

static void
finish_put(struct buf *b, const struct cell *c)
{
	uint64_t n = 0;

	for (int i = 0; i < FINISHES; i++)
		n += c->tally[i];
	buf_str(b, ",\"finish_reason\":{");
	for (int i = 0; i < FINISHES; i++) {
		buf_printf(b, "%s\"%s\":", i > 0 ? "," : "", finish_names[i]);
		share_put(b, c->tally[i], n);
	}
	buf_byte(b, '}');
}

static void
span_put(struct buf *b, const char *name, const struct cell *c, struct instant t)
{
	buf_printf(b, ",\"%s\":", name);
	if (c->records > 0)
		time_put(b, t);
	else
		buf_str(b, "null");
}

/* Is there a key of this name?  Then a name would stand twice, and all in the group have the same value. */
static bool
is_key(const struct by *by, const char *name)
{
	for (unsigned i = 0; i < by->count; i++)
		if (strcmp(field_table[by->field[i]].name, name) == 0)
			return true;
	return false;
}

void
detail_put(struct buf *b, const struct result *r, const struct cell *c)
{
	for (enum column i = 0; i < COLUMN_RATES; i++)
		distribution_put(b, r, c, i);
	for (enum column i = COLUMN_RATES; i < COLUMNS; i++) {
		if (is_key(&r->by, column_names[i]))
			continue;
		buf_printf(b, ",\"%s\":", column_names[i]);
		share_put(b, c->series[i].nonzero, c->series[i].n);
	}
	if (!is_key(&r->by, field_table[FINISH_REASON].name))
		finish_put(b, c);
	span_put(b, "first_timestamp", c, c->first);
	span_put(b, "last_timestamp", c, c->last);
}
