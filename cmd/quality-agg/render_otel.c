#include <math.h>

#include "measure.h"
#include "render.h"
#include "json/write.h"

/*
 * An ExportMetricsServiceRequest in the JSON of the OpenTelemetry protocol (opentelemetry-proto,
 * "JSON Protobuf Encoding"): lowerCamelCase names, 64-bit integers as strings.
 */

/* Writes a comma before all but the first of a list. */
static void
comma(struct buf *b, bool *first)
{
	if (!*first)
		buf_byte(b, ',');
	*first = false;
}

static void
attribute_start(struct buf *b, bool *first, const char *name)
{
	comma(b, first);
	buf_printf(b, "{\"key\":\"%s\",\"value\":{", name);
}

static void
attribute_text(struct buf *b, bool *first, const char *name, const char *value)
{
	attribute_start(b, first, name);
	buf_printf(b, "\"stringValue\":\"%s\"}}", value);
}

static void
attributes_of_key(struct buf *b, bool *first, const struct by *by, struct slice key)
{
	struct slice text;
	int kind;

	for (unsigned i = 0; i < by->count && key_next(&key, &kind, &text); i++) {
		if (kind == KEY_NULL)
			continue;
		attribute_start(b, first, field_table[by->field[i]].name);
		if (kind == KEY_STRING) {
			buf_str(b, "\"stringValue\":");
			json_put_string(b, text, JSON_UTF8);
		} else {
			buf_printf(b, "\"boolValue\":%s", kind == KEY_TRUE ? "true" : "false");
		}
		buf_str(b, "}}");
	}
}

/* Nanoseconds since 1970; the protocol has none before, nor after 2554. */
static void
nanoseconds_put(struct buf *b, const char *name, struct instant t)
{
	uint64_t ns = 0;

	if (t.s < 0 || __builtin_mul_overflow((uint64_t)t.s, UINT64_C(1000000000), &ns) ||
	    __builtin_add_overflow(ns, (uint64_t)t.ns, &ns))
		ns = 0;
	buf_printf(b, "\"%s\":\"%llu\"", name, (unsigned long long)ns);
}

/* A part of the result that has points of its own: a group, or with --every one bucket of it. */
struct part {
	struct result_group group;
	struct instant start, end;
};

static struct part
part_get(const struct view *v, const struct result_group *g, size_t bucket)
{
	int64_t every = v->now->state->shape.every;
	struct part p = { .group = *g };

	if (every == 0) {
		p.start = g->cells[0]->first;
		p.end = g->cells[0]->last;
		return p;
	}
	p.group.cells += bucket;
	p.group.count = 1;
	p.group.records = p.group.cells[0]->records;
	p.start = result_time(v->now, p.group.cells[0]);
	p.end = (struct instant){ p.start.s + every, 0 };
	return p;
}

static void
point_start(struct buf *b, bool *first, const struct view *v, const struct part *p)
{
	bool none = true;

	comma(b, first);
	buf_str(b, "{\"attributes\":[");
	attributes_of_key(b, &none, &v->now->by, p->group.key);
	buf_str(b, "],");
	nanoseconds_put(b, "startTimeUnixNano", p->start);
	buf_byte(b, ',');
	nanoseconds_put(b, "timeUnixNano", p->end);
}

static void
metric_start(struct buf *b, bool *first, const char *name, const char *unit, const char *help,
    const char *kind)
{
	comma(b, first);
	buf_printf(b,
	    "{\"name\":\"%s\",\"unit\":\"%s\",\"description\":\"%s\",\"%s\":{\"dataPoints\":[",
	    name, unit, help, kind);
}

/* Every part of the result in turn; fn appends its point, if it has one. */
static void
points_put(struct buf *b, const struct view *v, const struct measure *m,
    void (*fn)(struct buf *b, bool *first, const struct view *v, const struct measure *m,
	const struct part *p))
{
	bool first = true;

	for (size_t i = 0; i < v->now->count; i++) {
		const struct result_group *g = &v->now->groups[i];

		for (size_t k = 0; k < g->count; k++) {
			struct part p = part_get(v, g, k);

			fn(b, &first, v, m, &p);
		}
	}
	buf_str(b, "]}}");
}

