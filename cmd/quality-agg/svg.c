#include "svg.h"

#include <math.h>

#include "human.h"
#include "markup.h"

/* Units of the viewBox. */
enum {
	WIDTH = 360,
	HEIGHT = 150,
	LEFT = 54, /* for the labels of the values */
	RIGHT = 10,
	TOP = 10,
	BOTTOM = 22, /* for the times */
	TICKS = 4,
	DOTS_MAX = 62, /* with more buckets there is a line alone */
	BAR_WIDTH = 120,
	BAR_HEIGHT = 18,
};

struct scale {
	double low, high;
};

/* The largest of 1, 2 and 5 times a power of ten that is at most v, v > 0. */
static double
round_step(double v)
{
	double power = pow(10, floor(log10(v))), m = v / power;

	return power * (m >= 5 ? 5 : m >= 2 ? 2 : 1);
}

/* From one round number to another, with room for v; a rate stays a rate, a count whole. */
static struct scale
scale_of(const struct trend *t, enum unit unit, double *step)
{
	double range = t->high - t->low;
	struct scale s;

	if (!(range > 0))
		range = t->high != 0 ? fabs(t->high) * 0.2 : 1;
	*step = round_step(range / (TICKS - 1) * 1.5);
	if (unit == UNIT_COUNT)
		*step = fmax(*step, 1);
	s.low = floor((t->low - range * 0.04) / *step) * *step;
	s.high = ceil((t->high + range * 0.04) / *step) * *step;
	if (unit != UNIT_NUMBER && t->low >= 0)
		s.low = fmax(s.low, 0);
	if (unit == UNIT_RATE)
		s.high = fmin(s.high, ceil(1 / *step - 1e-9) * *step);
	return s;
}

static double
y_of(struct scale s, double v)
{
	return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (v - s.low) / (s.high - s.low));
}

static double
x_of(const struct trend *t, double at)
{
	double share = t->span > 1 ? at / (double)(t->span - 1) : 0.5;

	return LEFT + 6 + (WIDTH - LEFT - RIGHT - 12) * share;
}

static void
value_axis(struct out *out, struct scale s, double step, enum unit unit)
{
	int n = (int)lround((s.high - s.low) / step);
	struct buf text = { 0 };

	for (int i = 0; i <= n && i < 20; i++) {
		double v = s.low + step * i;

		buf_reset(&text);
		human_tick(&text, unit, v, step);
		out_printf(out,
		    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
		    "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">",
		    LEFT, WIDTH - RIGHT, y_of(s, v), y_of(s, v), LEFT - 6, y_of(s, v) + 3.5);
		out_put(out, buf_view(&text));
		out_str(out, "</text>\n");
	}
	buf_free(&text);
}

/* The time of a bucket that is at so many from the first of all. */
static void
bucket_time(struct buf *b, const struct view *v, const struct trend *t, int64_t at)
{
	int64_t every = v->now->state->shape.every;

	human_time(b, (struct instant){ t->start + at * every, 0 }, every);
}

static void
time_axis(struct out *out, const struct view *v, const struct trend *t)
{
	struct buf text = { 0 };

	for (int i = 0; i < (t->span > 1 ? 2 : 1); i++) {
		int64_t at = i == 0 ? 0 : t->span - 1;

		buf_reset(&text);
		bucket_time(&text, v, t, at);
		out_printf(out, "<text class=\"tick\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">",
		    i == 0 ? LEFT : WIDTH - RIGHT, HEIGHT - 6, i == 0 ? "start" : "end");
		out_put(out, buf_view(&text));
		out_str(out, "</text>\n");
	}
	buf_free(&text);
}

static void
band_put(struct out *out, struct scale s, const struct band *band)
{
	double top = y_of(s, fmin(band->high, s.high)),
	       bottom = y_of(s, fmax(band->low, s.low));

	out_printf(out,
	    "<rect class=\"band\" x=\"%d\" width=\"%d\" y=\"%.1f\" height=\"%.1f\"/>"
	    "<line class=\"base\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n",
	    LEFT, WIDTH - LEFT - RIGHT, top, fmax(bottom - top, 1), LEFT, WIDTH - RIGHT,
	    y_of(s, band->middle), y_of(s, band->middle));
}

