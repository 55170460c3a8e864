/*
 * svg - pictures within a page: a course over time, and an interval beside what matters.
 *
 * Colours come from the classes that style_sheet has.
 */
#ifndef QUALITY_SVG_H
#define QUALITY_SVG_H

#include "base/out.h"
#include "compare.h"
#include "trend.h"

/* The CSS of the page (html_style.c). */
extern const char style_sheet[];

/* A chart of t, with axes and the baseline's band; label says what of. */
void svg_chart(struct out *out, const struct view *v, const struct trend *t, enum unit unit,
    const char *label);

/* The interval of a row on a line from worse to better, what matters shaded; nothing without one. */
void svg_interval(struct out *out, const struct row *r);

#endif
