/*
 * report - a result, or its comparison with a baseline, in one of the formats.
 *
 * The formats are a table (render.h has their functions).
 */
#ifndef QUALITY_REPORT_H
#define QUALITY_REPORT_H

#include "base/out.h"
#include "compare.h"

/* What is to be shown, and how. */
struct view {
	const struct result *now;
	const struct result *base;           /* NULL: there is no baseline */
	const struct comparison *comparison; /* of the two, else NULL */
	const bool
	    *failed; /* --fail-if holds, by cell in order of output; NULL: was not asked */
	double alpha;
	bool detail;
	bool color, unicode; /* for a terminal */
	unsigned width;      /* of it; 0: none */
};

struct format {
	const char *name;
	void (*put)(struct out *out, const struct view *v);          /* the dictionary */
	void (*put_compared)(struct out *out, const struct view *v); /* with a baseline */
	bool rows; /* put_compared needs nothing but the rows */
};

/* How many cells are printed. */
size_t view_cells(const struct view *v);

#define FORMAT_NAMES "json, csv, table, chart, html, prometheus, otel, junit"

/* The format called name, or NULL. */
const struct format *format_find(const char *name);

/* Write v as f: as a comparison if it has one. */
void report_put(struct out *out, const struct format *f, const struct view *v);

#endif
