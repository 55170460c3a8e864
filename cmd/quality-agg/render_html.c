#include <math.h>

#include "markup.h"
#include "metric.h"
#include "render.h"
#include "svg.h"
#include "trend.h"

static const char *const titles[METRICS] = { "Calls", "Latency, mean", "Latency, p95",
	"Cache hits", "Content filtered", "Disclaimer present", "Citations, mean",
	"Retrieval score, mean", "Clinicians positive" };

static void
key_put(struct out *out, const struct view *v, struct slice key)
{
	struct buf name = { 0 };

	human_key(&name, &v->now->by, key);
	markup_put(&out->buf, buf_view(&name));
	buf_free(&name);
}

/* A cell of a table; label is for where the heading is not seen. */
static void
number_cell(struct out *out, const char *class, const char *label, enum unit unit, double v)
{
	out_printf(out, "<td class=\"n %s\" data-label=\"%s\">", class, label);
	human_put(&out->buf, unit, v);
	out_str(out, "</td>");
}

/* "2026-01-05 08:00 to 2026-01-18 23:10, 6,000 calls" */
static void
extent_put(struct out *out, const struct result *r)
{
	struct instant first = { 0, 0 }, last = { 0, 0 };
	bool any = false;

	for (size_t i = 0; i < r->cell_count; i++) {
		const struct cell *c = r->cells[i];

		if (c->records == 0)
			continue;
		if (!any || instant_cmp(c->first, first) < 0)
			first = c->first;
		if (!any || instant_cmp(c->last, last) > 0)
			last = c->last;
		any = true;
	}
	human_put(&out->buf, UNIT_COUNT, (double)r->records);
	out_str(out, " calls");
	if (!any)
		return;
	out_str(out, ", ");
	human_time(&out->buf, first, 1);
	out_str(out, " to ");
	human_time(&out->buf, last, 1);
	out_str(out, " UTC");
}

