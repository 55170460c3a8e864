/*
 * savedsearches.conf: rules as scheduled alerts (Splunk's savedsearches.conf.spec).
 */
#ifndef SIEM_RULES_SAVED_H
#define SIEM_RULES_SAVED_H

#include "base/buf.h"
#include "base/map.h"
#include "sigma/rule.h"

/*
 * saved_put(b, names, rule, query):
 * Append the stanza of a rule.  Its name, which is not yet in names and is added, is the title without
 * brackets and control characters; a second of one title gets " - ID".
 *
 * A search runs at least once in its timespan, but not more than once a minute, and looks back over
 * the timespans of the correlation and of what it rests on and the time between two runs, so that
 * every bucket is seen whole by the first run after its end; one group alerts once in that time.
 */
void saved_put(struct buf *b, struct map *names, struct rule *r, struct slice query);

/*
 * saved_app(dir, stanzas):
 * Make the folder dir, which must not exist, a Splunk app with these saved searches, called as the last
 * part of dir.  It appears whole or not at all.  Returns 0, or -1 with errno; EINVAL for a name that
 * Splunk does not take for an app.
 */
int saved_app(const char *dir, struct slice stanzas);

#endif
