/*
 * canon - the canonical form of a JSON value.
 *
 * What Python's json.dumps(json.loads(text), sort_keys=True) prints: members sorted by the code
 * points of their names, ", " and ": ", non-ASCII as \uXXXX, integers with all their digits, other
 * numbers as Python's repr(float).
 */
#ifndef JSON_CANON_H
#define JSON_CANON_H

#include "json/scan.h"

/*
 * json_canon(j, text, out, d):
 * Append the canonical form of text (padded as for json_begin) to out.  Returns 0; -1 with *d if
 * the scanner refuses text, or with rule "range" for a number beyond the range of a double.
 */
int json_canon(struct json *j, struct slice text, struct buf *out, struct diag *d);

#endif
