#include "stat/stateline.h"

#include <math.h>
#include <stdlib.h>

#include "base/codec.h"

enum { SUM_TOP = 40 }; /* digits below 2^205: nothing overflows a double */

int
line_damaged(struct state_line *p, const char *what)
{
	if (!p->failed && p->reader->wrong == NULL)
		p->reader->wrong = what;
	return -1;
}

/* The next line.  Returns 1; 0 at the end; -1. */
int
line_next(struct state_line *p)
{
	struct line line;
	int rc;

	if (p->held) {
		p->held = false;
		return 1;
	}
	rc = lines_next(p->reader->in, &line);
	p->failed |= rc == -1;
	p->reader->line += rc == 1 || !p->ended;
	p->ended = rc != 1;
	if (rc != 1)
		return rc;
	if (line.too_long || line.torn)
		return line_damaged(p, line.torn ? "is cut short" : "is too long");
	p->rest = line.text;
	return 1;
}

void
line_hash(struct state_line *p)
{
	sha256_add(p->hash, p->rest.p, p->rest.len);
	sha256_add(p->hash, "\n", 1);
}

/* Get a line and take word and a blank (or its end) off its front.  False, and it is held, if it is another. */
bool
line_is(struct state_line *p, const char *word)
{
	size_t n = strlen(word);

	if (line_next(p) != 1) {
		line_damaged(p, "is missing");
		return false;
	}
	if (!slice_starts(p->rest, slice_of(word)) ||
	    (p->rest.len > n && p->rest.p[n] != ' ')) {
		p->held = true;
		return false;
	}
	line_hash(p);
	n += p->rest.len > n;
	p->rest.p += n;
	p->rest.len -= n;
	return true;
}

int
line_number(struct state_line *p, uint64_t max, uint64_t *v)
{
	struct slice word;
	unsigned long long n = 0;

	slice_cut(&p->rest, ' ', &word);
	if (slice_u64(word, max, &n) == -1)
		return line_damaged(p, "has no number where one is due");
	*v = n;
	return 0;
}

int
signed_get(struct slice word, int64_t *v)
{
	bool minus = word.len > 0 && word.p[0] == '-';
	unsigned long long n = 0;

	word.p += minus;
	word.len -= minus;
	if (slice_u64(word, INT64_MAX, &n) == -1 || (minus && n == 0))
		return -1;
	*v = minus ? -(int64_t)n : (int64_t)n;
	return 0;
}

int
line_end(struct state_line *p)
{
	return p->rest.len == 0 ? 0 : line_damaged(p, "goes on too long");
}

/* The rest of the line: bytes, some as %XX, in the only way to write them. */
int
line_name(struct state_line *p, struct buf *name)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

	buf_reset(name);
	for (size_t i = 0; i < p->rest.len; i++) {
		char c = p->rest.p[i];

		if (c == '%' && p->rest.len - i >= 3 &&
		    hex_get((struct slice){ p->rest.p + i + 1, 2 }, &c, 1) == 0 &&
		    (c == '\0' || strchr(plain, c) == NULL))
			i += 2;
		else if (c == '\0' || strchr(plain, c) == NULL)
			return line_damaged(p, "has no name where one is due");
		buf_byte(name, c);
	}
	return 0;
}

int
line_sum(struct state_line *p, struct sum *s)
{
	struct slice word, hex;
	unsigned long long low = 0, digit;
	int64_t sign = 1;
	int n;

	*s = (struct sum){ 0 };
	slice_cut(&p->rest, ' ', &word);
	if (word.len > 0 && word.p[0] == '-') {
		sign = -1;
		word.p++;
		word.len--;
	}
	if (!slice_cut(&word, '@', &hex) || slice_u64(word, SUM_TOP, &low) == -1 ||
	    hex.len == 0 || hex.len > 8 * (SUM_TOP - low) ||
	    (hex.p[0] == '0' && (hex.len > 1 || low != 0 || sign < 0)))
		return line_damaged(p, "has no sum where one is due");
	n = (int)((hex.len + 7) / 8);
	for (int i = n - 1; i >= 0; i--) {
		size_t len = hex.len - 8 * (size_t)i;
		char text[9] = { 0 }, *end;

		memcpy(text, hex.p, len);
		hex.p += len;
		hex.len -= len;
		digit = strspn(text, "0123456789abcdef") == len ? strtoull(text, &end, 16)
								: UINT64_MAX;
		if (digit > UINT32_MAX || (i == 0 && digit == 0 && n > 1))
			return line_damaged(p, "has no sum where one is due");
		s->digit[low + (unsigned)i] = sign * (int64_t)digit;
	}
	return 0;
}

/* Times of a log, so that no arithmetic on them can overflow. */
int
line_instant(struct state_line *p, struct instant *t)
{
	struct slice word, seconds;
	unsigned long long ns = 0, i = 0;

	slice_cut(&p->rest, ' ', &word);
	if (!slice_cut(&word, '.', &seconds) || signed_get(seconds, &t->s) == -1 ||
	    t->s < TIME_MIN || t->s > TIME_MAX || word.len != 9)
		return line_damaged(p, "has no time where one is due");
	for (; i < 9; i++) {
		if (word.p[i] < '0' || word.p[i] > '9')
			return line_damaged(p, "has no time where one is due");
		ns = ns * 10 + (unsigned)(word.p[i] - '0');
	}
	t->ns = (int32_t)ns;
	return 0;
}

int
line_double(struct state_line *p, double *v)
{
	struct slice word;
	uint8_t byte[8];
	uint64_t bits = 0;

	slice_cut(&p->rest, ' ', &word);
	if (hex_get(word, byte, sizeof byte) == -1)
		return line_damaged(p, "has no number where one is due");
	for (size_t i = 0; i < sizeof byte; i++)
		bits = bits << 8 | byte[i];
	memcpy(v, &bits, sizeof bits);
	return fabs(*v) <= VALUE_MAX ? 0 : line_damaged(p, "has a value that cannot be");
}
