/*
 * facts - what an entry says without having a member for it, as the formats need it.
 */
#ifndef EVENT_FACTS_H
#define EVENT_FACTS_H

#include "event/entry.h"

/* The entry's integrity hash, in hexadecimal. */
struct native_hash {
	char hex[64];
};

/* native_hash(native, h): the SHA-256 of the native line. */
void native_hash(struct slice native, struct native_hash *h);

/* native_hash_view(h): its digits, borrowed. */
static inline struct slice
native_hash_view(const struct native_hash *h)
{
	return (struct slice){ h->hex, sizeof h->hex };
}

/* entry_ms(e): the time of e, which the guard has passed, in whole ms since 1970, rounded down. */
int64_t entry_ms(const struct entry *e);

/* entry_action(e): what was done or, of a denial that says so, attempted. */
enum action entry_action(const struct entry *e);

/*
 * entry_outcome(e):
 * The outcome that e gives; else denied if its action is deny or its type phi_access_denied, failure
 * if its type is one of the two alarms, and success.
 */
enum outcome entry_outcome(const struct entry *e);

/* entry_alarms(e): is it an injection attempt, or PHI found in an output? */
bool entry_alarms(const struct entry *e);

/* Has e a value, other than null, for f? */
static inline bool
entry_has(const struct entry *e, enum field f)
{
	return e->v[f].type != VALUE_ABSENT && e->v[f].type != VALUE_NULL;
}

#endif
