/*
 * emitter - an event on its way to being a line: read, filled in, judged, written.
 *
 * All that audit-emit does to one value, without files, threads and words; what tests and fuzz
 * harnesses drive.
 */
#ifndef EVENT_EMITTER_H
#define EVENT_EMITTER_H

#include "event/copy.h"
#include "event/format.h"

enum { EMITTER_LINE_MAX = 65535 }; /* bytes of a line without its LF: the C2SP entry limit */

/* What is the same for all events.  Borrowed, and only read. */
struct emitter_plan {
	const struct format *from, *to;
	const struct guard *guard;
	const struct entry *defaults; /* of members that an event lacks */
	bool octets; /* a record has its length and a blank before it, and no LF behind it */
	const struct copy *copy; /* what is different in what is written; NULL: nothing */
};

/* Reusable, one per thread. */
struct emitter;

struct emitter *emitter_new(const struct emitter_plan *plan);
void emitter_free(struct emitter *m); /* accepts NULL */

/*
 * emitter_get(m, text, out, why):
 * Make the event text, one JSON object with JSON_PADDING readable bytes behind it, into a line with
 * its LF (RFC 6587 section 3.4.1 where octets are counted), and append that to out.  Returns 0; -1
 * with *why, and out as it was.
 */
int emitter_get(struct emitter *m, struct slice text, struct buf *out, struct refusal *why);

/* emitter_make(m, out, why): the same for an event made of the defaults alone. */
int emitter_make(struct emitter *m, struct buf *out, struct refusal *why);

/* The time, in ms since 1970, of what was emitted last. */
int64_t emitter_ms(const struct emitter *m);

#endif
