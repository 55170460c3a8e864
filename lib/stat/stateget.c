#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/codec.h"
#include "base/digest.h"
#include "base/mem.h"
#include "stat/packed.h"
#include "stat/sketch.h"
#include "stat/statefile.h"

static const uint64_t COUNT_MAX = UINT64_C(1) << 53;
static const double VALUE_MAX = 1e16;
static const int64_t TIME_MIN = -62167219200, TIME_MAX = 253402300799; /* years 0 to 9999 */

enum { SUM_TOP = 40 }; /* digits below 2^205: nothing overflows a double */

/* Reads one state. */
struct parser {
	struct state_reader *r;
	struct state *s;
	struct state_head *head;
	struct sha256 *hash;
	struct slice rest; /* of the present line */
	bool held;         /* the line is to be read again */
	bool failed;       /* to read */
	bool ended;        /* there are no more lines: the line is the one that is missing */
	struct slice key;  /* of the present group */
	struct cell *cell;
	int column;            /* of the last in it, -1 for none */
	struct buf name, last; /* last: the last label's */
};

static int
damaged(struct parser *p, const char *what)
{
	if (!p->failed && p->r->wrong == NULL)
		p->r->wrong = what;
	return -1;
}

/* The next line.  Returns 1; 0 at the end; -1. */
static int
line_get(struct parser *p)
{
	struct line line;
	int rc;

	if (p->held) {
		p->held = false;
		return 1;
	}
	rc = lines_next(p->r->in, &line);
	p->failed |= rc == -1;
	p->r->line += rc == 1 || !p->ended;
	p->ended = rc != 1;
	if (rc != 1)
		return rc;
	if (line.too_long || line.torn)
		return damaged(p, line.torn ? "is cut short" : "is too long");
	p->rest = line.text;
	return 1;
}

static void
line_hash(struct parser *p)
{
	sha256_add(p->hash, p->rest.p, p->rest.len);
	sha256_add(p->hash, "\n", 1);
}

/* Get a line and take word and a blank (or its end) off its front.  False, and it is held, if it is another. */
static bool
line_is(struct parser *p, const char *word)
{
	size_t n = strlen(word);

	if (line_get(p) != 1) {
		damaged(p, "is missing");
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

static int
number_get(struct parser *p, uint64_t max, uint64_t *v)
{
	struct slice word;
	unsigned long long n = 0;

	slice_cut(&p->rest, ' ', &word);
	if (slice_u64(word, max, &n) == -1)
		return damaged(p, "has no number where one is due");
	*v = n;
	return 0;
}

static int
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

static int
line_end(struct parser *p)
{
	return p->rest.len == 0 ? 0 : damaged(p, "goes on too long");
}

/* The rest of the line: bytes, some as %XX, in the only way to write them. */
static int
name_get(struct parser *p, struct buf *name)
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
			return damaged(p, "has no name where one is due");
		buf_byte(name, c);
	}
	return 0;
}

static int
sum_get(struct parser *p, struct sum *s)
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
		return damaged(p, "has no sum where one is due");
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
			return damaged(p, "has no sum where one is due");
		s->digit[low + (unsigned)i] = sign * (int64_t)digit;
	}
	return 0;
}

static int
sums_get(struct parser *p, struct series *s)
{
	struct sum sum, square;

	if (!line_is(p, "sum") || sum_get(p, &sum) == -1 || sum_get(p, &square) == -1 ||
	    line_end(p) == -1)
		return damaged(p, "is no line of sums");
	if (square.waiting == 0 && sum_value(&square) < 0)
		return damaged(p, "has a sum of squares below 0");
	powers_set(s->powers, &sum, &square);
	return 0;
}

/* Times of a log, so that no arithmetic on them can overflow. */
static int
instant_read(struct parser *p, struct instant *t)
{
	struct slice word, seconds;
	unsigned long long ns = 0, i = 0;

	slice_cut(&p->rest, ' ', &word);
	if (!slice_cut(&word, '.', &seconds) || signed_get(seconds, &t->s) == -1 ||
	    t->s < TIME_MIN || t->s > TIME_MAX || word.len != 9)
		return damaged(p, "has no time where one is due");
	for (; i < 9; i++) {
		if (word.p[i] < '0' || word.p[i] > '9')
			return damaged(p, "has no time where one is due");
		ns = ns * 10 + (unsigned)(word.p[i] - '0');
	}
	t->ns = (int32_t)ns;
	return 0;
}

