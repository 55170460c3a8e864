#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "metric.h"
#include "render.h"
#include "term/spark.h"
#include "term/table.h"
#include "trend.h"

enum {
	NARROW = 60,    /* columns of a terminal: below, verdicts are single characters */
	WIDE = 80,      /* from here on there is room for the extremes beside a trend */
	TREND_MAX = 60, /* columns of a trend */
	TREND_MIN = 4,
	TREND_BESIDE = 36, /* what a metric and its value take */
	EXTREMES = 26,     /* what these take */
};

static enum style
verdict_style(enum verdict v)
{
	static const enum style styles[VERDICTS] = { STYLE_RED, STYLE_YELLOW, STYLE_NONE,
		STYLE_DIM, STYLE_GREEN };

	return styles[v];
}

/* How wide a trend may be beside columns of other things. */
static size_t
trend_room(const struct view *v, size_t beside)
{
	size_t room = v->width == 0 ? TREND_MAX : v->width > beside ? v->width - beside : 0;

	return room > TREND_MAX ? TREND_MAX : room < TREND_MIN ? TREND_MIN : room;
}

static void
number_cell(struct table *t, enum unit unit, double v, enum style style)
{
	struct buf text = { 0 };

	human_put(&text, unit, v);
	table_cell(t, buf_view(&text), style);
	buf_free(&text);
}

static void
spark_cell(struct table *t, const struct view *v, const double *values, size_t n, double low,
    double high, enum style style)
{
	struct buf text = { 0 };

	spark_put(&text, values, n, low, high, v->unicode);
	table_cell_raw(t, buf_view(&text), n, style);
	buf_free(&text);
}

void
heading_put(struct out *out, const struct view *v, struct slice key, size_t at)
{
	struct buf name = { 0 }, clean = { 0 };

	if (v->now->by.count == 0)
		return;
	human_key(&name, &v->now->by, key);
	style_clean(&clean, buf_view(&name));
	if (at > 0)
		out_byte(out, '\n');
	out_str(out, v->color ? style_begin(STYLE_BOLD) : "");
	out_put(out, v->width == 0 ? buf_view(&clean) : style_cut(buf_view(&clean), v->width));
	out_str(out, v->color ? style_end(STYLE_BOLD) : "");
	out_byte(out, '\n');
	buf_free(&name);
	buf_free(&clean);
}

/* One metric a row, with its course if there are buckets. */
static void
block_put(struct out *out, const struct view *v, const struct result_group *g)
{
	static const char *const headings[] = { "metric", "all", "least", "most", "trend" };
	static const unsigned extremes[] = { 2, 3 };
	bool every = v->now->state->shape.every != 0;
	struct table *t = table_new(headings, every ? 5 : 2);
	bool wide = v->width == 0 || v->width >= WIDE;
	size_t room = trend_room(v, wide ? TREND_BESIDE + EXTREMES : TREND_BESIDE);
	double *parts = xmalloc((room + 1) * sizeof *parts);

	table_align_right(t, 1);
	for (size_t i = 0; i < METRICS; i++) {
		struct trend trend;
		size_t n;

		trend_make(&trend, v, g, i);
		table_cell(t, slice_of(metric_names[i]), STYLE_NONE);
		number_cell(t, metric_unit(i), trend.all, STYLE_BOLD);
		if (every) {
			n = trend_parts(&trend, room);
			trend_columns(&trend, n, parts);
			number_cell(t, metric_unit(i), trend.low, STYLE_DIM);
			number_cell(t, metric_unit(i), trend.high, STYLE_DIM);
			spark_cell(t, v, parts, n, trend.low, trend.high, STYLE_NONE);
		}
		trend_free(&trend);
	}
	if (every) {
		table_align_right(t, 2);
		table_align_right(t, 3);
		if (!wide)
			table_fit(t, 0, extremes, 2);
	}
	table_put(t, out, v->width, v->color);
	table_free(t);
	free(parts);
}

static const char *const short_names[METRICS] = { "calls", "latency", "p95", "cache hit",
	"filtered", "disclaimer", "citations", "score", "positive" };

/* One group a row. */
static struct table *
groups_table(const struct view *v)
{
	const struct by *by = &v->now->by;
	const char *headings[BY_MAX + METRICS];
	unsigned columns = by->count + METRICS;
	struct table *t;

	for (unsigned i = 0; i < by->count; i++)
		headings[i] = field_table[by->field[i]].name;
	memcpy(headings + by->count, short_names, sizeof short_names);
	t = table_new(headings, columns);
	for (size_t i = 0; i < v->now->count; i++) {
		const struct result_group *g = &v->now->groups[i];
		struct slice key = g->key, text;
		int kind;

		while (key_next(&key, &kind, &text))
			table_cell(t, kind == KEY_STRING ? text : key_word(kind),
			    kind == KEY_NULL ? STYLE_DIM : STYLE_NONE);
		for (size_t m = 0; m < METRICS; m++)
			number_cell(t, metric_unit(m), metric_group(m, v->now, g), STYLE_NONE);
	}
	for (unsigned i = by->count; i < columns; i++)
		table_align_right(t, i);
	return t;
}

