#include "json.h"
#include "render.h"
#include "json/scan.h"

/* Lines of JSON objects of the same members as lines of CSV. */
struct csv {
	struct out *out;
	struct json *json;
	struct buf line, text; /* the JSON; a string of it */
	bool headed;
};

static void
field_put(struct out *out, struct slice s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.len; i++)
		quoted |= s.p[i] == '"' || s.p[i] == ',' || s.p[i] == '\n' || s.p[i] == '\r';
	if (!quoted) {
		out_put(out, s);
		return;
	}
	out_byte(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"')
			out_byte(out, '"');
		out_byte(out, s.p[i]);
	}
	out_byte(out, '"');
}

static void
value_put(struct csv *c, const struct json_token *t)
{
	switch (t->type) {
	case JSON_FALSE: out_str(c->out, "false"); break;
	case JSON_TRUE: out_str(c->out, "true"); break;
	case JSON_NUMBER: out_put(c->out, t->text); break;
	case JSON_STRING: field_put(c->out, json_text(t->text, t->escaped, &c->text)); break;
	default: break; /* null */
	}
}

/* Write the names of the line's members, or their values. */
static void
members_put(struct csv *c, bool names)
{
	struct json_token t;
	struct slice outer = { NULL, 0 };
	bool first = true;

	json_begin(c->json, buf_view(&c->line));
	while (json_next(c->json, &t) == 1) {
		if (t.type == JSON_OBJECT || t.type == JSON_CLOSE) {
			outer = t.type == JSON_OBJECT ? t.key : (struct slice){ NULL, 0 };
			continue;
		}
		if (!first)
			out_byte(c->out, ',');
		first = false;
		if (!names) {
			value_put(c, &t);
			continue;
		}
		out_put(c->out, outer);
		if (outer.len > 0)
			out_byte(c->out, '.');
		out_put(c->out, t.key);
	}
	out_byte(c->out, '\n');
}

/* Turn what is in line into CSV, and empty it. */
static void
line_put(struct csv *c)
{
	memset(buf_reserve(&c->line, JSON_PADDING), 0, JSON_PADDING);
	if (!c->headed)
		members_put(c, true);
	c->headed = true;
	members_put(c, false);
	buf_reset(&c->line);
}

static void
csv_end(struct csv *c)
{
	json_free(c->json);
	buf_free(&c->line);
	buf_free(&c->text);
}

void
render_csv(struct out *out, const struct view *v)
{
	struct csv c = { .out = out, .json = json_new() };

	for (size_t i = 0; i < v->now->count; i++) {
		const struct result_group *g = &v->now->groups[i];

		for (size_t k = 0; k < g->count; k++) {
			cell_put_json(&c.line, v->now, g->cells[k], v->detail);
			line_put(&c);
		}
	}
	csv_end(&c);
}

void
render_csv_compared(struct out *out, const struct view *v)
{
	struct csv c = { .out = out, .json = json_new() };

	for (size_t i = 0; i < v->comparison->count; i++) {
		row_put(&c.line, &v->now->by, &v->comparison->rows[i], v->comparison->every);
		line_put(&c);
	}
	csv_end(&c);
}
