/*
 * value - between JSON text and libjq's values.  Part of query, and of it alone.
 *
 * Read by our scanner and written by our writer: libjq's own do it a byte at a time, and took more
 * than the program they served.  Numbers that are no plain integers stay its business.
 */
#ifndef JSON_VALUE_H
#define JSON_VALUE_H

#include <jq.h>

#include "json/scan.h"

/*
 * value_get(j, text, scratch, v, d):
 * text (already checked) as a value, which the caller owns.  Returns 0; -1 with d->rule "map" if
 * libjq would change what a number says: an integer beyond +-2^53, one beyond the range of a
 * double (d->offset: its place).
 */
int value_get(struct json *j, struct slice text, struct buf *scratch, jv *v, struct diag *d);

/*
 * value_put(v, b):
 * Append v, borrowed, as compact text.  Returns false if more than JSON_DEPTH containers are open
 * in it at once; what was appended is of no use then.
 */
bool value_put(jv v, struct buf *b);

#endif
