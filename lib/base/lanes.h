/*
 * lanes - SHA-256 of independent messages, four at a time, by the x86 SHA instructions.
 *
 * Used by base/digest only; on other processors lanes_available() is false.
 */
#ifndef BASE_LANES_H
#define BASE_LANES_H

#include "base/digest.h"

/* Does this processor have the instructions? */
bool lanes_available(void);

/* As sha256_many.  Only to be called if lanes_available(). */
void lanes_sha256(int prefix, const struct slice *messages, size_t n, struct hash *out);

#endif
