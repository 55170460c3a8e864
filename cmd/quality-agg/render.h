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

/*
 * The text format of Prometheus 0.0.4, for the textfile collector: no time stamps, each group as a whole.  Keys of
 * groups are labels; of a comparison there are aiq_verdict and aiq_effect besides.
 */
void render_prometheus(struct out *out, const struct view *v);
void render_prometheus_compared(struct out *out, const struct view *v);

/*
 * What table and chart share.  heading_put: the name of a group as a line of its own, if there are groups, with
 * an empty one before it unless at is 0.  tally_put: "2 REGRESSED, 1 SUSPECT, 20 HELD"; where it is narrow
 * one a line, with its sign.
 */
void heading_put(struct out *out, const struct view *v, struct slice key, size_t at);
void tally_put(struct out *out, const struct view *v);

/* A picture of each metric over --every, made of characters; the baseline's band is shaded. */
void render_chart(struct out *out, const struct view *v);
void render_chart_compared(struct out *out, const struct view *v);

/* One page without script or anything from elsewhere; charts with --every. */
void render_html(struct out *out, const struct view *v);
void render_html_compared(struct out *out, const struct view *v);

/* One OTLP/JSON request; with --every a point for each bucket. */
void render_otel(struct out *out, const struct view *v);
void render_otel_compared(struct out *out, const struct view *v);

/* For CI servers: what fails is what makes the exit status 1. */
void render_junit(struct out *out, const struct view *v);
void render_junit_compared(struct out *out, const struct view *v);

#endif
