/*
 * spark - numbers as pictures made of characters.
 *
 * With unicode these are block elements (U+2581 to U+2588) and braille patterns (U+2800 to U+28FF), else
 * ASCII.  A NAN is a gap.
 */
#ifndef TERM_SPARK_H
#define TERM_SPARK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* spark_put(b, v, n, low, high, unicode): append one character for each of v, from low to high. */
void spark_put(struct buf *b, const double *v, size_t n, double low, double high, bool unicode);

/* A line over time, as a picture of columns by rows characters. */
struct plot {
	const double *v; /* n values, spread over the whole width */
	size_t n;
	size_t columns, rows;
	double low, high; /* at the lower and the upper edge */
	bool band;        /* shade what is between band_low and band_high */
	double band_low, band_high;
	bool unicode, color; /* color: the band is dim */
};

/* plot_row(b, p, row): append row row, 0 at the top, without the blanks at its end. */
void plot_row(struct buf *b, const struct plot *p, size_t row);

#endif
