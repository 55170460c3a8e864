#include <math.h>
#include <stdlib.h>

#include "base/codec.h"
#include "base/mem.h"
#include "stat/packed.h"
#include "stat/sketch.h"
#include "stat/stateline.h"

static const uint64_t COUNT_MAX = UINT64_C(1) << 53;

/* Reads one state. */
struct parser {
	struct state_line line;
	struct state *s;
	struct state_head *head;
	struct slice key; /* of the present group */
	struct cell *cell;
	int column;            /* of the last in it, -1 for none */
	struct buf name, last; /* last: the last label's */
};

static int
sums_get(struct parser *p, struct series *s)
{
	struct sum sum, square;

	if (!line_is(&p->line, "sum") || line_sum(&p->line, &sum) == -1 ||
	    line_sum(&p->line, &square) == -1 || line_end(&p->line) == -1)
		return line_damaged(&p->line, "is no line of sums");
	if (square.waiting == 0 && sum_value(&square) < 0)
		return line_damaged(&p->line, "has a sum of squares below 0");
	powers_set(s->powers, &sum, &square);
	return 0;
}

/* Values of a line "= ...", added to q. */
static int
values_line(struct parser *p, struct quantile *q, unsigned scale, uint64_t n, uint64_t *number)
{
	while (p->line.rest.len > 0) {
		uint64_t more, run = 0;
		double v;

		if (packed_get(&p->line.rest, UINT64_MAX - *number, &more) == -1 ||
		    (more == 0 && q->n > 0))
			return line_damaged(&p->line, "has no value where one is due");
		*number += more;
		if (p->line.rest.len > 0 && p->line.rest.p[0] == '*') {
			p->line.rest.p++;
			p->line.rest.len--;
			if (packed_get(&p->line.rest, COUNT_MAX, &run) == -1 || run == 0)
				return line_damaged(&p->line, "has no value where one is due");
		}
		if (!packed_value(*number, scale, &v) || !(fabs(v) <= VALUE_MAX) ||
		    run >= n - q->n)
			return line_damaged(&p->line, "has a value that cannot be");
		do
			quantile_add(q, v);
		while (run-- > 0);
		if (q->n == n && p->line.rest.len > 0)
			return line_damaged(&p->line, "goes on too long");
	}
	return 0;
}

static int
values_get(struct parser *p, struct quantile *q, uint64_t n)
{
	uint64_t scale, number = 0;

	if (n > p->s->shape.exact || q->sketch != NULL)
		return line_damaged(&p->line, "has more values than can be exact");
	if (line_number(&p->line, PACKED_BITS, &scale) == -1 || line_end(&p->line) == -1)
		return -1;
	while (q->n < n) {
		if (!line_is(&p->line, "="))
			return line_damaged(&p->line, "is no line of values");
		if (p->line.rest.len == 0)
			return line_damaged(&p->line, "has no value");
		if (values_line(p, q, (unsigned)scale, n, &number) == -1)
			return -1;
	}
	return 0;
}

static int
bins_get(struct parser *p, struct bins *b, const char *mark, uint64_t *left)
{
	const int first = (SUM_UNIT - 1) * SKETCH_OCTAVE, last = 64 * SKETCH_OCTAVE;
	int bin = first;

	while (*left > 0 && line_is(&p->line, mark)) {
		do {
			uint64_t more, count;

			if (packed_get(&p->line.rest, (uint64_t)(last - bin), &more) == -1 ||
			    more == 0 || packed_get(&p->line.rest, *left, &count) == -1 ||
			    count == 0)
				return line_damaged(&p->line, "has no bin where one is due");
			bin += (int)more;
			bins_add(b, bin, count);
			*left -= count;
		} while (p->line.rest.len > 0);
	}
	return p->line.reader->wrong == NULL && !p->line.failed ? 0 : -1;
}

static int
sketch_get(struct parser *p, struct quantile *q, uint64_t n)
{
	struct sketch *k;
	uint64_t left = n;

	quantile_spill(q);
	k = q->sketch;
	if (line_number(&p->line, n, &k->zeros) == -1 || line_double(&p->line, &k->min) == -1 ||
	    line_double(&p->line, &k->max) == -1 || line_end(&p->line) == -1)
		return -1;
	left -= k->zeros;
	if (bins_get(p, &k->positive, "+", &left) == -1 ||
	    bins_get(p, &k->negative, "-", &left) == -1)
		return -1;
	q->n = k->n = n;
	return left == 0 && k->min <= k->max ? 0
					     : line_damaged(&p->line, "is no end of a sketch");
}

