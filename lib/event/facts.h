/*
 * facts - what an entry says without having a member for it, as the formats need it.
 */
#ifndef EVENT_FACTS_H
#define EVENT_FACTS_H

#include "base/digest.h"
#include "event/entry.h"

/* An entry's native line, borrowed, and its SHA-256, the integrity hash, in hexadecimal. */
struct native {
	struct slice line;
	char hash[2 * HASH_LEN];
};

/* native_make(n, line, c): c is used for the digest. */
void native_make(struct native *n, struct slice line, struct sha256 *c);

/* native_hash(n): its digits, borrowed. */
static inline struct slice
native_hash(const struct native *n)
{
	return (struct slice){ n->hash, sizeof n->hash };
}

/* milliseconds_put(b, ms): append a number, which may be negative. */
void milliseconds_put(struct buf *b, int64_t ms);

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