static void
gauge_point(struct buf *b, bool *first, const struct view *v, const struct measure *m,
    const struct part *p)
{
	double value = measure_value(m, v->now, &p->group);

	if (isnan(value))
		return;
	point_start(b, first, v, p);
	if (m->metric == 0) {
		buf_printf(b, ",\"asInt\":\"%.0f\"}", value);
		return;
	}
	buf_str(b, ",\"asDouble\":");
	json_put_double(b, value);
	buf_byte(b, '}');
}

static void
summary_point(struct buf *b, bool *first, const struct view *v, const struct measure *m,
    const struct part *p)
{
	struct latency l;

	(void)m;
	if (!latency_get(&l, v->now, &p->group))
		return;
	point_start(b, first, v, p);
	buf_printf(b, ",\"count\":\"%llu\",\"sum\":", (unsigned long long)l.count);
	json_put_double(b, l.sum);
	buf_str(b, ",\"quantileValues\":[");
	for (int i = 0; i < LATENCY_RANKS; i++) {
		buf_printf(
		    b, "%s{\"quantile\":%s,\"value\":", i > 0 ? "," : "", latency_quantiles[i]);
		json_put_double(b, l.at[i]);
		buf_byte(b, '}');
	}
	buf_str(b, "]}");
}

static void
dictionary_put(struct buf *b, const struct view *v, bool *first)
{
	for (size_t i = 0; i < MEASURES; i++) {
		const struct measure *m = &measures[i];

		metric_start(b, first, m->otel, m->unit, m->help, "gauge");
		points_put(b, v, m, gauge_point);
		if (i > 0)
			continue;
		metric_start(b, first, "aiq.latency", "s", "Time that a call took.", "summary");
		points_put(b, v, m, summary_point);
	}
}

/* The time that a comparison is of: the latest of the current records. */
static struct instant
present(const struct view *v)
{
	struct instant last = { 0, 0 };

	for (size_t i = 0; i < v->now->cell_count; i++)
		if (v->now->cells[i]->records > 0 &&
		    instant_cmp(v->now->cells[i]->last, last) > 0)
			last = v->now->cells[i]->last;
	return last;
}

static void
row_point(struct buf *b, bool *first, const struct view *v, const struct row *r, bool verdict)
{
	bool none = true;

	if (!verdict && isnan(r->effect))
		return;
	comma(b, first);
	buf_str(b, "{\"attributes\":[");
	attributes_of_key(b, &none, &v->now->by, r->key);
	attribute_text(b, &none, "metric", compared_table[r->metric].name);
	if (verdict)
		attribute_text(b, &none, "verdict", verdict_names[r->verdict]);
	buf_str(b, "],");
	nanoseconds_put(b, "timeUnixNano", present(v));
	buf_str(b, ",\"asDouble\":");
	json_put_double(b, verdict ? 1 : r->effect);
	buf_byte(b, '}');
}

static void
rows_put(struct buf *b, const struct view *v, bool *first, bool verdict)
{
	bool none = true;

	if (verdict)
		metric_start(
		    b, first, "aiq.verdict", "1", "1 for the verdict on a metric.", "gauge");
	else
		metric_start(b, first, "aiq.effect", "1",
		    "Change of a metric from its baseline.", "gauge");
	for (size_t i = 0; i < v->comparison->count; i++)
		row_point(b, &none, v, &v->comparison->rows[i], verdict);
	buf_str(b, "]}}");
}

static void
request_start(struct buf *b)
{
	buf_str(b,
	    "{\"resourceMetrics\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\","
	    "\"value\":"
	    "{\"stringValue\":\"quality-agg\"}}]},\"scopeMetrics\":[{\"scope\":{\"name\":"
	    "\"quality-agg\",\"version\":\"" VERSION "\"},\"metrics\":[");
}

void
render_otel(struct out *out, const struct view *v)
{
	bool first = true;

	request_start(&out->buf);
	dictionary_put(&out->buf, v, &first);
	out_str(out, "]}]}]}\n");
}

void
render_otel_compared(struct out *out, const struct view *v)
{
	bool first = true;

	request_start(&out->buf);
	dictionary_put(&out->buf, v, &first);
	rows_put(&out->buf, v, &first, true);
	rows_put(&out->buf, v, &first, false);
	out_str(out, "]}]}]}\n");
}
