/*
 * recipients - whom a segment is encrypted to: CMS AuthEnvelopedData (RFC 5083, RFC 5084), AES-256 in
 * Galois/counter mode, the key wrapped for each certificate (RSA by OAEP, EC by ECDH).
 */
#ifndef LOG_RECIPIENTS_H
#define LOG_RECIPIENTS_H

#include "base/buf.h"

enum { RECIPIENT_FILE_MAX = 1 << 20 }; /* bytes */

struct recipients;

struct recipients *recipients_new(void);
void recipients_free(struct recipients *r); /* accepts NULL */

/*
 * recipients_add(r, text):
 * Add the first certificate of text, PEM or DER.  Returns 0; -1 if it is none, or none that can be
 * encrypted to.
 */
int recipients_add(struct recipients *r, struct slice text);

/* Append to out a DER CMS message of data to all certificates.  Returns 0, or -1 (OpenSSL failed). */
int recipients_seal(const struct recipients *r, struct slice data, struct buf *out);

#endif