/* Buckets that follow each other are joined; a gap stays one. */
static void
line_put(struct out *out, struct scale s, const struct trend *t)
{
	bool open = false;

	out_str(out, "<path class=\"line\" d=\"");
	for (size_t i = 0; i < t->n; i++) {
		if (isnan(t->v[i])) {
			open = false;
			continue;
		}
		open = open && i > 0 && t->at[i] == t->at[i - 1] + 1;
		out_printf(out, "%c%.1f %.1f", open ? 'L' : 'M', x_of(t, (double)t->at[i]),
		    y_of(s, t->v[i]));
		open = true;
	}
	out_str(out, "\"/>\n");
}

static void
dots_put(struct out *out, const struct view *v, struct scale s, const struct trend *t,
    enum unit unit)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < t->n; i++) {
		bool outside = t->has_band && (t->v[i] < t->band.low || t->v[i] > t->band.high);

		if (isnan(t->v[i]))
			continue;
		buf_reset(&text);
		bucket_time(&text, v, t, t->at[i]);
		buf_str(&text, ": ");
		human_put(&text, unit, t->v[i]);
		out_printf(out, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%s\"><title>",
		    outside ? "out" : "dot", x_of(t, (double)t->at[i]), y_of(s, t->v[i]),
		    outside ? "3.4" : "2.2");
		out_put(out, buf_view(&text));
		out_str(out, "</title></circle>\n");
	}
	buf_free(&text);
}

void
svg_chart(struct out *out, const struct view *v, const struct trend *t, enum unit unit,
    const char *label)
{
	double step;
	struct scale s;

	out_printf(out,
	    "<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s "
	    "over time\">\n",
	    WIDTH, HEIGHT, label);
	if (isnan(t->low)) {
		out_printf(out,
		    "<text class=\"tick\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">no "
		    "values</text></svg>\n",
		    WIDTH / 2, HEIGHT / 2);
		return;
	}
	s = scale_of(t, unit, &step);
	if (t->has_band)
		band_put(out, s, &t->band);
	value_axis(out, s, step, unit);
	time_axis(out, v, t);
	line_put(out, s, t);
	if (t->n <= DOTS_MAX)
		dots_put(out, v, s, t, unit);
	out_str(out, "</svg>\n");
}

/* x of a change, so that three times what matters is at the ends. */
static double
bar_x(const struct row *r, double change, double reach)
{
	double share = fmin(fmax(change / reach, -1), 1);

	(void)r;
	return BAR_WIDTH / 2.0 * (1 + share * 0.96);
}

void
svg_interval(struct out *out, const struct row *r)
{
	double reach = fmax(r->min_effect * 3, fmax(fabs(r->range.low), fabs(r->range.high)));
	double limit, x1, x2;
	int middle = BAR_HEIGHT / 2;

	if (isnan(r->range.low) || !(reach > 0))
		return;
	limit = bar_x(r, r->min_effect, reach) - BAR_WIDTH / 2.0;
	out_printf(out, "<svg class=\"bar\" viewBox=\"0 0 %d %d\" aria-hidden=\"true\">",
	    BAR_WIDTH, BAR_HEIGHT);
	if (r->worse != WORSE_NONE)
		out_printf(out,
		    "<rect class=\"worse\" x=\"%.1f\" width=\"%.1f\" y=\"1\" height=\"%d\"/>",
		    r->worse == WORSE_UP ? BAR_WIDTH / 2.0 + limit : 0, BAR_WIDTH / 2.0 - limit,
		    BAR_HEIGHT - 2);
	x1 = bar_x(r, r->range.low, reach);
	x2 = bar_x(r, r->range.high, reach);
	out_printf(out,
	    "<line class=\"zero\" x1=\"%d\" x2=\"%d\" y1=\"0\" y2=\"%d\"/>"
	    "<line class=\"range\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
	    "<circle class=\"effect\" cx=\"%.1f\" cy=\"%d\" r=\"3.5\"/></svg>",
	    BAR_WIDTH / 2, BAR_WIDTH / 2, BAR_HEIGHT, x1, fmax(x2, x1 + 1), middle, middle,
	    bar_x(r, r->effect, reach), middle);
}
