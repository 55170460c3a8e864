#include "human.h"

#include <math.h>
#include <stdio.h>

enum { NUMBER_MAX = 64, DIGITS = 4, DAY = 86400 };

/* Append text, a plain decimal number, with a comma between thousands. */
static void
put_grouped(struct buf *b, const char *text)
{
	size_t whole = strcspn(text, "."), i = 0;

	if (text[0] == '-') {
		buf_byte(b, '-');
		i = 1;
	}
	for (; i < whole; i++) {
		buf_byte(b, text[i]);
		if ((whole - i - 1) % 3 == 0 && i + 1 < whole)
			buf_byte(b, ',');
	}
	buf_str(b, text + whole);
}

/* Append v with DIGITS digits that count, or all of those before the point. */
static void
put_number(struct buf *b, double v)
{
	char text[NUMBER_MAX];
	int decimals = v == 0 ? 0 : DIGITS - 1 - (int)floor(log10(fabs(v)));

	if (v == floor(v) && fabs(v) < 1e15)
		decimals = 0;
	if (decimals > 8) {
		buf_printf(b, "%.2e", v);
		return;
	}
	snprintf(text, sizeof text, "%.*f", decimals < 0 ? 0 : decimals, v);
	if (decimals > 0) {
		size_t n = strlen(text);

		while (text[n - 1] == '0')
			n--;
		text[text[n - 1] == '.' ? n - 1 : n] = '\0';
	}
	put_grouped(b, text);
}

void
human_put(struct buf *b, enum unit unit, double v)
{
	if (isnan(v)) {
		buf_byte(b, '-');
		return;
	}
	if (unit == UNIT_RATE) {
		buf_printf(b, "%.2f %%", 100 * v);
		return;
	}
	put_number(b, v);
	if (unit == UNIT_MS)
		buf_str(b, " ms");
}

void
human_tick(struct buf *b, enum unit unit, double v, double step)
{
	double scale = unit == UNIT_RATE ? 100 : 1;
	int decimals = (int)-floor(log10(step * scale) + 1e-9);
	char text[NUMBER_MAX];

	if (decimals > 8 || fabs(v) >= 1e9) {
		buf_printf(b, "%.2g", v * scale);
	} else {
		snprintf(text, sizeof text, "%.*f", decimals < 0 ? 0 : decimals,
		    fabs(v) < step / 2 ? 0 : v * scale);
		put_grouped(b, text);
	}
	if (unit == UNIT_RATE)
		buf_str(b, " %");
}

void
human_difference(struct buf *b, enum unit unit, double v)
{
	if (!isnan(v) && v >= 0)
		buf_byte(b, '+');
	if (unit == UNIT_RATE && !isnan(v))
		buf_printf(b, "%.2f pp", 100 * v);
	else
		human_put(b, unit, v);
}

void
human_interval(struct buf *b, enum unit unit, struct interval v)
{
	size_t start = b->len;

	if (isnan(v.low))
		return;
	human_difference(b, unit, v.low);
	while (b->len > start && strchr(" mspp", b->p[b->len - 1]) != NULL)
		b->len--; /* the unit is said once */
	buf_str(b, " to ");
	human_difference(b, unit, v.high);
}

void
human_p(struct buf *b, double p)
{
	if (isnan(p))
		buf_byte(b, '-');
	else if (p < 0.001)
		buf_str(b, "<0.001");
	else
		buf_printf(b, "%.3f", p);
}

struct slice
key_word(int kind)
{
	return kind == KEY_NULL ? SLICE("null")
	    : kind == KEY_FALSE ? SLICE("false")
				: SLICE("true");
}

void
human_key(struct buf *b, const struct by *by, struct slice key)
{
	struct slice text;
	int kind;

	if (by->count == 0)
		buf_str(b, "all");
	for (unsigned i = 0; i < by->count && key_next(&key, &kind, &text); i++) {
		buf_printf(b, "%s%s=", i > 0 ? " " : "", field_table[by->field[i]].name);
		buf_slice(b, kind == KEY_STRING ? text : key_word(kind));
	}
}

void
human_time(struct buf *b, struct instant t, int64_t every)
{
	bool days = every % DAY == 0;

	instant_put(b, t, 0); /* YYYY-MM-DDTHH:MM:SSZ */
	b->len -= strlen(days ? "T00:00:00Z" : ":00Z");
	if (!days)
		b->p[b->len - strlen("T00:00")] = ' ';
}
