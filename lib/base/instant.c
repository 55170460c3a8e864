#include "base/instant.h"

#include <time.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

/* Days from 1970-01-01, after Howard Hinnant's "chrono-compatible low-level date algorithms". */
int64_t
civil_days(int64_t year, int month, int day)
{
	int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

struct civil
instant_civil(struct instant t)
{
	int64_t days = t.s / DAY - (t.s % DAY < 0), rest = t.s - days * DAY;
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097,
		doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);

	return (struct civil){
		.year = yoe + era * 400 + (month <= 2),
		.month = month,
		.day = (int)(doy - (153 * mp + 2) / 5 + 1),
		.hour = (int)(rest / HOUR),
		.minute = (int)(rest / MINUTE % 60),
		.second = (int)(rest % 60),
	};
}

/* Two digits at p as a number, or -1. */
static inline int
digits_get(const char *p)
{
	unsigned tens = (unsigned char)p[0] - (unsigned)'0';
	unsigned ones = (unsigned char)p[1] - (unsigned)'0';

	return tens > 9 || ones > 9 ? -1 : (int)(tens * 10 + ones);
}

/* Four. */
static inline int
year_get(const char *p)
{
	int century = digits_get(p), rest = digits_get(p + 2);

	return century < 0 || rest < 0 ? -1 : century * 100 + rest;
}

static int
month_length(int year, int month)
{
	static const int length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return length[month - 1] + (month == 2 && leap);
}

/* "YYYY-MM-DDThh:mm:ss" at p to seconds.  Returns 0 or -1. */
static int
clock_get(const char *p, int64_t *s)
{
	int year = year_get(p), month = digits_get(p + 5), day = digits_get(p + 8);
	int hour = digits_get(p + 11), minute = digits_get(p + 14), second = digits_get(p + 17);

	if (p[4] != '-' || p[7] != '-' || (p[10] | 0x20) != 't' || p[13] != ':' || p[16] != ':')
		return -1;
	if (year < 0 || month < 1 || month > 12 || day < 1 || day > month_length(year, month))
		return -1;
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return -1;
	*s = civil_days(year, month, day) * DAY + hour * HOUR + minute * MINUTE + second;
	return 0;
}

/* A zone, "Z" or "+hh:mm", that fills all of s, to seconds east.  Returns 0 or -1. */
static int
zone_get(struct slice s, int *east)
{
	int hour, minute;

	*east = 0;
	if (s.len == 1 && (s.p[0] | 0x20) == 'z')
		return 0;
	if (s.len != 6 || (s.p[0] != '+' && s.p[0] != '-') || s.p[3] != ':')
		return -1;
	hour = digits_get(s.p + 1);
	minute = digits_get(s.p + 4);
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
		return -1;
	*east = (hour * HOUR + minute * MINUTE) * (s.p[0] == '-' ? -1 : 1);
	return 0;
}

int
instant_get(struct slice text, struct instant *t, unsigned *digits)
{
	static const int64_t first = -62167219200, last = 253402300799; /* years 0000 to 9999 */
	size_t at = 19, n = 0;
	int32_t ns = 0;
	int64_t s;
	int east;

	if (text.len < 20 || clock_get(text.p, &s) == -1)
		return -1;
	if (text.p[at] == '.') {
		for (at++; at < text.len && text.p[at] >= '0' && text.p[at] <= '9'; at++, n++)
			if (n < 9)
				ns = ns * 10 + (text.p[at] - '0');
		if (n == 0 || n > 9)
			return -1;
	}
	for (size_t i = n; i < 9; i++)
		ns *= 10;
	if (zone_get((struct slice){ text.p + at, text.len - at }, &east) == -1)
		return -1;
	s -= east;
	if (s < first || s > last)
		return -1;
	*t = (struct instant){ s, ns };
	if (digits != NULL)
		*digits = (unsigned)n;
	return 0;
}

/* The last digits of v. */
static void
put_digits(char *out, unsigned digits, int64_t v)
{
	while (digits-- > 0) {
		out[digits] = (char)('0' + v % 10);
		v /= 10;
	}
}