static void
head_put(struct out *out, const struct view *v)
{
	out_str(out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<title>AI quality</title>\n<style>\n");
	out_str(out, style_sheet);
	out_str(
	    out, "</style>\n</head>\n<body>\n<header>\n<h1>AI quality</h1>\n<p class=\"sub\">");
	extent_put(out, v->now);
	out_str(out, "</p>\n");
	if (v->base != NULL) {
		out_str(out, "<p class=\"sub\">compared with ");
		extent_put(out, v->base);
		out_str(out, "</p>\n");
	}
	out_str(out, "</header>\n<main>\n");
}

static const char *const meanings[VERDICTS] = {
	"worse, by chance hardly, and by enough to matter",
	"something has changed or drifts that a person should look at",
	"too few lines to exclude a change that matters",
	"a worsening that matters is excluded",
	"better, by chance hardly, and by enough to matter",
};

static void
foot_put(struct out *out, const struct view *v)
{
	out_str(out, "</main>\n<footer>\n");
	if (v->base != NULL) {
		out_printf(out,
		    "<p>Shaded in a chart: where %g %% of the buckets of the baseline's kind "
		    "would be; a ring is outside. Shaded in a table: worse, and enough to "
		    "matter; the line is the %g %% interval of the change. p is adjusted "
		    "for all rows (Holm).</p>\n<dl>\n",
		    100 * (1 - v->alpha), 100 * (1 - v->alpha));
		for (enum verdict i = REGRESSED; i < VERDICTS; i++)
			out_printf(out,
			    "<dt><span class=\"badge %s\">%s</span></dt><dd>%s</dd>\n",
			    verdict_names[i], verdict_names[i], meanings[i]);
		out_str(out, "</dl>\n");
	}
	out_str(out, "<p>quality-agg " VERSION "</p>\n</footer>\n</body>\n</html>\n");
}

static void
charts_put(struct out *out, const struct view *v, const struct result_group *g)
{
	if (v->now->state->shape.every == 0)
		return;
	out_str(out, "<div class=\"charts\">\n");
	for (size_t i = 0; i < METRICS; i++) {
		struct trend t;

		trend_make(&t, v, g, i);
		out_printf(out, "<figure>\n<figcaption><span>%s</span> <b>", titles[i]);
		human_put(&out->buf, metric_unit(i), t.all);
		out_str(out, "</b></figcaption>\n");
		svg_chart(out, v, &t, metric_unit(i), titles[i]);
		out_str(out, "</figure>\n");
		trend_free(&t);
	}
	out_str(out, "</div>\n");
}

static void
dictionary_table(struct out *out, const struct view *v)
{
	out_str(out, "<table>\n<thead><tr><th scope=\"col\">Group</th>");
	for (size_t i = 0; i < METRICS; i++)
		out_printf(out, "<th scope=\"col\" class=\"n\">%s</th>", titles[i]);
	out_str(out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < v->now->count; i++) {
		const struct result_group *g = &v->now->groups[i];

		out_str(out, "<tr><th scope=\"row\">");
		key_put(out, v, g->key);
		out_str(out, "</th>");
		for (size_t m = 0; m < METRICS; m++)
			number_cell(
			    out, "", titles[m], metric_unit(m), metric_group(m, v->now, g));
		out_str(out, "</tr>\n");
	}
	out_str(out, "</tbody>\n</table>\n");
}

void
render_html(struct out *out, const struct view *v)
{
	head_put(out, v);
	if (v->now->count == 0)
		out_str(out, "<p>There is no line to show.</p>\n");
	else
		dictionary_table(out, v);
	for (size_t i = 0; i < v->now->count && v->now->state->shape.every != 0; i++) {
		out_str(out, "<section>\n<h2>");
		key_put(out, v, v->now->groups[i].key);
		out_str(out, "</h2>\n");
		charts_put(out, v, &v->now->groups[i]);
		out_str(out, "</section>\n");
	}
	foot_put(out, v);
}

static void
tiles_put(struct out *out, const struct view *v)
{
	out_str(out, "<ul class=\"tiles\">\n");
	for (enum verdict i = REGRESSED; i < VERDICTS; i++) {
		size_t n = v->comparison->verdicts[i];

		out_printf(out, "<li class=\"%s\"><b>%zu</b>%s</li>\n",
		    n > 0 ? verdict_names[i] : "none", n, verdict_names[i]);
	}
	out_str(out, "</ul>\n");
}

/* Rates change by points, the others also by a share of the baseline. */
static void
change_cell(struct out *out, const struct row *r)
{
	enum unit unit = compared_table[r->metric].unit;

	if (isnan(r->effect)) {
		out_str(out, "<td></td><td></td>");
		return;
	}
	out_str(out, "<td class=\"n\" data-label=\"Change\">");
	human_difference(&out->buf, unit, r->effect);
	if (unit != UNIT_RATE && !isnan(r->base) && r->base != 0)
		out_printf(out, " <small>%+.1f %%</small>", 100 * r->effect / fabs(r->base));
	out_str(out, "</td><td class=\"n\" data-label=\"Interval\">");
	human_interval(&out->buf, unit, r->range);
	out_str(out, "</td>");
}

static void
n_put(struct out *out, const struct row *r)
{
	out_str(out, "<td class=\"n opt\" data-label=\"n before, now\"><small>");
	human_put(&out->buf, UNIT_COUNT, (double)r->base_n);
	out_str(out, ", ");
	human_put(&out->buf, UNIT_COUNT, (double)r->now_n);
	out_str(out, "</small></td>");
}

static void
row_html(struct out *out, const struct view *v, const struct row *r)
{
	enum unit unit = compared_table[r->metric].unit;
	bool mix = compared_table[r->metric].approach == APPROACH_MIX;

	out_printf(out,
	    "<tr><td class=\"badged\"><span class=\"badge %s\">%s</span></td>"
	    "<th scope=\"row\" class=\"named\"><code>%s</code>",
	    verdict_names[r->verdict], verdict_names[r->verdict],
	    compared_table[r->metric].name);
	if (r->drifts) {
		out_str(out, " <small>drifts since ");
		human_time(&out->buf, r->since, v->now->state->shape.every);
		out_str(out, "</small>");
	}
	out_str(out, "</th>");
	if (mix) {
		out_str(out, "<td></td><td></td>");
	} else {
		number_cell(out, "", "Baseline", unit, r->base);
		number_cell(out, "", "Current", unit, r->now);
	}
	change_cell(out, r);
	out_str(out, "<td>");
	svg_interval(out, r);
	out_str(out, "</td>");
	number_cell(out, "opt", "Matters from", unit, r->min_effect);
	out_str(out, "<td class=\"n\" data-label=\"p\">");
	human_p(&out->buf, r->p_holm);
	out_str(out, "</td>");
	n_put(out, r);
	out_str(out, "</tr>\n");
}

/* Columns that are not shown where it is narrow. */
enum { MATTERS = 5, COUNTS = 7 };

/* The rows from first on of one group.  Returns how many. */
static size_t
rows_html(struct out *out, const struct view *v, size_t first)
{
	static const char *const headings[] = { "Baseline", "Current", "Change", "Interval", "",
		"Matters from", "p (Holm)", "n before, now" };
	const struct comparison *c = v->comparison;
	size_t n = 0;

	out_str(out,
	    "<table>\n<thead><tr><th scope=\"col\">Verdict</th><th scope=\"col\">Metric</th>");
	for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++)
		out_printf(out, "<%s class=\"n%s\">%s</%s>",
		    headings[i][0] == '\0' ? "td" : "th scope=\"col\"",
		    i == MATTERS || i == COUNTS ? " opt" : "", headings[i],
		    headings[i][0] == '\0' ? "td" : "th");
	out_str(out, "</tr></thead>\n<tbody>\n");
	for (; first + n < c->count && slice_eq(c->rows[first + n].key, c->rows[first].key);
	     n++)
		row_html(out, v, &c->rows[first + n]);
	out_str(out, "</tbody>\n</table>\n");
	return n;
}

