#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "metric.h"
#include "render.h"
#include "term/spark.h"
#include "term/style.h"
#include "trend.h"

enum {
	ROWS = 6,
	LABEL = 10,        /* columns for values at the left */
	COLUMNS_MAX = 100, /* of a picture */
	COLUMNS_ELSE = 78, /* of the whole, if there is no terminal */
};

/* "avg_latency_ms  683.7 ms  (baseline 640 ms, 601 ms to 688 ms)" */
static void
title_put(struct out *out, const struct view *v, const struct trend *t, size_t metric)
{
	enum unit unit = metric_unit(metric);
	struct buf text = { 0 };

	buf_printf(&text, "%s  ", metric_names[metric]);
	human_put(&text, unit, t->all);
	if (t->has_band) {
		buf_str(&text, "  (baseline ");
		human_put(&text, unit, t->band.middle);
		buf_byte(&text, ')');
	}
	out_byte(out, '\n');
	out_put(out, v->width == 0 ? buf_view(&text) : style_cut(buf_view(&text), v->width));
	out_byte(out, '\n');
	buf_free(&text);
}

/* What stands at the left of a row: the values of the highest, the middle and the lowest. */
static void
label_put(struct out *out, const struct plot *p, enum unit unit, size_t row)
{
	struct buf text = { 0 };

	if (row == 0)
		human_put(&text, unit, p->high);
	else if (row == ROWS - 1)
		human_put(&text, unit, p->low);
	out_printf(out, "%*s ", LABEL, buf_cstr(&text));
	buf_free(&text);
}

static void
times_put(struct out *out, const struct view *v, const struct trend *t, size_t columns)
{
	int64_t every = v->now->state->shape.every;
	struct buf first = { 0 }, last = { 0 };
	int gap;

	human_time(&first, (struct instant){ t->start, 0 }, every);
	if (t->span > 1)
		human_time(
		    &last, (struct instant){ t->start + (t->span - 1) * every, 0 }, every);
	gap = (int)columns - (int)first.len - (int)last.len;
	out_printf(out, "%*s%s", LABEL + 1, "", buf_cstr(&first));
	if (gap > 0)
		out_printf(out, "%*s%s", gap, "", buf_cstr(&last));
	out_byte(out, '\n');
	buf_free(&first);
	buf_free(&last);
}

static void
picture_put(struct out *out, const struct view *v, const struct trend *t, enum unit unit)
{
	size_t width = v->width == 0 ? COLUMNS_ELSE : v->width;
	size_t columns = width > 2 * LABEL ? width - LABEL - 1 : LABEL;
	struct plot p = {
		.columns = columns > COLUMNS_MAX ? COLUMNS_MAX : columns,
		.rows = ROWS,
		.low = t->low,
		.high = t->high,
		.band = t->has_band,
		.band_low = t->band.low,
		.band_high = t->band.high,
		.unicode = v->unicode,
		.color = v->color,
	};
	double *parts;

	p.n = trend_parts(t, 2 * p.columns);
	parts = xmalloc((p.n + 1) * sizeof *parts);
	trend_columns(t, p.n, parts);
	p.v = parts;
	for (size_t row = 0; row < ROWS; row++) {
		label_put(out, &p, unit, row);
		plot_row(&out->buf, &p, row);
		out_byte(out, '\n');
	}
	times_put(out, v, t, p.columns);
	free(parts);
}

static void
group_put(struct out *out, const struct view *v, const struct result_group *g)
{
	for (size_t i = 0; i < METRICS; i++) {
		struct trend t;

		trend_make(&t, v, g, i);
		title_put(out, v, &t, i);
		if (!isnan(t.low))
			picture_put(out, v, &t, metric_unit(i));
		trend_free(&t);
	}
}

void
render_chart(struct out *out, const struct view *v)
{
	if (v->now->state->shape.every == 0) { /* a state without buckets */
		render_table(out, v);
		return;
	}
	for (size_t i = 0; i < v->now->count; i++) {
		heading_put(out, v, v->now->groups[i].key, i);
		group_put(out, v, &v->now->groups[i]);
	}
}

void
render_chart_compared(struct out *out, const struct view *v)
{
	tally_put(out, v);
	out_byte(out, '\n');
	render_chart(out, v);
}
