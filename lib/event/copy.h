/*
 * copy - entries for another audience than the vault's: ids as pseudonyms, members left out.
 *
 * A pseudonym is the 64 lower-case hexadecimal digits of HMAC-SHA-256 (RFC 2104) of the value's
 * UTF-8 under a key: the same id has the same one in every member and every line, and without the
 * key nobody can go back or test a guess.  "openssl dgst -sha256 -hmac" makes the same.
 */
#ifndef EVENT_COPY_H
#define EVENT_COPY_H

#include "base/digest.h"
#include "event/entry.h"

enum { COPY_KEY_LEAST = 32 }; /* bytes: RFC 2104 section 3, the length of the digest */

struct copy {
	struct buf key[FIELD_COUNT]; /* secret; empty: the member is left as it is */
	uint32_t drop;               /* members to leave out, or to make null, a bit each */
};

/* Room for the pseudonyms of one entry. */
struct pseudonyms {
	char hex[FIELD_COUNT][2 * HASH_LEN + sizeof "Patient/"];
};

/* May f (FIELD_NONE: no) be pseudonymized: is it an id of a person, a resource, a request or a session? */
bool copy_field(enum field f);

/*
 * copy_key_fits(key):
 * A key file's bytes: its last LF, if any, is taken off.  Are enough left?
 */
bool copy_key_fits(struct buf *key);

/*
 * copy_make(c, e, room):
 * Change e, which the guard has passed, into its copy; e borrows from room.  Null stays null.
 * With patient_id the resource_id of a Patient, which is the same id, gets a pseudonym too, behind
 * the "Patient/" it may begin with, or is dropped too, unless it has a key of its own.
 */
void copy_make(const struct copy *c, struct entry *e, struct pseudonyms *room);

/* Wipes the keys. */
void copy_free(struct copy *c);

#endif
