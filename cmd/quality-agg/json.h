/*
 * json - a result as JSON lines: the dictionary of each group and span of time, and its details.
 *
 * Numbers and strings as JSON.stringify writes them, no blanks.
 */
#ifndef QUALITY_JSON_H
#define QUALITY_JSON_H

#include "base/out.h"
#include "result.h"

/* One line for each cell of r; if there is none, "{}" where there could be but one, else nothing. */
void result_put_json(struct out *out, const struct result *r, bool detail);

/* Append the object of a cell of r. */
void cell_put_json(struct buf *b, const struct result *r, const struct cell *c, bool detail);

/* Find what detail_put will need of all cells, by so many threads; it does without, but one after the other. */
void detail_prepare(struct result *r, unsigned jobs);

/* Append what --detail says of a cell, a comma before each member. */
void detail_put(struct buf *b, const struct result *r, const struct cell *c);

/* Append t as JSON: UTC, no more digits of a fraction than it has. */
void time_put(struct buf *b, struct instant t);

#endif
