/*
 * render - the output formats: one file each.
 *
 * render_X writes the dictionary of every cell, render_X_compared the rows of a comparison.
 */
#ifndef QUALITY_RENDER_H
#define QUALITY_RENDER_H

#include "report.h"

void render_json(struct out *out, const struct view *v);
void render_json_compared(struct out *out, const struct view *v);

/*
 * RFC 4180, but for the ends of lines, which are LF alone: a heading, then the members of the JSON in the
 * same order, those of an object as "object.member"; null is an empty field.
 */
void render_csv(struct out *out, const struct view *v);
void render_csv_compared(struct out *out, const struct view *v);

/* For a terminal, or for a text that is pasted somewhere: aligned, coloured, sparklines over --every. */
void render_table(struct out *out, const struct view *v);
void render_table_compared(struct out *out, const struct view *v);

#endif
