/*
 * syslog: RFC 5424, facility 10 (security), the native line as MSG.
 *
 * Structured data carries what ties the message to the log.  32473 is the enterprise number of
 * RFC 5612, for documentation.  A time has six digits of fraction at most (section 6.2.3).
 */
#include "event/escape.h"
#include "event/format.h"

enum { FRACTION_MAX = 6 };

static const char *const priorities[EVENT_TYPES] = {
	[PHI_READ] = "<85>1 ",
	[PHI_WRITE] = "<85>1 ",
	[AI_INFERENCE_WITH_PHI] = "<85>1 ",
	[PHI_ACCESS_DENIED] = "<84>1 ",
	[AI_INJECTION_ATTEMPT] = "<82>1 ",
	[AI_PHI_OUTPUT_DETECTED] = "<82>1 ",
};

/* time, "...T12:00:00.123456789Z", with the fraction cut. */
static void
time_put(struct slice time, struct buf *b)
{
	const char *dot = memchr(time.p, '.', time.len);
	size_t most = dot != NULL ? (size_t)(dot - time.p) + 1 + FRACTION_MAX : time.len;

	if (time.len <= most + 1) {
		buf_slice(b, time);
		return;
	}
	buf_add(b, time.p, most);
	buf_byte(b, 'Z');
}

static void
put(const struct entry *e, const struct native *n, struct shape *s)
{
	struct buf *b = s->b;

	buf_str(b, priorities[e->type]);
	time_put(e->v[TIMESTAMP].text, b);
	buf_slice(b, SLICE(" - audit-emit - "));
	buf_slice(b, e->v[EVENT_TYPE].text);
	buf_slice(b, SLICE(" [audit@32473 event_id=\""));
	escape_put(b, e->v[EVENT_ID].text, "\"]");
	buf_slice(b, SLICE("\" integrity_hash=\""));
	buf_slice(b, native_hash(n));
	buf_slice(b, SLICE("\"] "));
	buf_slice(b, n->line);
}

const struct format format_syslog = { .name = "syslog", .put = put };
