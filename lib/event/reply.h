/*
 * reply - what CloudWatch Logs answers to a request: which of its events it dropped.
 *
 * PutLogEvents answers that all is well (HTTP 200) while rejectedLogEventsInfo says that events
 * were too old, too new or expired: those are gone.
 */
#ifndef EVENT_REPLY_H
#define EVENT_REPLY_H

#include "base/buf.h"
#include "json/scan.h"

/* Why an event was dropped; the first that holds is told. */
enum drop { DROP_TOO_OLD, DROP_EXPIRED, DROP_TOO_NEW, DROPS };

extern const char *const drop_names[DROPS];

struct reply {
	bool rejects; /* has it indices at all? */
	bool entity;  /* has it rejectedEntityInfo? */
	size_t old, expired,
	    fresh; /* events before old and expired, and from fresh on, were dropped */
};

/*
 * reply_get(j, text, events, r):
 * Read a reply to a request of so many events.  Returns 0; -1 with r untouched if text is no object
 * of strict JSON, an index no integer in 0..events, or nothing in it is of a reply: rule says
 * which ("json-...", "kind").
 */
int reply_get(
    struct json *j, struct slice text, size_t events, struct reply *r, const char **rule);

/* reply_drops(r, index, drop): was the event with this index dropped, and why? */
bool reply_drops(const struct reply *r, size_t index, enum drop *drop);

/* What a log event's record says of its entry; NULL: it does not.  Owned by the struct. */
struct dropped {
	struct buf event_id, timestamp, hash;
	bool has_id, has_timestamp, has_hash;
};

void dropped_free(struct dropped *d);

/*
 * request_events(j, text, fn, arg):
 * Read a request and call fn, if it is not NULL, with the message of each of its events, in order,
 * borrowed for the call, with JSON_PADDING readable bytes behind it.  *events gets how many there
 * are.  Returns 0; -1 with *rule if text is no request.
 */
int request_events(struct json *j, struct slice text,
    void (*fn)(void *arg, size_t index, struct slice message), void *arg, size_t *events,
    const char **rule);

/* dropped_get(j, message, d): what of an entry the message names; nothing if it is no record. */
void dropped_get(struct json *j, struct slice message, struct dropped *d);

#endif