static int
quantile_get(struct parser *p, size_t column, uint64_t n)
{
	struct quantile *q = p->cell->series[column].values;

	if (line_is(&p->line, "values"))
		return values_get(p, q, n);
	if (!line_is(&p->line, "sketch"))
		return line_damaged(&p->line, "is neither values nor a sketch");
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

	slice_cut(&p->line.rest, ' ', &name);
	while (i < shape->columns && !slice_is(name, p->line.reader->names->column[i]))
		i++;
	if (p->cell == NULL || i == shape->columns)
		return line_damaged(&p->line, "is of no known column");
	s = &p->cell->series[i];
	p->column = (int)i;
	if (line_number(&p->line, COUNT_MAX, &s->n) == -1 ||
	    line_number(&p->line, s->n, &s->nonzero) == -1 || line_end(&p->line) == -1)
		return -1;
	if (s->n == 0)
		return line_damaged(&p->line, "has nothing");
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
	if (!line_is(&p->line, "tally"))
		return line_damaged(&p->line, "is no tally");
	for (size_t i = 0; i < p->s->shape.tallies; i++)
		if (line_number(&p->line, COUNT_MAX, &p->cell->tally[i]) == -1)
			return -1;
	return line_end(&p->line);
}

static int
labels_get(struct parser *p)
{
	buf_reset(&p->last);
	while (line_is(&p->line, "label")) {
		uint64_t n;

		if (line_number(&p->line, COUNT_MAX, &n) == -1 ||
		    line_name(&p->line, &p->name) == -1)
			return -1;
		if (n == 0 || p->s->labels_lost ||
		    slice_cmp(buf_view(&p->name), buf_view(&p->last)) <= 0)
			return line_damaged(&p->line, "is a label out of place");
		state_label(p->s, p->cell, buf_view(&p->name), n);
		if (p->s->labels_lost)
			return line_damaged(&p->line, "is a label too many");
		buf_reset(&p->last);
		buf_slice(&p->last, buf_view(&p->name));
	}
	return p->line.reader->wrong == NULL && !p->line.failed ? 0 : -1;
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

	slice_cut(&p->line.rest, ' ', &word);
	if (p->key.p == NULL || signed_get(word, &bucket) == -1 ||
	    (before != NULL && slice_eq(before->key, p->key) && before->bucket >= bucket))
		return line_damaged(&p->line, "is a cell out of place");
	if ((p->cell = state_cell_at(p->s, p->key, bucket)) == NULL)
		return line_damaged(&p->line, "is a cell too many");
	p->column = -1;
	if (line_number(&p->line, COUNT_MAX, &p->cell->records) == -1)
		return -1;
	if (p->cell->records > 0 &&
	    (line_instant(&p->line, &p->cell->first) == -1 ||
		line_instant(&p->line, &p->cell->last) == -1))
		return -1;
	if (!bucket_fits(p->s, p->cell))
		return line_damaged(&p->line, "is of no such time");
	if (line_end(&p->line) == -1 || tally_get(p) == -1)
		return -1;
	return labels_get(p);
}

/* The key is given to the state with the group's first cell; until then it is in p->name. */
static int
group_get(struct parser *p)
{
	struct slice before =
	    p->s->count > 0 ? p->s->cells[p->s->count - 1]->key : (struct slice){ NULL, 0 };

	if (line_name(&p->line, &p->name) == -1)
		return -1;
	if (p->s->count > 0 && slice_cmp(buf_view(&p->name), before) <= 0)
		return line_damaged(&p->line, "is a group out of place");
	p->key = map_key(p->s->groups, map_add(p->s->groups, buf_view(&p->name), NULL));
	p->cell = NULL;
	if (!line_is(&p->line, "cell"))
		return line_damaged(&p->line, "is no cell of a group");
	return cell_get(p);
}

