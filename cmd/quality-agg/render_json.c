#include "json.h"
#include "render.h"

void
render_json(struct out *out, const struct view *v)
{
	result_put_json(out, v->now, v->detail);
}

void
render_json_compared(struct out *out, const struct view *v)
{
	const struct comparison *c = v->comparison;

	for (size_t i = 0; i < c->count; i++) {
		row_put(&out->buf, &v->now->by, &c->rows[i], c->every);
		out_byte(out, '\n');
	}
}