void
render_table(struct out *out, const struct view *v)
{
	struct table *t = NULL;

	if (v->now->state->shape.every == 0 && v->now->by.count > 0 && v->now->count > 0)
		t = groups_table(v);
	if (t != NULL && (v->width == 0 || table_width(t) <= v->width)) {
		table_put(t, out, v->width, v->color);
	} else {
		for (size_t i = 0; i < v->now->count; i++) {
			heading_put(out, v, v->now->groups[i].key, i);
			block_put(out, v, &v->now->groups[i]);
		}
	}
	table_free(t);
}

static bool
is_narrow(const struct view *v)
{
	return v->width != 0 && v->width < NARROW;
}

/* What a verdict is called where there is no room for its name. */
static const char *const signs[VERDICTS] = { "!", "?", "~", "=", "+" };

void
tally_put(struct out *out, const struct view *v)
{
	const size_t *n = v->comparison->verdicts;
	bool first = true;

	for (enum verdict i = REGRESSED; i < VERDICTS; i++) {
		enum style style = v->color ? verdict_style(i) : STYLE_NONE;

		if (n[i] == 0)
			continue;
		if (!first)
			out_str(out, is_narrow(v) ? "\n" : ", ");
		first = false;
		out_str(out, style_begin(style));
		out_printf(out, "%s%s%zu %s", is_narrow(v) ? signs[i] : "",
		    is_narrow(v) ? " " : "", n[i], verdict_names[i]);
		out_str(out, style_end(style));
	}
	out_byte(out, '\n');
}

static void
text_cell(struct table *t, struct buf *text, enum style style)
{
	table_cell(t, buf_view(text), style);
	buf_reset(text);
}

/* What of a row can be said in words. */
static void
row_cells(struct table *t, const struct view *v, const struct row *r)
{
	enum style style = verdict_style(r->verdict);
	enum unit unit = compared_table[r->metric].unit;
	struct buf text = { 0 };

	table_cell(
	    t, slice_of(is_narrow(v) ? signs[r->verdict] : verdict_names[r->verdict]), style);
	table_cell(t, slice_of(compared_table[r->metric].name), style);
	human_difference(&text, unit, r->effect);
	text_cell(t, &text, style);
	if (unit != UNIT_RATE && r->base != 0 && !isnan(r->base) && !isnan(r->effect))
		buf_printf(&text, "%+.1f %%", 100 * r->effect / fabs(r->base));
	text_cell(t, &text, style);
	number_cell(t, unit, r->base, STYLE_NONE);
	number_cell(t, unit, r->now, STYLE_NONE);
	human_interval(&text, unit, r->range);
	text_cell(t, &text, STYLE_NONE);
	number_cell(t, unit, r->min_effect, STYLE_DIM);
	human_p(&text, r->p_holm);
	text_cell(t, &text, STYLE_DIM);
	buf_free(&text);
}

/* The course of what was compared. */
static void
course_cell(struct table *t, const struct view *v, const struct row *r, size_t room)
{
	const struct result_group *g = result_find(v->now, r->key);
	struct trend trend;
	double *parts = xmalloc((room + 1) * sizeof *parts);
	struct buf since = { 0 };
	size_t n = 0;

	trend_make_compared(&trend, v, g, r->metric);
	if (!isnan(trend.low)) {
		n = trend_parts(&trend, room);
		trend_columns(&trend, n, parts);
	}
	spark_cell(t, v, parts, n, trend.low, trend.high, verdict_style(r->verdict));
	trend_free(&trend);
	free(parts);
	if (r->drifts)
		human_time(&since, r->since, v->now->state->shape.every);
	table_cell(t, buf_view(&since), verdict_style(r->verdict));
	buf_free(&since);
}

/* The rows from first on that are about one group.  Returns how many. */
static size_t
compared_block(struct out *out, const struct view *v, size_t first)
{
	static const char *const headings[] = { "verdict", "metric", "change", "", "baseline",
		"current", "interval", "matters from", "p (Holm)", "trend", "drifts since" };
	static const unsigned drop[] = { 7, 8, 6, 4, 5, 3, 9, 10 };
	const struct comparison *c = v->comparison;
	static const char *const narrow[] = { "", "metric", "change", "", "baseline", "current",
		"interval", "matters from", "p (Holm)", "trend", "drifts since" };
	struct table *t = table_new(is_narrow(v) ? narrow : headings, c->every ? 11 : 9);
	size_t n = 0;

	for (; first + n < c->count && slice_eq(c->rows[first + n].key, c->rows[first].key);
	     n++) {
		row_cells(t, v, &c->rows[first + n]);
		if (c->every)
			course_cell(t, v, &c->rows[first + n],
			    v->width == 0 || v->width > 150 ? 30 : 14);
	}
	for (unsigned i = 2; i < 9; i++)
		table_align_right(t, i);
	if (v->width != 0)
		table_fit(t, v->width, drop, c->every ? 8 : 6);
	table_put(t, out, v->width, v->color);
	table_free(t);
	return n;
}

void
render_table_compared(struct out *out, const struct view *v)
{
	const struct comparison *c = v->comparison;

	tally_put(out, v);
	for (size_t i = 0; i < c->count;) {
		out_byte(out, '\n');
		heading_put(out, v, c->rows[i].key, 0);
		i += compared_block(out, v, i);
	}
}
