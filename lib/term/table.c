#include "term/table.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"

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
	bool *right, *hidden;
};

struct table *
table_new(const char *const *headings, unsigned columns)
{
	struct table *t = xzalloc(1, sizeof *t);

	t->columns = columns;
	t->widths = xzalloc(columns, sizeof *t->widths);
	t->right = xzalloc(columns, sizeof *t->right);
	t->hidden = xzalloc(columns, sizeof *t->hidden);
	for (unsigned i = 0; i < columns; i++)
		table_cell(t, slice_of(headings[i]), STYLE_BOLD);
	return t;
}

void
table_cell_raw(struct table *t, struct slice text, size_t columns, enum style style)
{
	size_t *width = &t->widths[t->n % t->columns];

	if (t->n == t->cap) {
		t->cap = t->cap == 0 ? 64 : t->cap * 2;
		t->cells = xrealloc(t->cells, t->cap, sizeof *t->cells);
	}
	t->cells[t->n++] = (struct cell){ t->text.len, text.len, columns, style };
	buf_slice(&t->text, text);
	if (columns > *width)
		*width = columns;
}

void
table_cell(struct table *t, struct slice text, enum style style)
{
	struct buf clean = { 0 };

	style_clean(&clean, text);
	table_cell_raw(t, buf_view(&clean), style_columns(buf_view(&clean)), style);
	buf_free(&clean);
}

void
table_align_right(struct table *t, unsigned column)
{
	t->right[column] = true;
}

size_t
table_width(const struct table *t)
{
	size_t width = 0;

	for (unsigned i = 0; i < t->columns; i++)
		if (!t->hidden[i])
			width += t->widths[i] + (width > 0 ? GAP : 0);
	return width;
}

void
table_fit(struct table *t, size_t width, const unsigned *list, size_t n)
{
	for (size_t i = 0; i < n && table_width(t) > width; i++)
		t->hidden[list[i]] = true;
}

static void
put_cell(const struct table *t, struct out *out, const struct cell *c, size_t room, bool color)
{
	struct slice text = { c->len == 0 ? "" : t->text.p + c->offset, c->len };
	bool styled = color && c->style != STYLE_NONE && c->len > 0;

	if (c->columns > room)
		text = style_cut(text, room);
	if (styled)
		out_str(out, style_begin(c->style));
	out_put(out, text);
	if (styled)
		out_str(out, style_end(c->style));
}

static void
put_row(const struct table *t, struct out *out, const struct cell *row, size_t room, bool color)
{
	size_t pad = 0;

	for (unsigned i = 0; i < t->columns && room > 0; i++) {
		const struct cell *c = &row[i];
		size_t blank = t->widths[i] - c->columns;

		if (t->hidden[i])
			continue;
		if (t->right[i] && blank >= room)
			break; /* all of it is beyond the edge */
		if (t->right[i])
			pad += blank;
		if (c->len > 0 && pad > 0)
			out_printf(out, "%*s", (int)pad, "");
		if (c->len > 0)
			pad = 0;
		put_cell(t, out, c, t->right[i] ? room - blank : room, color);
		pad += (t->right[i] ? 0 : blank) + GAP;
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
	free(t->right);
	free(t->hidden);
	free(t);
}
