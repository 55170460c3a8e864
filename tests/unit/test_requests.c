/* event/requests.h, event/shape.h and event/fhir.h: limits to the byte, and ways between places. */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/instant.h"
#include "event/fhir.h"
#include "event/requests.h"
#include "event/shape.h"

static int64_t
now_ms(void)
{
	return instant_now().s * 1000;
}

/* A sink that keeps what is written. */
static struct out
sink(void)
{
	return (struct out){ .fd = -1, .error = 0, .name = "sink" };
}

/* The lines in what was written, which must fit the buffer of an out. */
static size_t
lines_of(const struct out *o)
{
	size_t n = 0;

	for (size_t i = 0; i < o->buf.len; i++)
		n += o->buf.p[i] == '\n';
	return n;
}

static void
add(struct requests *r, int64_t ms, const char *message)
{
	struct log_event e = { .ms = ms };

	CHECK(requests_add(r, &e, slice_of(message), 0) == 0);
}

static void
count_limit(void)
{
	struct requests_plan plan = { .group = "g", .stream = "s", .wait_ms = 1000 };
	struct out o = sink();
	struct requests *r;
	int64_t now = now_ms();

	/* the 10,001st event begins another request */
	o.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	r = requests_new(&plan, &o);
	for (int i = 0; i < REQUEST_EVENTS; i++)
		add(r, now, "m");
	CHECK(requests_written(r) == 0);
	add(r, now, "m");
	CHECK(requests_written(r) == REQUEST_EVENTS);
	requests_end(r);
	CHECK(requests_written(r) == REQUEST_EVENTS + 1);
	requests_free(r);
	buf_free(&o.buf);
	close(o.fd);
}

static void
byte_limit(void)
{
	struct requests_plan plan = { .group = "g", .stream = "s", .wait_ms = 1000 };
	struct out o = sink();
	struct log_event e = { .ms = now_ms() };
	struct buf half = { 0 };
	struct requests *r;

	/* 1,048,576 bytes with 26 an event are one request, and one more are two */
	o.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	r = requests_new(&plan, &o);
	memset(buf_reserve(&half, REQUEST_BYTES), 'x', REQUEST_BYTES);
	half.len = REQUEST_BYTES / 2 - REQUEST_OVERHEAD;
	requests_add(r, &e, buf_view(&half), 0);
	requests_add(r, &e, buf_view(&half), 0);
	CHECK(requests_written(r) == 0);
	requests_end(r);
	requests_add(r, &e, buf_view(&half), 0);
	half.len++;
	requests_add(r, &e, buf_view(&half), 0);
	CHECK(requests_written(r) == 3);
	requests_free(r);
	buf_free(&half);
	buf_free(&o.buf);
	close(o.fd);
}

static void
span_limit(void)
{
	struct requests_plan plan = { .group = "g", .stream = "s", .wait_ms = 1000 };
	struct out o = sink();
	struct requests *r = requests_new(&plan, &o);
	int64_t now = now_ms();

	/* 24 hours are one request, and a millisecond more, on either side, are two */
	add(r, now, "m");
	add(r, now - REQUEST_SPAN_MS, "m");
	CHECK(requests_written(r) == 0);
	add(r, now + 1, "m");
	CHECK(requests_written(r) == 2);
	add(r, now - REQUEST_SPAN_MS, "m");
	CHECK(requests_written(r) == 3);
	requests_end(r);
	CHECK(requests_written(r) == 4 && lines_of(&o) == 3);
	requests_free(r);
	buf_free(&o.buf);
}

static unsigned late_line;

static void
late(void *arg, const struct log_event *e)
{
	(void)arg;
	late_line = (unsigned)e->line;
}

static void
times(void)
{
	struct requests_plan plan = {
		.group = "g", .stream = "s", .wait_ms = 1000, .late = late
	};
	struct out o = sink();
	struct requests *r = requests_new(&plan, &o);
	struct log_event old = { .ms = now_ms() - INT64_C(1000) * REQUEST_PAST_S - 5000,
		.line = 7 };

	/* what got too old while it waited is told, and not written */
	requests_add(r, &old, SLICE("m"), 0);
	requests_end(r);
	CHECK(late_line == 7 && requests_written(r) == 0 && o.buf.len == 0);
	/* a request is due when its first event has waited */
	add(r, now_ms(), "m");
	CHECK(requests_due(r, 400) == 600);
	CHECK(requests_due(r, 1000) == -1 && requests_written(r) == 1);
	/* the window is 14 days and 2 hours, to the millisecond */
	CHECK(
	    request_timely(0, INT64_C(1209600000)) && !request_timely(-1, INT64_C(1209600000)));
	CHECK(request_timely(7200000, 0) && !request_timely(7200001, 0));
	requests_free(r);
	buf_free(&o.buf);
}

static void
shapes(void)
{
	static const char *const ins[] = { NULL, "a", "a.b", "c#1", "c#1.d", "c#2", "e.f.g" };
	struct shape *s = calloc(1, sizeof *s);
	struct buf b = { 0 };
	const char *want = "{\"k\": 1, \"a\": {\"k\": 1, \"b\": {\"k\": 1}}, "
			   "\"c\": [{\"k\": 1, \"d\": {\"k\": 1}}, {\"k\": 1}], "
			   "\"e\": {\"f\": {\"g\": {\"k\": 1}}}}";

	/* a record is the same whether its ways were gone before or not */
	s->b = &b;
	for (int i = 0; i < 3; i++) {
		buf_reset(&b);
		shape_begin(s);
		for (size_t k = 0; k < sizeof ins / sizeof ins[0]; k++)
			shape_json(s, ins[k], "k", SLICE("1"));
		shape_end(s);
		CHECK(slice_is(buf_view(&b), want));
	}
	/* an empty record, and one that begins deep and ends at the top */
	buf_reset(&b);
	shape_begin(s);
	shape_end(s);
	shape_begin(s);
	shape_json(s, "c#1.d", "k", SLICE("1"));
	shape_json(s, NULL, "k", SLICE("1"));
	shape_end(s);
	CHECK(slice_is(buf_view(&b), "{}{\"c\": [{\"d\": {\"k\": 1}}], \"k\": 1}"));
	buf_free(&b);
	free(s);
}

static void
fhir(void)
{
	bool whole;

	/* ids, types and purposes of FHIR */
	CHECK(fhir_id(SLICE("a-Z.0")) && !fhir_id(SLICE("")) && !fhir_id(SLICE("a_b")));
	CHECK(fhir_type(SLICE("Account")) && fhir_type(SLICE("VisionPrescription")));
	CHECK(!fhir_type(SLICE("patient")) && !fhir_type(SLICE("Patien")) &&
	    !fhir_type(SLICE("")));
	CHECK(fhir_purpose(SLICE("TREAT")) && fhir_purpose(SLICE("BTG")) &&
	    fhir_purpose(SLICE("BIORCH")) && !fhir_purpose(SLICE("treat")));
	CHECK(fhir_reference(SLICE("Patient"), SLICE("1"), &whole) && !whole);
	CHECK(fhir_reference(SLICE("Patient"), SLICE("Patient/1"), &whole) && whole);
	CHECK(!fhir_reference(SLICE("Patient"), SLICE("Patient/"), &whole));
	CHECK(!fhir_reference(SLICE("Patient"), SLICE("Group/1"), &whole));
}

int
main(void)
{
	count_limit();
	byte_limit();
	span_limit();
	times();
	shapes();
	fhir();
	return check_done();
}
