/*
 * names - which member of an entry a key means.
 *
 * Logs repeat themselves: a key mostly follows the one that it followed in the line before.  So
 * each name remembers what came next, and looking it up is one comparison.
 */
#ifndef EVENT_NAMES_H
#define EVENT_NAMES_H

#include "event/schema.h"

enum {
	NAMES_MAX = 2 * FIELD_COUNT + 2,
	NAMES_INNER = 4, /* objects in a record that hold members */
};

struct name {
	struct slice key;
	enum field field; /* FIELD_NONE: an object that holds members, see inner */
	unsigned inner;   /* which one */
};

struct names {
	struct name name[NAMES_MAX];
	unsigned count;
	unsigned char
	    next[NAMES_MAX + 1]; /* by the name before; the last is for the first key */
	unsigned last;
};

/* names_add(n, name): its key is borrowed. */
void names_add(struct names *n, struct name name);

/* names_restart(n): the next key to be looked up is the first of its object. */
void names_restart(struct names *n);

/* The name with this key, or NULL. */
const struct name *names_find(struct names *n, struct slice key);

#endif
