/*
 * fuzz_quality - the record reader and the state over any bytes.
 *
 * Properties: what the stencil takes is what the reader makes of it; a line is read the same by the
 * portable scanner, and again by a reader that has seen other lines; what is accepted is within its
 * range; what is refused has a rule; and adding lines to several states and merging those in another
 * order gives the dictionary's very bytes.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/quality-agg/collect.h"
#include "cmd/quality-agg/json.h"
#include "cmd/quality-agg/metric.h"
#include "cmd/quality-agg/record.h"
#include "cmd/quality-agg/stencil.h"
#include "json/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { PARTS = 3 };

static void
must(bool held)
{
	if (!held)
		abort();
}

/* Are they the same, as far as anything is given? */
static void
same_record(const struct record *a, const struct record *b)
{
	must(a->given == b->given && instant_cmp(a->time, b->time) == 0);
	for (int f = 0; f < FIELDS; f++) {
		if (!(a->given >> f & 1))
			continue;
		if (field_table[f].kind >= KIND_COUNT)
			must(a->number[f] == b->number[f]);
		if (field_table[f].kind == KIND_NAME)
			must(slice_eq(a->text[f], b->text[f]) &&
			    (a->escaped >> f & 1) == (b->escaped >> f & 1));
	}
}

/* What the stencil takes is what the reader accepts: the same line, the same record. */
static void
stencil_check(struct stencil *s, struct slice rest, struct slice line, const struct record *r,
    bool accepted)
{
	struct record quick;
	size_t len = stencil_read(s, rest, &quick);

	if (len > 0) {
		must(accepted && len == line.len + (line.len < rest.len));
		same_record(&quick, r);
	} else if (accepted) {
		stencil_learn(s, line);
	}
}

static void
record_check(const struct record *r)
{
	must(r->given >> TIMESTAMP & 1 && r->given >> CITATION_COUNT & 1);
	must(r->time.ns >= 0 && r->time.ns < 1000000000);
	for (int f = 0; f < FIELDS; f++) {
		double v = r->number[f];

		if (!(r->given >> f & 1) || field_table[f].kind < KIND_COUNT)
			continue;
		must(v <= 1e15 && v >= (field_table[f].kind == KIND_SIGNED ? -1e15 : 0) &&
		    !(v == 0 && signbit(v)));
		must(field_table[f].kind != KIND_COUNT || v == floor(v));
		must(field_table[f].kind != KIND_BOOL || v == 0 || v == 1);
	}
}

/* Read a line by two readers, one of them the portable way.  Returns whether it is accepted. */
static bool
line_read_twice(struct record_reader *used, struct slice line, struct record *r)
{
	struct record_reader *fresh = record_reader_new(false);
	struct refusal why = { 0 }, why2 = { 0 };
	struct record r2;
	int rc, rc2;

	json_portable(false);
	rc = record_read(used, line, r, &why);
	json_portable(true);
	rc2 = record_read(fresh, line, &r2, &why2);
	must(rc == rc2);
	if (rc == 0) {
		record_check(r);
		same_record(r, &r2);
	} else {
		must(why.rule != NULL && why.text != NULL && strcmp(why.rule, why2.rule) == 0);
		must(why.field == why2.field && why.member == why2.member);
	}
	record_reader_free(fresh);
	return rc == 0;
}

/* All that is known of a state, as text. */
static void
describe(struct buf *b, struct state *s, const struct by *by)
{
	struct result r;

	result_make(&r, s, by, 0);
	for (size_t i = 0; i < r.cell_count; i++) {
		key_put_json(b, by, r.cells[i]->key);
		metric_put(b, r.cells[i]);
		detail_put(b, &r, r.cells[i]);
	}
	result_free(&r);
}

static void
same(struct state *a, struct state *b, const struct by *by)
{
	struct buf x = { 0 }, y = { 0 };

	describe(&x, a, by);
	describe(&y, b, by);
	must(slice_eq(buf_view(&x), buf_view(&y)));
	buf_free(&x);
	buf_free(&y);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = xzalloc(len + JSON_PADDING, 1);
	struct record_reader *reader = record_reader_new(false);
	struct slice rest = { text, len }, line;
	struct collect whole, part[PARTS];
	struct plan plan = { .every = 3600, .exact = 4, .want = WANT_STATE };
	struct stencil stencil;
	struct record r;
	unsigned n = 0;

	if (len > 0)
		memcpy(text, data, len);
	by_get(SLICE("finish_reason,model_id,cache_hit"), &plan.by);
	collect_init(&whole, &plan);
	for (int i = 0; i < PARTS; i++)
		collect_init(&part[i], &plan);
	stencil_init(&stencil);
	while (rest.len > 0) {
		struct slice before = rest;
		bool accepted;

		slice_cut(&rest, '\n', &line);
		accepted = line_read_twice(reader, line, &r);
		stencil_check(&stencil, before, line, &r, accepted);
		if (!accepted)
			continue;
		collect_add(&whole, &r);
		collect_add(&part[(n++ + line.len) % PARTS], &r);
	}
	state_merge(&part[1].state, &part[2].state);
	state_merge(&part[1].state, &part[0].state);
	state_settle(&whole.state);
	same(&whole.state, &part[1].state, &plan.by);
	for (int i = 0; i < PARTS; i++)
		collect_free(&part[i]);
	collect_free(&whole);
	stencil_free(&stencil);
	record_reader_free(reader);
	free(text);
	return 0;
}
