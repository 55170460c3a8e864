/*
 * table - rows of text in aligned columns.
 *
 * Cells are cleaned (term/style.h), so that nothing in them reaches a terminal but printable
 * characters.  Columns are as wide as their widest cell; the last one is not padded.
 */
#ifndef TERM_TABLE_H
#define TERM_TABLE_H

#include "base/out.h"
#include "term/style.h"

struct table;

/* table_new(headings, columns): headings are static strings. */
struct table *table_new(const char *const *headings, unsigned columns);

/* Add a cell, row by row; style is how it looks in colour. */
void table_cell(struct table *t, struct slice text, enum style style);

/* Add a cell of text that is harmless and takes columns columns. */
void table_cell_raw(struct table *t, struct slice text, size_t columns, enum style style);

/* Let the cells of a column, from 0, end at its right edge. */
void table_align_right(struct table *t, unsigned column);

/* The columns that the widest row takes, less what is hidden. */
size_t table_width(const struct table *t);

/* Hide columns, in the order of list (n of them), as long as the table is wider than width. */
void table_fit(struct table *t, size_t width, const unsigned *list, size_t n);

/*
 * table_put(t, out, width, color):
 * Write headings and rows.  A width other than 0 is that of a terminal: what goes beyond it is cut.
 */
void table_put(const struct table *t, struct out *out, unsigned width, bool color);

/* Accepts NULL. */
void table_free(struct table *t);

#endif
