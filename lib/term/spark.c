#include "term/spark.h"

#include <math.h>

#include "base/utf8.h"
#include "term/style.h"

enum {
	LEVELS = 8,
	BLOCK = 0x2581,
	SHADE = 0x2591,
	BRAILLE = 0x2800,
	DOTS_ACROSS = 2, /* in a character of braille */
	DOTS_DOWN = 4,
};

static const char ascii_levels[] = "_.-=+*%#";

/* v between low and high as one of n steps. */
static size_t
step(double v, double low, double high, size_t n)
{
	double share = high > low ? (v - low) / (high - low) : 0.5;
	size_t at = (size_t)(fmin(fmax(share, 0), 1) * (double)n);

	return at < n ? at : n - 1;
}

void
spark_put(struct buf *b, const double *v, size_t n, double low, double high, bool unicode)
{
	for (size_t i = 0; i < n; i++) {
		if (isnan(v[i])) {
			buf_byte(b, ' ');
			continue;
		}
		if (unicode)
			utf8_put(b, BLOCK + (uint32_t)step(v[i], low, high, LEVELS));
		else
			buf_byte(b, ascii_levels[step(v[i], low, high, LEVELS)]);
	}
}

/* The value at dot x of across. */
static double
value_at(const struct plot *p, size_t x, size_t across)
{
	return p->v[x * p->n / across];
}

/* Is dot (x, y), y from below, of the line?  It is joined to the value before by a vertical stroke. */
static bool
dot_set(const struct plot *p, size_t x, size_t y, size_t across, size_t down)
{
	double v = value_at(p, x, across),
	       before = x > 0 ? value_at(p, x - 1, across) : (double)NAN;
	size_t at, from;

	if (isnan(v))
		return false;
	at = step(v, p->low, p->high, down);
	from = isnan(before) ? at : step(before, p->low, p->high, down);
	return y == at || (from < at ? y > from && y < at : y < from && y > at);
}

/* The braille character of a cell of the picture, without dots if there is no line in it. */
static uint32_t
cell_dots(const struct plot *p, size_t column, size_t row)
{
	static const unsigned char bits[DOTS_ACROSS][DOTS_DOWN] = { { 0x01, 0x02, 0x04, 0x40 },
		{ 0x08, 0x10, 0x20, 0x80 } };
	size_t down = p->rows * DOTS_DOWN;
	uint32_t set = 0;

	for (size_t x = 0; x < DOTS_ACROSS; x++)
		for (size_t y = 0; y < DOTS_DOWN; y++)
			if (dot_set(p, column * DOTS_ACROSS + x, down - 1 - row * DOTS_DOWN - y,
				p->columns * DOTS_ACROSS, down))
				set |= bits[x][y];
	return set;
}

static bool
in_band(const struct plot *p, size_t row)
{
	size_t level = p->rows - 1 - row;

	return p->band && level >= step(p->band_low, p->low, p->high, p->rows) &&
	    level <= step(p->band_high, p->low, p->high, p->rows);
}

/* Turn the style of the band on or off, where that is not so already. */
static void
shade(struct buf *b, const struct plot *p, bool *on, bool wanted)
{
	if (p->color && *on != wanted)
		buf_str(b, wanted ? style_begin(STYLE_DIM) : style_end(STYLE_DIM));
	*on = wanted;
}

void
plot_row(struct buf *b, const struct plot *p, size_t row)
{
	bool shaded = in_band(p, row), on = false;
	size_t end = b->len;

	for (size_t i = 0; i < p->columns; i++) {
		uint32_t dots = p->unicode ? cell_dots(p, i, row) : 0;
		bool line = dots != 0 ||
		    (!p->unicode && dot_set(p, i, p->rows - 1 - row, p->columns, p->rows));

		shade(b, p, &on, shaded && !line);
		if (line && p->unicode)
			utf8_put(b, BRAILLE + dots);
		else if (line || !shaded)
			buf_byte(b, line ? '*' : ' ');
		else if (p->unicode)
			utf8_put(b, SHADE);
		else
			buf_byte(b, ':');
		if (line || shaded)
			end = b->len;
	}
	b->len = end;
	shade(b, p, &on, false);
}