static int
head_get(struct parser *p)
{
	uint64_t every, exact;
	struct slice by;

	if (!line_is(&p->line, "by"))
		return line_damaged(&p->line, "does not say what groups are by");
	by = p->line.rest;
	for (size_t i = 0; i < by.len; i++)
		if (by.p[i] <= ' ' || by.p[i] > '~')
			return line_damaged(&p->line, "does not say what groups are by");
	buf_reset(&p->head->by);
	buf_slice(&p->head->by, by);
	if (!line_is(&p->line, "every") || line_number(&p->line, INT64_MAX, &every) == -1 ||
	    line_end(&p->line) == -1)
		return line_damaged(&p->line, "is no span");
	if (!line_is(&p->line, "exact") || line_number(&p->line, INT64_MAX, &exact) == -1 ||
	    line_end(&p->line) == -1)
		return line_damaged(&p->line, "is no limit of values");
	if (!line_is(&p->line, "lines") ||
	    line_number(&p->line, COUNT_MAX, &p->head->accepted) == -1 ||
	    line_number(&p->line, COUNT_MAX, &p->head->refused) == -1 ||
	    line_end(&p->line) == -1)
		return line_damaged(&p->line, "is no count of lines");
	p->line.reader->shape.every = (int64_t)every;
	p->line.reader->shape.exact = exact;
	state_init(p->s, &p->line.reader->shape);
	p->s->labels_lost = line_is(&p->line, "models");
	if (p->s->labels_lost && !slice_is(p->line.rest, "lost"))
		return line_damaged(&p->line, "is no word on models");
	return p->line.reader->wrong == NULL && !p->line.failed ? 0 : -1;
}

/* Columns are in sketches where, and only where, there are more values than may be exact. */
static int
limits_check(struct parser *p)
{
	for (size_t i = 0; i < p->s->shape.columns; i++)
		if (p->s->shape.keep[i] & KEEP_QUANTILE &&
		    (p->s->held[i] > p->s->shape.exact) != (p->s->spilled >> i & 1))
			return line_damaged(
			    &p->line, "ends a state whose values do not fit its limit");
	return 0;
}

static int
end_get(struct parser *p, struct slice line)
{
	struct hash want = { { 0 } }, got;

	sha256_end(p->line.hash, &got);
	line.p += 4;
	line.len -= 4;
	if (line.len != 2 * HASH_LEN || hex_get(line, want.b, HASH_LEN) == -1 ||
	    !hash_eq(&want, &got))
		return line_damaged(&p->line, "has a checksum that is not that of the state");
	return limits_check(p);
}

static int
body_get(struct parser *p)
{
	for (;;) {
		if (line_is(&p->line, "column")) {
			if (column_get(p) == -1)
				return -1;
		} else if (line_is(&p->line, "cell")) {
			if (cell_get(p) == -1)
				return -1;
		} else if (line_is(&p->line, "group")) {
			if (group_get(p) == -1)
				return -1;
		} else if (p->line.held && slice_starts(p->line.rest, SLICE("end "))) {
			p->line.held = false;
			return end_get(p, p->line.rest);
		} else {
			return line_damaged(&p->line, "is no line of a state");
		}
	}
}

static int
title_get(struct parser *p)
{
	int rc = line_next(&p->line);
	struct slice rest = p->line.rest, title = slice_of(p->line.reader->names->title);

	if (rc != 1)
		return rc;
	if (!slice_starts(rest, title))
		return line_damaged(&p->line, "begins no state");
	rest.p += title.len;
	rest.len -= title.len;
	if (!slice_starts(rest, SLICE(" state ")))
		return line_damaged(&p->line, "begins no state");
	if (!slice_is(rest, " state 1"))
		return line_damaged(&p->line, "begins a state of another version");
	line_hash(&p->line);
	return 1;
}

int
state_get(struct state_reader *r, struct state *s, struct state_head *head)
{
	struct parser p = {
		.line = { .reader = r, .hash = sha256_new() }, .s = s, .head = head
	};
	int rc;

	*s = (struct state){ 0 };
	r->wrong = NULL;
	sha256_begin(p.line.hash);
	rc = title_get(&p);
	if (rc == 1 && (head_get(&p) == -1 || body_get(&p) == -1))
		rc = -1;
	sha256_free(p.line.hash);
	buf_free(&p.name);
	buf_free(&p.last);
	return rc;
}
