/*
 * escape - text in formats that mark special bytes with a backslash.
 */
#ifndef EVENT_ESCAPE_H
#define EVENT_ESCAPE_H

#include "base/buf.h"

/*
 * escape_put(b, text, also):
 * Append text with a backslash before each backslash and each byte of also, which has two.
 */
void escape_put(struct buf *b, struct slice text, const char also[2]);

#endif