/* Values of a line "= ...", added to q. */
static int
values_line(struct parser *p, struct quantile *q, unsigned scale, uint64_t n, uint64_t *number)
{
	while (p->rest.len > 0) {
		uint64_t more, run = 0;
		double v;

		if (packed_get(&p->rest, UINT64_MAX - *number, &more) == -1 ||
		    (more == 0 && q->n > 0))
			return damaged(p, "has no value where one is due");
		*number += more;
		if (p->rest.len > 0 && p->rest.p[0] == '*') {
			p->rest.p++;
			p->rest.len--;
			if (packed_get(&p->rest, COUNT_MAX, &run) == -1 || run == 0)
				return damaged(p, "has no value where one is due");
		}
		if (!packed_value(*number, scale, &v) || !(fabs(v) <= VALUE_MAX) ||
		    run >= n - q->n)
			return damaged(p, "has a value that cannot be");
		do
			quantile_add(q, v);
		while (run-- > 0);
		if (q->n == n && p->rest.len > 0)
			return damaged(p, "goes on too long");
	}
	return 0;
}

static int
values_get(struct parser *p, struct quantile *q, uint64_t n)
{
	uint64_t scale, number = 0;

	if (n > p->s->shape.exact || q->sketch != NULL)
		return damaged(p, "has more values than can be exact");
	if (number_get(p, PACKED_BITS, &scale) == -1 || line_end(p) == -1)
		return -1;
	while (q->n < n) {
		if (!line_is(p, "="))
			return damaged(p, "is no line of values");
		if (p->rest.len == 0)
			return damaged(p, "has no value");
		if (values_line(p, q, (unsigned)scale, n, &number) == -1)
			return -1;
	}
	return 0;
}

static int
double_read(struct parser *p, double *v)
{
	struct slice word;
	uint8_t byte[8];
	uint64_t bits = 0;

	slice_cut(&p->rest, ' ', &word);
	if (hex_get(word, byte, sizeof byte) == -1)
		return damaged(p, "has no number where one is due");
	for (size_t i = 0; i < sizeof byte; i++)
		bits = bits << 8 | byte[i];
	memcpy(v, &bits, sizeof bits);
	return fabs(*v) <= VALUE_MAX ? 0 : damaged(p, "has a value that cannot be");
}

static int
bins_get(struct parser *p, struct bins *b, const char *mark, uint64_t *left)
{
	const int first = (SUM_UNIT - 1) * SKETCH_OCTAVE, last = 64 * SKETCH_OCTAVE;
	int bin = first;

	while (*left > 0 && line_is(p, mark)) {
		do {
			uint64_t more, count;

			if (packed_get(&p->rest, (uint64_t)(last - bin), &more) == -1 ||
			    more == 0 || packed_get(&p->rest, *left, &count) == -1 ||
			    count == 0)
				return damaged(p, "has no bin where one is due");
			bin += (int)more;
			bins_add(b, bin, count);
			*left -= count;
		} while (p->rest.len > 0);
	}
	return p->r->wrong == NULL && !p->failed ? 0 : -1;
}

static int
sketch_get(struct parser *p, struct quantile *q, uint64_t n)
{
	struct sketch *k;
	uint64_t left = n;

	quantile_spill(q);
	k = q->sketch;
	if (number_get(p, n, &k->zeros) == -1 || double_read(p, &k->min) == -1 ||
	    double_read(p, &k->max) == -1 || line_end(p) == -1)
		return -1;
	left -= k->zeros;
	if (bins_get(p, &k->positive, "+", &left) == -1 ||
	    bins_get(p, &k->negative, "-", &left) == -1)
		return -1;
	q->n = k->n = n;
	return left == 0 && k->min <= k->max ? 0 : damaged(p, "is no end of a sketch");
}

static int
quantile_get(struct parser *p, size_t column, uint64_t n)
{
	struct quantile *q = p->cell->series[column].values;

	if (line_is(p, "values"))
		return values_get(p, q, n);
	if (!line_is(p, "sketch"))
		return damaged(p, "is neither values nor a sketch");
	p->s->spilled |= UINT64_C(1) << column;
	return sketch_get(p, q, n);
}

