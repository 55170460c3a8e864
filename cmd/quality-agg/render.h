/*
 * render - the output formats: one file each.
 *
 * X_put writes the dictionary of every cell, X_put_compared the rows of a comparison.
 */
#ifndef QUALITY_RENDER_H
#define QUALITY_RENDER_H

#include "report.h"

void json_put(struct out *out, const struct view *v);
void json_put_compared(struct out *out, const struct view *v);

/*
 * RFC 4180, but for the ends of lines, which are LF alone: a heading, then the members of the JSON in the
 * same order, those of an object as "object.member"; null is an empty field.
 */
void csv_put(struct out *out, const struct view *v);
void csv_put_compared(struct out *out, const struct view *v);

#endif
