/*
 * entry - one audit entry, its members as they were given, filled in, and in canonical form.
 *
 * An entry goes through four steps: a reader sets what its input has (event/reader.h), entry_fill
 * and entry_complete add what it lacks, the guard judges all of it (event/guard.h), and entry_put or
 * a format writes it.  It borrows the texts of its values from wherever they came.
 */
#ifndef EVENT_ENTRY_H
#define EVENT_ENTRY_H

#include "base/buf.h"
#include "event/kind.h"
#include "event/schema.h"

enum value_type {
	VALUE_ABSENT,
	VALUE_NULL,
	VALUE_BOOL,   /* truth */
	VALUE_STRING, /* text: UTF-8, escapes resolved */
	VALUE_LIST,   /* of phi_fields_accessed only: path[] of the entry */
	VALUE_OTHER,  /* a number, an object, a list where none is due: fits no kind */
};

struct value {
	enum value_type type;
	bool truth;
	bool plain; /* set by the guard: text may stand between quotes in JSON as it is */
	struct slice text;
};

struct entry {
	struct value
	    v[FIELD_COUNT + 1]; /* by enum field; FIELD_HASH is what the record came with */
	struct value path[PATHS_MAX]; /* the elements of phi_fields_accessed */
	size_t paths;         /* how many it has; of more than PATHS_MAX the first are kept */
	enum event_type type; /* set by the guard */
	char made_id[36], made_time[32]; /* room for what is filled in and converted */
};

/* Random bytes, many at a time.  One per thread. */
struct dice {
	unsigned char pool[4096];
	size_t left;
};

/* Make e empty: every member absent. */
void entry_clear(struct entry *e);

/* entry_set(e, f, text): give f as a string, split at commas if f is a list; a bool is "true" or "false". */
void entry_set(struct entry *e, enum field f, struct slice text);

/*
 * entry_fill(e, defaults):
 * What e lacks, take from defaults: its members that are absent, not those that are null.
 */
void entry_fill(struct entry *e, const struct entry *defaults);

/*
 * entry_complete(e, dice):
 * What e still lacks of the fifteen members: an event_id (a random UUID, RFC 9562 version 4), the
 * present as timestamp, in milliseconds, and null where that is a value of the member.  Should
 * the kernel have no random bytes to give, the event_id stays missing: none is better than one that
 * can be guessed.
 */
void entry_complete(struct entry *e, struct dice *dice);

/* entry_derive(e): if e has no action, but a type, it gets the one that the type means. */
void entry_derive(struct entry *e);

/*
 * entry_put(e, b):
 * Append the native line of e, which the guard has passed, without LF: what Python's
 * json.dumps(entry, sort_keys=True) prints.  Its SHA-256 is the entry's integrity hash.
 */
void entry_put(const struct entry *e, struct buf *b);

/* entry_put_value(e, f, b): append the value of f as json.dumps writes it; null if it is absent. */
void entry_put_value(const struct entry *e, enum field f, struct buf *b);

#endif
