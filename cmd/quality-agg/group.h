/*
 * group - what --by makes of a record: its key, and back again as JSON.
 *
 * A key is bytes whose order is the order of output: for each field of --by in turn 1 for null, 2 false, 3
 * true, or 4, the string in UTF-8 and a NUL (which no string has).
 */
#ifndef QUALITY_GROUP_H
#define QUALITY_GROUP_H

#include "base/buf.h"
#include "record.h"

enum { BY_MAX = 9, KEY_NULL = 1, KEY_FALSE, KEY_TRUE, KEY_STRING };

struct by {
	enum field field[BY_MAX];
	unsigned count;
};

/*
 * by_get(text, by):
 * Read "FIELD,FIELD,...".  Returns NULL, or what is wrong with it (a static string).
 */
const char *by_get(struct slice text, struct by *by);

/*
 * key_next(key, kind, text):
 * Take the next part off the front of *key: *kind is one of KEY_*, *text the string of KEY_STRING.  Returns
 * false if there is none.
 */
bool key_next(struct slice *key, int *kind, struct slice *text);

/* Append "name":value, for each part of key, as JSON members with a comma behind each. */
void key_put_json(struct buf *b, const struct by *by, struct slice key);

#endif