void
instant_put(struct buf *b, struct instant t, unsigned digits)
{
	struct civil c = instant_civil(t);
	char text[] = "0000-00-00T00:00:00.000000000", *p = text + 4;
	bool far = c.year < 0 || c.year > 9999;

	if (far)
		buf_printf(b, "%+07lld", (long long)c.year);
	else
		put_digits(text, 4, c.year);
	put_digits(p + 1, 2, c.month);
	put_digits(p + 4, 2, c.day);
	put_digits(p + 7, 2, c.hour);
	put_digits(p + 10, 2, c.minute);
	put_digits(p + 13, 2, c.second);
	if (digits > 0)
		put_digits(p + 16, 9, t.ns);
	buf_add(b, far ? p : text, (far ? 0 : 4) + (digits > 0 ? 16 + digits : 15));
	buf_byte(b, 'Z');
}

struct instant
instant_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (struct instant){ ts.tv_sec, (int32_t)ts.tv_nsec };
}

uint64_t
steady_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* A run of digits at the front of *s.  Returns 0 or -1. */
static int
count_get(struct slice *s, int64_t *n)
{
	size_t i = 0;

	*n = 0;
	for (; i < s->len && s->p[i] >= '0' && s->p[i] <= '9'; i++)
		if (__builtin_mul_overflow(*n, 10, n) ||
		    __builtin_add_overflow(*n, s->p[i] - '0', n))
			return -1;
	s->p += i;
	s->len -= i;
	return i == 0 || s->len == 0 ? -1 : 0;
}

/* Add n units of length seconds to *sum, years (length 0) rounded up to whole days. */
static int
span_add(int64_t *sum, int64_t n, int64_t length)
{
	int64_t v;

	if (length == 0) {
		if (__builtin_mul_overflow(n, 1461, &v) || __builtin_add_overflow(v, 3, &v))
			return -1;
		n = v / 4;
		length = DAY;
	}
	if (__builtin_mul_overflow(n, length, &v) || __builtin_add_overflow(*sum, v, sum))
		return -1;
	return 0;
}

static const struct unit {
	char letter;
	bool time; /* in ISO 8601: behind the T */
	int64_t length;
} units[] = {
	{ 'y', false, 0 },
	{ 'w', false, 7 * DAY },
	{ 'd', false, DAY },
	{ 'h', true, HOUR },
	{ 'm', true, MINUTE },
	{ 's', true, 1 },
};

/* "P1DT2H": units in falling order, each once. */
static int
iso_get(struct slice s, int64_t *seconds)
{
	size_t next = 0, count = sizeof units / sizeof units[0];
	bool time = false;
	int64_t n;

	*seconds = 0;
	while (s.len > 0) {
		if (!time && s.p[0] == 'T') {
			time = true;
			s.p++;
			s.len--;
		}
		if (count_get(&s, &n) == -1)
			return -1;
		while (next < count &&
		    (units[next].time != time || units[next].letter != (s.p[0] | 0x20)))
			next++;
		if (next == count || s.p[0] > 'Z' ||
		    span_add(seconds, n, units[next++].length) == -1)
			return -1;
		s.p++;
		s.len--;
	}
	return next == 0 ? -1 : 0;
}

int
span_get(struct slice text, int64_t *seconds)
{
	int64_t n;

	if (text.len > 1 && text.p[0] == 'P')
		return iso_get((struct slice){ text.p + 1, text.len - 1 }, seconds);
	if (count_get(&text, &n) == -1 || text.len != 1)
		return -1;
	*seconds = 0;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (units[i].letter == text.p[0])
			return span_add(seconds, n, units[i].length);
	return -1;
}

int
when_get(struct slice text, struct instant now, struct instant *t)
{
	int64_t span;

	if (instant_get(text, t, NULL) == 0)
		return 0;
	if (span_get(text, &span) == -1)
		return -1;
	*t = now;
	return __builtin_sub_overflow(now.s, span, &t->s) ? -1 : 0;
}
