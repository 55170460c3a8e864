/*
 * fuzz_otel - OTLP lines of any shape.
 *
 * Properties: what is made of a line that the scanner passes is JSON without a name given twice, with names of a
 * quality log's members and no others; a second look gives the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/quality-agg/otel.h"
#include "cmd/quality-agg/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

struct seen {
	struct record_reader *reader;
	struct json *json;
	struct buf all;
};

static bool
is_field(struct slice key)
{
	int f = 0;

	while (f < FIELDS && !slice_is(key, field_table[f].name))
		f++;
	return f < FIELDS;
}

static void
see(void *arg, enum otel_kind kind, struct slice json)
{
	struct seen *s = arg;
	struct json_token t;
	struct record record;
	struct refusal why = { 0 };
	int more;

	buf_byte(&s->all, (char)('0' + (int)kind));
	buf_slice(&s->all, json);
	if (kind == OTEL_CONTENT) {
		must(json.len == 0);
		return;
	}
	json_begin(s->json, json);
	while ((more = json_next(s->json, &t)) == 1)
		must(json_depth(s->json) != 1 || t.key.len == 0 || is_field(t.key));
	must(more == 0);
	if (record_read(s->reader, json, &record, &why) == -1)
		must(strcmp(why.rule, "missing") == 0 || strcmp(why.rule, "kind") == 0 ||
		    strcmp(why.rule, "range") == 0 || strcmp(why.rule, "time") == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = xzalloc(len + JSON_PADDING, 1);
	struct seen a = { record_reader_new(true), json_new(), { 0 } }, b = a;
	struct otel *o = otel_new();

	b.all = (struct buf){ 0 };
	if (len > 0)
		memcpy(text, data, len);
	if (json_check(a.json, (struct slice){ text, len }, NULL) == 0) {
		otel_each(o, (struct slice){ text, len }, see, &a);
		otel_each(o, (struct slice){ text, len }, see, &b);
		must(slice_eq(buf_view(&a.all), buf_view(&b.all)));
	}
	otel_free(o);
	record_reader_free(a.reader);
	json_free(a.json);
	buf_free(&a.all);
	buf_free(&b.all);
	free(text);
	return 0;
}
