/*
 * utf8 - one character of UTF-8 (RFC 3629) at a time.
 *
 * No overlong form, no surrogate, nothing above U+10FFFF.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdint.h>

#include "base/buf.h"

/*
 * utf8_get(p, end, c):
 * The length in bytes of the character that starts at p < end, with *c (may be NULL) its code
 * point; 0 if there is none.  Reads no byte at or behind end.
 */
unsigned utf8_get(const char *p, const char *end, uint32_t *c);

/* utf8_put(b, c): append the scalar value c, at most U+10FFFF and no surrogate. */
void utf8_put(struct buf *b, uint32_t c);

/* utf8_count(s): how many characters s, valid UTF-8, has. */
size_t utf8_count(struct slice s);

#endif
