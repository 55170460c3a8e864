/*
 * shape - a nested JSON record, written member by member.
 *
 * A place (event/schema.h) says where a member stands: its key, and the objects it is in, from the
 * record inwards with '.' between.  "agent#user.who" is the object who in an element of the array
 * agent; what follows '#' tells the elements apart and is not written.  Going from one place to the
 * next closes and opens what is between them, so that a format is a list of places and values;
 * members of one object, and elements of one array, must follow each other.
 *
 * Records repeat themselves: what was written on the way from one place to another is remembered
 * with the addresses of their names, which must be those of static strings.
 *
 * What is written has the spacing of Python's json.dumps: ", " and ": ".
 */
#ifndef EVENT_SHAPE_H
#define EVENT_SHAPE_H

#include "event/entry.h"

enum {
	SHAPE_WAYS = 256, /* a power of two */
	SHAPE_TEXT = 88,  /* bytes of a way that is remembered */
};

/* What is written between the value of a member in from and that of key in in. */
struct way {
	const char *from, *in, *key;
	bool empty; /* from had no member yet */
	uint8_t len;
	char text[SHAPE_TEXT];
};

/* Zeroed, and good for any number of records.  One per thread. */
struct shape {
	struct buf *b;  /* where records are appended; borrowed, set by the caller */
	const char *in; /* the object the last member was put in */
	bool empty;     /* nothing is in it yet */
	struct way ways[SHAPE_WAYS];
};

/* shape_begin(s): begin a record. */
void shape_begin(struct shape *s);

/*
 * shape_at(s, in, key):
 * Come to the member key of the object in (NULL: the record).  Its value, JSON, is to be appended next.
 */
void shape_at(struct shape *s, const char *in, const char *key);

/* shape_json(s, in, key, json): put a value that is JSON already. */
void shape_json(struct shape *s, const char *in, const char *key, struct slice json);

/* shape_text(s, in, key, text): put a string of printable ASCII without quotes and backslashes. */
void shape_text(struct shape *s, const char *in, const char *key, struct slice text);

/* shape_field(s, e, f, at): put the value of f, if it has one, at the place. */
void shape_field(struct shape *s, const struct entry *e, enum field f, const struct place *at);

/* shape_end(s): close what is open. */
void shape_end(struct shape *s);

#endif
