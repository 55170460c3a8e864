/*
 * instant - points in time and spans of it.
 *
 * Times are RFC 3339 section 5.6 with up to 9 digits of fraction; spans are "90s", "15m", "24h",
 * "7d", "2w", "6y" and the ISO 8601 forms PnYnWnDTnHnMnS of the same units.  Calendar: proleptic
 * Gregorian, no leap seconds (":60" is refused), years 0000 to 9999 after conversion to UTC.
 */
#ifndef BASE_INSTANT_H
#define BASE_INSTANT_H

#include <stdint.h>

#include "base/buf.h"

struct instant {
	int64_t s;  /* seconds since 1970-01-01T00:00:00Z */
	int32_t ns; /* 0 to 999,999,999 */
};

struct civil {
	int64_t year;
	int month, day, hour, minute, second; /* month and day from 1 */
};

/* -1, 0 or 1 as a is before, at or after b. */
static inline int
instant_cmp(struct instant a, struct instant b)
{
	if (a.s != b.s)
		return a.s < b.s ? -1 : 1;
	return (a.ns > b.ns) - (a.ns < b.ns);
}

/*
 * instant_get(text, t, digits):
 * Read all of text as an RFC 3339 date-time.  *digits (may be NULL) gets the number of fraction
 * digits given, 0 to 9.  Returns 0; -1 if text is anything else: no zone, "24:00", ":60", a day
 * its month does not have, ten digits, a year that leaves 0000..9999 in UTC.
 */
int instant_get(struct slice text, struct instant *t, unsigned *digits);

/*
 * instant_put(b, t, digits):
 * Append t as RFC 3339 in UTC with "Z" and digits (0 to 9) of fraction, cut not rounded.  A year outside 0000..9999,
 * which can be computed but not read, is in ISO 8601's expanded form: "-000001-12-27T00:00:00Z".
 */
void instant_put(struct buf *b, struct instant t, unsigned digits);

/* The present, from CLOCK_REALTIME. */
struct instant instant_now(void);

/* Nanoseconds on a clock that never goes back: for how long something takes. */
uint64_t steady_ns(void);

/* Civil date and time of t in UTC, and back (no range check on the fields but what fits). */
struct civil instant_civil(struct instant t);
int64_t civil_days(int64_t year, int month, int day); /* days since 1970-01-01 */

/*
 * span_get(text, seconds):
 * Read all of text as a span.  y = 365.25 days, the whole rounded up to whole days where y is used
 * ("6y" = 2192 d).  Returns 0; -1 for anything else, a zero-length text, or overflow.  "0s" is 0.
 */
int span_get(struct slice text, int64_t *seconds);

/*
 * when_get(text, now, t):
 * What --since and --until take: an RFC 3339 time, or a span that means "that long before now".
 * Returns 0 or -1.
 */
int when_get(struct slice text, struct instant now, struct instant *t);

#endif