static int
column_get(struct parser *p)
{
	const struct state_shape *shape = &p->s->shape;
	struct slice name;
	struct series *s;
	size_t i = (size_t)(p->column + 1);

	slice_cut(&p->rest, ' ', &name);
	while (i < shape->columns && !slice_is(name, p->r->names->column[i]))
		i++;
	if (p->cell == NULL || i == shape->columns)
		return damaged(p, "is of no known column");
	s = &p->cell->series[i];
	p->column = (int)i;
	if (number_get(p, COUNT_MAX, &s->n) == -1 || number_get(p, s->n, &s->nonzero) == -1 ||
	    line_end(p) == -1)
		return -1;
	if (s->n == 0)
		return damaged(p, "has nothing");
	if (s->powers != NULL && sums_get(p, s) == -1)
		return -1;
	if (s->values != NULL && quantile_get(p, i, s->n) == -1)
		return -1;
	p->s->held[i] += s->n;
	return 0;
}

static int
tally_get(struct parser *p)
{
	if (!line_is(p, "tally"))
		return damaged(p, "is no tally");
	for (size_t i = 0; i < p->s->shape.tallies; i++)
		if (number_get(p, COUNT_MAX, &p->cell->tally[i]) == -1)
			return -1;
	return line_end(p);
}

static int
labels_get(struct parser *p)
{
	buf_reset(&p->last);
	while (line_is(p, "label")) {
		uint64_t n;

		if (number_get(p, COUNT_MAX, &n) == -1 || name_get(p, &p->name) == -1)
			return -1;
		if (n == 0 || p->s->labels_lost ||
		    slice_cmp(buf_view(&p->name), buf_view(&p->last)) <= 0)
			return damaged(p, "is a label out of place");
		state_label(p->s, p->cell, buf_view(&p->name), n);
		if (p->s->labels_lost)
			return damaged(p, "is a label too many");
		buf_reset(&p->last);
		buf_slice(&p->last, buf_view(&p->name));
	}
	return p->r->wrong == NULL && !p->failed ? 0 : -1;
}

/* Is the cell, of which times are known, in its bucket? */
static bool
bucket_fits(const struct state *s, const struct cell *c)
{
	int64_t start;

	if (c->records > 0)
		return state_bucket(s, c->first) == c->bucket &&
		    state_bucket(s, c->last) == c->bucket &&
		    instant_cmp(c->first, c->last) <= 0;
	return !__builtin_mul_overflow(c->bucket, s->shape.every, &start) &&
	    start > 2 * TIME_MIN && start < TIME_MAX;
}

static int
cell_get(struct parser *p)
{
	const struct cell *before = p->s->count > 0 ? p->s->cells[p->s->count - 1] : NULL;
	struct slice word;
	int64_t bucket;

	slice_cut(&p->rest, ' ', &word);
	if (p->key.p == NULL || signed_get(word, &bucket) == -1 ||
	    (before != NULL && slice_eq(before->key, p->key) && before->bucket >= bucket))
		return damaged(p, "is a cell out of place");
	if ((p->cell = state_cell_at(p->s, p->key, bucket)) == NULL)
		return damaged(p, "is a cell too many");
	p->column = -1;
	if (number_get(p, COUNT_MAX, &p->cell->records) == -1)
		return -1;
	if (p->cell->records > 0 &&
	    (instant_read(p, &p->cell->first) == -1 || instant_read(p, &p->cell->last) == -1))
		return -1;
	if (!bucket_fits(p->s, p->cell))
		return damaged(p, "is of no such time");
	if (line_end(p) == -1 || tally_get(p) == -1)
		return -1;
	return labels_get(p);
}

/* The key is given to the state with the group's first cell; until then it is in p->name. */
static int
group_get(struct parser *p)
{
	struct slice before =
	    p->s->count > 0 ? p->s->cells[p->s->count - 1]->key : (struct slice){ NULL, 0 };

	if (name_get(p, &p->name) == -1)
		return -1;
	if (p->s->count > 0 && slice_cmp(buf_view(&p->name), before) <= 0)
		return damaged(p, "is a group out of place");
	p->key = map_key(p->s->groups, map_add(p->s->groups, buf_view(&p->name), NULL));
	p->cell = NULL;
	if (!line_is(p, "cell"))
		return damaged(p, "is no cell of a group");
	return cell_get(p);
}

