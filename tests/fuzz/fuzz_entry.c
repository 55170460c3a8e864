/*
 * fuzz_entry - any bytes as an event, and as a cloudwatch record.
 *
 * What is accepted must be a fixed point: the line read again gives the same line, its cloudwatch
 * record read back gives the line, and the line is printable ASCII.  What is refused must leave
 * the output as it was and name a rule.
 */
#include "event/emitter.h"

#include <stdlib.h>

#include "json/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
require(bool held)
{
	if (!held)
		abort();
}

/* Run text, from where JSON_PADDING bytes may be read behind it.  out gets the line and its LF. */
static bool
run(const char *from, const char *to, struct slice text, struct buf *out)
{
	static const struct guard guard;
	static struct entry defaults;
	struct emitter_plan plan = { format_find(from), format_find(to), &guard, &defaults,
		false, NULL };
	struct emitter *m = emitter_new(&plan);
	struct buf padded = { 0 };
	struct refusal why = { 0 };
	bool done;

	buf_slice(&padded, text);
	memset(buf_reserve(&padded, JSON_PADDING), 0x5c, JSON_PADDING);
	buf_reset(out);
	buf_byte(out, '>');
	done = emitter_get(m, buf_view(&padded), out, &why) == 0;
	if (done)
		require(out->len > 3 && out->p[out->len - 1] == '\n');
	else
		require(out->len == 1 && why.rule != NULL);
	memmove(out->p, out->p + 1, --out->len);
	if (done)
		out->len--; /* the LF */
	emitter_free(m);
	buf_free(&padded);
	return done;
}

/* line is an entry: it must stay what it is. */
static void
fixed_point(struct slice line)
{
	struct buf again = { 0 }, record = { 0 };

	for (size_t i = 0; i < line.len; i++)
		require(line.p[i] >= ' ' && line.p[i] <= '~');
	require(run("jsonl", "jsonl", line, &again) && slice_eq(line, buf_view(&again)));
	require(run("jsonl", "cloudwatch", line, &record));
	require(run("cloudwatch", "jsonl", buf_view(&record), &again));
	require(slice_eq(line, buf_view(&again)));
	buf_free(&again);
	buf_free(&record);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice text = { (const char *)data, len };
	struct buf line = { 0 };

	if (run("jsonl", "jsonl", text, &line))
		fixed_point(buf_view(&line));
	if (run("cloudwatch", "jsonl", text, &line))
		fixed_point(buf_view(&line));
	buf_free(&line);
	return 0;
}
