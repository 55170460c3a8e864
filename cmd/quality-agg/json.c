#include "json.h"

#include "metric.h"

enum {
	FLUSH = 64 * 1024
}; /* bytes to hold back at most, so that many groups need no memory for text */

void
time_put(struct buf *b, struct instant t)
{
	unsigned digits = 9;

	for (int32_t ns = t.ns; digits > 0 && ns % 10 == 0; ns /= 10)
		digits--;
	buf_byte(b, '"');
	instant_put(b, t, digits);
	buf_byte(b, '"');
}

void
cell_put_json(struct buf *b, const struct result *r, const struct cell *c, bool detail)
{
	buf_byte(b, '{');
	key_put_json(b, &r->by, c->key);
	if (r->state->shape.every != 0) {
		buf_str(b, "\"time\":");
		time_put(b, result_time(r, c));
		buf_byte(b, ',');
	}
	metric_put(b, c);
	if (detail)
		detail_put(b, r, c);
	buf_byte(b, '}');
}

void
result_put_json(struct out *out, const struct result *r, bool detail)
{
	if (r->records == 0) {
		if (r->by.count == 0 && r->state->shape.every == 0)
			out_str(out, "{}\n");
		return;
	}
	for (size_t i = 0; i < r->count; i++)
		for (size_t k = 0; k < r->groups[i].count; k++) {
			cell_put_json(&out->buf, r, r->groups[i].cells[k], detail);
			out_byte(out, '\n');
			if (out->buf.len >= FLUSH)
				out_flush(out);
		}
}
