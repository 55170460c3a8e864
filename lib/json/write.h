/*
 * write - JSON text into a buf.
 */
#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include <stdint.h>

#include "base/buf.h"

/* How strings outside ASCII are written. */
enum json_style {
	JSON_ASCII, /* as \uXXXX, lower case, surrogate pairs: Python's json.dumps */
	JSON_UTF8,  /* as they are: JSON.stringify */
};

/*
 * json_put_string(b, text, style):
 * text (valid UTF-8, unescaped) in quotes.  Escapes '"' and '\' and control characters with the
 * short forms \b \f \n \r \t where they exist, else \u00xx; DEL is \u007f in JSON_ASCII and stays as
 * it is in JSON_UTF8.  (Exactly what Python and JavaScript write.)
 */
void json_put_string(struct buf *b, struct slice text, enum json_style style);

/*
 * json_put_double(b, v):
 * v, finite, as JavaScript's Number.prototype.toString writes it (ECMA-262 6.1.6.1.20): the
 * shortest digits that read back as v, "620" for 620.0, "1e-7", "1e+21", "0" for -0.
 */
void json_put_double(struct buf *b, double v);

#endif
