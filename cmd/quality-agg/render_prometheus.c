#include <math.h>

#include "measure.h"
#include "render.h"
#include "json/write.h"

static void
label_value(struct buf *b, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '\n') {
			buf_str(b, "\\n");
			continue;
		}
		if (text.p[i] == '"' || text.p[i] == '\\')
			buf_byte(b, '\\');
		buf_byte(b, text.p[i]);
	}
}

/* Labels are opened by the first; null is none, as an empty label is to Prometheus. */
static void
label_put(struct buf *b, bool *open, const char *name, struct slice value)
{
	buf_printf(b, "%s%s=\"", *open ? "," : "{", name);
	label_value(b, value);
	buf_byte(b, '"');
	*open = true;
}

static void
labels_of_key(struct buf *b, bool *open, const struct by *by, struct slice key)
{
	struct slice text;
	int kind;

	for (unsigned i = 0; i < by->count && key_next(&key, &kind, &text); i++)
		if (kind != KEY_NULL)
			label_put(b, open, field_table[by->field[i]].name,
			    kind == KEY_STRING ? text : key_word(kind));
}

static void
sample_end(struct buf *b, bool open, double v)
{
	buf_str(b, open ? "} " : " ");
	json_put_double(b, v);
	buf_byte(b, '\n');
}

static void
head_put(struct out *out, const char *name, const char *help, const char *type)
{
	out_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
measure_put(struct out *out, const struct view *v, const struct measure *m)
{
	bool headed = false;

	for (size_t i = 0; i < v->now->count; i++) {
		const struct result_group *g = &v->now->groups[i];
		double value = measure_value(m, v->now, g);
		bool open = false;

		if (isnan(value))
			continue;
		if (!headed)
			head_put(out, m->prometheus, m->help, "gauge");
		headed = true;
		out_str(out, m->prometheus);
		labels_of_key(&out->buf, &open, &v->now->by, g->key);
		sample_end(&out->buf, open, value);
	}
}

static void
summary_sample(struct out *out, const struct view *v, struct slice key, const char *suffix,
    const char *quantile, double value)
{
	bool open = false;

	out_printf(out, "aiq_latency_seconds%s", suffix);
	labels_of_key(&out->buf, &open, &v->now->by, key);
	if (quantile != NULL)
		label_put(&out->buf, &open, "quantile", slice_of(quantile));
	sample_end(&out->buf, open, value);
}

static void
latency_put(struct out *out, const struct view *v)
{
	bool headed = false;

	for (size_t i = 0; i < v->now->count; i++) {
		const struct result_group *g = &v->now->groups[i];
		struct latency l;

		if (!latency_get(&l, v->now, g))
			continue;
		if (!headed)
			head_put(
			    out, "aiq_latency_seconds", "Time that a call took.", "summary");
		headed = true;
		for (int k = 0; k < LATENCY_RANKS; k++)
			summary_sample(out, v, g->key, "", latency_quantiles[k], l.at[k]);
		summary_sample(out, v, g->key, "_sum", NULL, l.sum);
		summary_sample(out, v, g->key, "_count", NULL, (double)l.count);
	}
}

void
render_prometheus(struct out *out, const struct view *v)
{
	for (size_t i = 0; i < MEASURES; i++) {
		measure_put(out, v, &measures[i]);
		if (i == 0)
			latency_put(out, v);
	}
}

static void
row_sample(
    struct out *out, const struct view *v, const struct row *r, bool verdict, double value)
{
	bool open = false;

	out_str(out, verdict ? "aiq_verdict" : "aiq_effect");
	labels_of_key(&out->buf, &open, &v->now->by, r->key);
	label_put(&out->buf, &open, "metric", slice_of(compared_table[r->metric].name));
	if (verdict)
		label_put(&out->buf, &open, "verdict", slice_of(verdict_names[r->verdict]));
	sample_end(&out->buf, open, value);
}

void
render_prometheus_compared(struct out *out, const struct view *v)
{
	const struct comparison *c = v->comparison;
	bool headed = false;

	render_prometheus(out, v);
	head_put(out, "aiq_verdict", "1 for the verdict on a metric.", "gauge");
	for (size_t i = 0; i < c->count; i++)
		row_sample(out, v, &c->rows[i], true, 1);
	for (size_t i = 0; i < c->count; i++) {
		if (isnan(c->rows[i].effect))
			continue;
		if (!headed)
			head_put(out, "aiq_effect", "Change of a metric from its baseline.",
			    "gauge");
		headed = true;
		row_sample(out, v, &c->rows[i], false, c->rows[i].effect);
	}
}
