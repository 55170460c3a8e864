/* Parts of a time, and seconds of the epoch. */
#include <time.h>

#include "sigma/match_inner.h"

/* Seconds of the epoch, with a fraction or an exponent perhaps, cut to nanoseconds; years 0000 to 9999. */
bool
match_epoch(struct slice text, struct instant *t)
{
	struct decimal d;
	int64_t whole = 0, ns = 0, at = 0;

	if (!decimal_get(text, &d) || d.point > 12)
		return false;
	*t = (struct instant){ 0, 0 };
	for (const char *p = d.p; p < d.end && at < d.point + 9; p++) {
		if (*p == '.')
			continue;
		if (at++ < d.point)
			whole = whole * 10 + (*p - '0');
		else
			ns = ns * 10 + (*p - '0');
	}
	for (; at < d.point && d.digits > 0; at++)
		whole *= 10;
	for (at = at < d.point ? d.point : at; at < d.point + 9 && d.point > -9; at++)
		ns *= 10;
	if (d.point <= -9)
		ns = 0;
	t->s = whole;
	t->ns = (int32_t)ns;
	if (d.minus) {
		t->s = ns > 0 ? -whole - 1 : -whole;
		t->ns = (int32_t)(ns > 0 ? 1000000000 - ns : 0);
	}
	return t->s >= -62167219200 && t->s <= 253402300799;
}

/* The week of the year that has the day's Thursday (ISO 8601). */
static int64_t
iso_week(int64_t days)
{
	int64_t weekday = ((days + 3) % 7 + 7) % 7; /* from Monday */
	int64_t thursday = days - weekday + 3;
	struct civil c = instant_civil((struct instant){ thursday * 86400, 0 });

	return (thursday - civil_days(c.year, 1, 1)) / 7 + 1;
}

static int64_t
part_of(const struct civil *c, enum part part)
{
	switch (part) {
	case PART_MINUTE: return c->minute;
	case PART_HOUR: return c->hour;
	case PART_DAY: return c->day;
	case PART_WEEK: return iso_week(civil_days(c->year, c->month, c->day));
	case PART_MONTH: return c->month;
	case PART_YEAR: return c->year;
	case PART_NONE: break;
	}
	return 0;
}

/* UTC: what needs no date. */
static bool
part_of_day(struct instant t, enum part part, int64_t *number)
{
	int64_t s = (t.s % 86400 + 86400) % 86400;

	if (part == PART_HOUR)
		*number = s / 3600;
	else if (part == PART_MINUTE)
		*number = s / 60 % 60;
	else
		return false;
	return true;
}

static bool
civil_time(bool zoned, struct instant t, struct civil *c)
{
	struct tm tm;
	time_t s = t.s;

	if (!zoned) {
		*c = instant_civil(t);
		return true;
	}
	if (localtime_r(&s, &tm) == NULL)
		return false;
	*c = (struct civil){ tm.tm_year + INT64_C(1900), tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		tm.tm_min, tm.tm_sec };
	return true;
}

bool
match_time(struct match *x, struct match_value *v, struct instant *t)
{
	uint32_t i = (uint32_t)(v - x->values) + 1;

	if (x->time_value != i) {
		x->time_value = i;
		x->timed = instant_get(value_text(x, v), &x->time, NULL) == 0;
	}
	*t = x->time;
	return x->timed;
}

bool
match_part(struct match *x, struct match_value *v, enum part part, int64_t *number)
{
	struct instant t;
	struct civil c;

	if (v->kind == VALUE_TEXT) {
		if (!match_time(x, v, &t))
			return false;
	} else if (v->kind != VALUE_NUMBER || !slice_is(x->m->fields[v->field].name, "_time") ||
	    !match_epoch(v->raw, &t)) {
		return false;
	}
	if (!x->m->zoned && part_of_day(t, part, number))
		return true;
	if (!civil_time(x->m->zoned, t, &c))
		return false;
	*number = part_of(&c, part);
	return true;
}