/* Where to look first: the rows that are REGRESSED or SUSPECT, by group. */
static void
attention_put(struct out *out, const struct view *v)
{
	const struct comparison *c = v->comparison;
	size_t group = 0;

	if (v->now->by.count == 0 || c->verdicts[REGRESSED] + c->verdicts[SUSPECT] == 0)
		return;
	out_str(out, "<h3>To look at</h3>\n<ul>\n");
	for (enum verdict verdict = REGRESSED; verdict <= SUSPECT; verdict++, group = 0) {
		for (size_t i = 0; i < c->count; i++) {
			group += i > 0 && !slice_eq(c->rows[i].key, c->rows[i - 1].key);
			if (c->rows[i].verdict != verdict)
				continue;
			out_printf(out,
			    "<li><span class=\"badge %s\">%s</span> <code>%s</code> <a "
			    "href=\"#g%zu\">",
			    verdict_names[verdict], verdict_names[verdict],
			    compared_table[c->rows[i].metric].name, group);
			key_put(out, v, c->rows[i].key);
			out_str(out, "</a></li>\n");
		}
	}
	out_str(out, "</ul>\n");
}

void
render_html_compared(struct out *out, const struct view *v)
{
	const struct comparison *c = v->comparison;
	size_t group = 0;

	head_put(out, v);
	tiles_put(out, v);
	attention_put(out, v);
	for (size_t i = 0; i < c->count; group++) {
		const struct result_group *g = result_find(v->now, c->rows[i].key);

		out_printf(out, "<section>\n<h2 id=\"g%zu\">", group);
		key_put(out, v, c->rows[i].key);
		out_str(out, "</h2>\n");
		i += rows_html(out, v, i);
		if (g != NULL)
			charts_put(out, v, g);
		out_str(out, "</section>\n");
	}
	foot_put(out, v);
}
