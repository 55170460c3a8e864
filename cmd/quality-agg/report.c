#include "report.h"

#include "render.h"

static const struct format formats[] = {
	{ "json", render_json, render_json_compared, true },
	{ "csv", render_csv, render_csv_compared, true },
	{ "table", render_table, render_table_compared, false },
	{ "chart", render_chart, render_chart_compared, false },
	{ "html", render_html, render_html_compared, false },
	{ "prometheus", render_prometheus, render_prometheus_compared, false },
	{ "otel", render_otel, render_otel_compared, false },
	{ "junit", render_junit, render_junit_compared, true },
};

const struct format *
format_find(const char *name)
{
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(name, formats[i].name) == 0)
			return &formats[i];
	return NULL;
}

void
report_put(struct out *out, const struct format *f, const struct view *v)
{
	(v->comparison != NULL ? f->put_compared : f->put)(out, v);
}

size_t
view_cells(const struct view *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->now->count; i++)
		n += v->now->groups[i].count;
	return n;
}
