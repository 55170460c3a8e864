#include "term/table.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"

enum { GAP = 2 }; /* blanks between columns */

struct cell {
	size_t offset, len; /* of its text */
	size_t columns;
	enum style style;
};

struct table {
	unsigned columns;
	struct buf text; /* of all cells */
	struct cell *cells;
	size_t n, cap;
	size_t *widths;
};

struct table *
table_new(const char *const *headings, unsigned columns)
{
	struct table *t = xzalloc(1, sizeof *t);

	t->columns = columns;
	t->widths = xzalloc(columns, sizeof *t->widths);
	for (unsigned i = 0; i < columns; i++)
		table_cell(t, slice_of(headings[i]), STYLE_BOLD);
	return t;
}

void
table_cell(struct table *t, struct slice text, enum style style)
{
	struct buf clean = { 0 };
	struct cell *c;
	size_t *width = &t->widths[t->n % t->columns];

	if (t->n == t->cap) {
		t->cap = t->cap == 0 ? 64 : t->cap * 2;
		t->cells = xrealloc(t->cells, t->cap, sizeof *t->cells);
	}
	style_clean(&clean, text);
	c = &t->cells[t->n++];
	*c = (struct cell){ t->text.len, clean.len, style_columns(buf_view(&clean)), style };
	buf_slice(&t->text, buf_view(&clean));
	if (c->columns > *width)
		*width = c->columns;
	buf_free(&clean);
}

/* The longest start of text that takes at most columns. */
static struct slice
cut(struct slice text, size_t columns)
{
	size_t end = 0;

	while (end < text.len) {
		unsigned n = utf8_get(text.p + end, text.p + text.len, NULL);
		size_t next = end + (n == 0 ? 1 : n);

		if (style_columns((struct slice){ text.p, next }) > columns)
			break;
		end = next;
	}
	return (struct slice){ text.p, end };
}

static void
put_row(const struct table *t, struct out *out, const struct cell *row, size_t room, bool color)
{
	size_t pad = 0;

	for (unsigned i = 0; i < t->columns && room > 0; i++) {
		const struct cell *c = &row[i];
		struct slice text = { c->len == 0 ? "" : t->text.p + c->offset, c->len };
		bool styled = color && c->style != STYLE_NONE && c->len > 0;

		if (c->len > 0 && pad > 0)
			out_printf(out, "%*s", (int)pad, "");
		if (c->len > 0)
			pad = 0;
		if (c->columns > room)
			text = cut(text, room);
		if (styled)
			out_str(out, style_begin(c->style));
		out_put(out, text);
		if (styled)
			out_str(out, style_end(c->style));
		pad += t->widths[i] - c->columns + GAP;
		room = room > t->widths[i] + GAP ? room - t->widths[i] - GAP : 0;
	}
	out_byte(out, '\n');
}

void
table_put(const struct table *t, struct out *out, unsigned width, bool color)
{
	for (size_t i = 0; i + t->columns <= t->n; i += t->columns)
		put_row(t, out, t->cells + i, width == 0 ? SIZE_MAX : width, color);
}

void
table_free(struct table *t)
{
	if (t == NULL)
		return;
	buf_free(&t->text);
	free(t->cells);
	free(t->widths);
	free(t);
}
