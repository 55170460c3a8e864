/*
 * guard - what keeps health information, and anything else that is not meant to be there, out of
 * an entry (audit-entry(5), THE GUARD).
 *
 * The keys were judged as they were read (event/reader.h): step 1.  Here every value must fit its
 * kind (step 2), control, bidi and zero-width characters are found (step 4), and what is left is
 * looked at for what seems to be health information (step 3, event/phi.h).
 *
 * The order of refusals is fixed, and the first is the one told: members as in the schema, in each
 * member missing, then kind, enum or time, then char, then phi-* in the order of their table; then
 * contradiction.
 */
#ifndef EVENT_GUARD_H
#define EVENT_GUARD_H

#include "base/map.h"
#include "event/entry.h"
#include "event/phi.h"

/* Why an entry was refused: static strings and a number, nothing of the input. */
struct refusal {
	const char *rule;
	const char *field; /* a name in the schema, NULL if none is concerned */
	unsigned member;   /* the place, from 1, of a member not in the schema; 0 for none */
};

/* refuse(why, rule, field): fill in why and return -1. */
int refuse(struct refusal *why, const char *rule, const char *field);

struct guard {
	struct map
	    *vocab[FIELD_COUNT];       /* the values a member may have; NULL: any of its kind */
	unsigned allowed[FIELD_COUNT]; /* the detectors that a member is spared, a bit each */
	struct site_pattern *sites;    /* of phi-mrn, besides its own */
};

/* guard_allow(g, rule, f): spare f that detector; FIELD_NONE: all members. */
void guard_allow(struct guard *g, enum phi rule, enum field f);

/*
 * guard_pattern(g, pattern):
 * Let phi-mrn also find what matches pattern, a POSIX extended regular expression (IEEE 1003.1,
 * 9.4), anywhere in a value.  Returns 0; -1 if it is none, is longer than PATTERN_MAX bytes, or has a
 * back-reference or a bound over PATTERN_BOUND: those could take the matcher any time or memory.
 */
enum { PATTERN_MAX = 256, PATTERN_BOUND = 99 };
int guard_pattern(struct guard *g, const char *pattern);

/*
 * guard_judge(g, e, scratch, why):
 * Judge all of e.  Sets e->type and, in each value, plain; a timestamp is converted to UTC.
 * scratch is overwritten.  Returns 0, or -1 with *why.
 *
 * On [kind] and [char]: a value's kind is judged without its control, bidi and zero-width
 * characters; those are refused next, as [char].  So a value that would be right but for a hidden
 * character is told to have one, and one that is wrong besides is told to be of the wrong kind.
 */
int guard_judge(
    const struct guard *g, struct entry *e, struct buf *scratch, struct refusal *why);

/* guard_field(f): may f have a vocabulary? */
bool guard_field(enum field f);

void guard_free(struct guard *g);

#endif
