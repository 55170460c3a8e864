/*
 * codec - bytes as text: hexadecimal and base64 (RFC 4648 sections 8 and 4).
 */
#ifndef BASE_CODEC_H
#define BASE_CODEC_H

#include <stdint.h>

#include "base/buf.h"

/* Append 2 * len lower-case hex digits. */
void hex_put(struct buf *b, const void *p, size_t len);

/* Read exactly len bytes from 2 * len hex digits of either case.  Returns 0, or -1 for anything else. */
int hex_get(struct slice text, void *out, size_t len);

/* Append the standard alphabet with padding. */
void base64_put(struct buf *b, const void *p, size_t len);

/*
 * base64_get(text, out):
 * Append the bytes of text to out.  Strict: padding due, no blank, unused bits zero, so that one
 * byte string has one text.  Returns 0; -1 for anything else, with out as it was.
 */
int base64_get(struct slice text, struct buf *out);

#endif
