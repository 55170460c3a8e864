/*
 * wide - SHA-256 of independent messages, sixteen at a time, by AVX-512.
 *
 * Used by base/digest only.  On Intel's processors sixteen messages side by side in 512-bit registers
 * are faster than the SHA instructions, whose unit takes one pair of rounds every two to three cycles.
 */
#ifndef BASE_WIDE_H
#define BASE_WIDE_H

#include "base/digest.h"

/* Does this processor have the instructions, and do they pay? */
bool wide_available(void);

/* As sha256_many.  Only to be called if wide_available().  It pays from about WIDE_MIN messages on. */
enum { WIDE_MIN = 10 };
void wide_sha256(int prefix, const struct slice *messages, size_t n, struct hash *out);

#endif