static int
head_get(struct parser *p)
{
	uint64_t every, exact;
	struct slice by;

	if (!line_is(p, "by"))
		return damaged(p, "does not say what groups are by");
	by = p->rest;
	for (size_t i = 0; i < by.len; i++)
		if (by.p[i] <= ' ' || by.p[i] > '~')
			return damaged(p, "does not say what groups are by");
	buf_reset(&p->head->by);
	buf_slice(&p->head->by, by);
	if (!line_is(p, "every") || number_get(p, INT64_MAX, &every) == -1 || line_end(p) == -1)
		return damaged(p, "is no span");
	if (!line_is(p, "exact") || number_get(p, INT64_MAX, &exact) == -1 || line_end(p) == -1)
		return damaged(p, "is no limit of values");
	if (!line_is(p, "lines") || number_get(p, COUNT_MAX, &p->head->accepted) == -1 ||
	    number_get(p, COUNT_MAX, &p->head->refused) == -1 || line_end(p) == -1)
		return damaged(p, "is no count of lines");
	p->r->shape.every = (int64_t)every;
	p->r->shape.exact = exact;
	state_init(p->s, &p->r->shape);
	p->s->labels_lost = line_is(p, "models");
	if (p->s->labels_lost && !slice_is(p->rest, "lost"))
		return damaged(p, "is no word on models");
	return p->r->wrong == NULL && !p->failed ? 0 : -1;
}

/* Columns are in sketches where, and only where, there are more values than may be exact. */
static int
limits_check(struct parser *p)
{
	for (size_t i = 0; i < p->s->shape.columns; i++)
		if (p->s->shape.keep[i] & KEEP_QUANTILE &&
		    (p->s->held[i] > p->s->shape.exact) != (p->s->spilled >> i & 1))
			return damaged(p, "ends a state whose values do not fit its limit");
	return 0;
}

static int
end_get(struct parser *p, struct slice line)
{
	struct hash want, got;

	sha256_end(p->hash, &got);
	line.p += 4;
	line.len -= 4;
	if (line.len != 2 * HASH_LEN || hex_get(line, want.b, HASH_LEN) == -1 ||
	    !hash_eq(&want, &got))
		return damaged(p, "has a checksum that is not that of the state");
	return limits_check(p);
}

static int
body_get(struct parser *p)
{
	for (;;) {
		if (line_is(p, "column")) {
			if (column_get(p) == -1)
				return -1;
		} else if (line_is(p, "cell")) {
			if (cell_get(p) == -1)
				return -1;
		} else if (line_is(p, "group")) {
			if (group_get(p) == -1)
				return -1;
		} else if (p->held && slice_starts(p->rest, SLICE("end "))) {
			p->held = false;
			return end_get(p, p->rest);
		} else {
			return damaged(p, "is no line of a state");
		}
	}
}

static int
title_get(struct parser *p)
{
	int rc = line_get(p);
	struct slice rest = p->rest, title = slice_of(p->r->names->title);

	if (rc != 1)
		return rc;
	if (!slice_starts(rest, title))
		return damaged(p, "begins no state");
	rest.p += title.len;
	rest.len -= title.len;
	if (!slice_starts(rest, SLICE(" state ")))
		return damaged(p, "begins no state");
	if (!slice_is(rest, " state 1"))
		return damaged(p, "begins a state of another version");
	line_hash(p);
	return 1;
}

int
state_get(struct state_reader *r, struct state *s, struct state_head *head)
{
	struct parser p = { .r = r, .s = s, .head = head, .hash = sha256_new() };
	int rc;

	*s = (struct state){ 0 };
	r->wrong = NULL;
	sha256_begin(p.hash);
	rc = title_get(&p);
	if (rc == 1 && (head_get(&p) == -1 || body_get(&p) == -1))
		rc = -1;
	sha256_free(p.hash);
	buf_free(&p.name);
	buf_free(&p.last);
	return rc;
}
