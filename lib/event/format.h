/*
 * format - the shapes an entry is written in, and read from.
 *
 * A format is one file in lib/event/format and one row in format.c.
 */
#ifndef EVENT_FORMAT_H
#define EVENT_FORMAT_H

#include "event/facts.h"
#include "event/guard.h"
#include "event/reader.h"
#include "event/shape.h"

struct format {
	const char *name;

	/* Tell r all names of the record (reader_name).  NULL: this format cannot be read. */
	void (*names)(struct reader *r);

	/*
	 * What a record in this format claims about the entry e it was read as, whose native line
	 * is that of n.  Returns 0, or -1 with *why.  NULL: it claims nothing.
	 */
	int (*check)(const struct entry *e, const struct native *n, struct refusal *why);

	/*
	 * Append the record of e, which the guard has passed, without LF, to s->b.  NULL: it is the
	 * native line.
	 */
	void (*put)(const struct entry *e, const struct native *n, struct shape *s);

	bool whole; /* as input: what a record lacks is missing, and not filled in */

	/*
	 * Records are not lines: they are gathered into requests (event/requests.h).  Their time must be
	 * one that the service takes, [time-window], and they may be as long as the native line makes them.
	 */
	bool gathered;
};

/* The i-th format, from 0; NULL behind the last.  The first is the default. */
const struct format *format_at(size_t i);

/* The format with this name, or NULL. */
const struct format *format_find(const char *name);

/* One of each, in its own file. */
extern const struct format format_jsonl, format_cloudwatch, format_put_log_events, format_fhir,
    format_ocsf, format_ecs, format_syslog, format_cef;

#endif
