/*
 * digest - SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104).
 *
 * A message that comes in pieces goes through OpenSSL.  Messages that are there as a whole go
 * through four interleaved lanes of the SHA instructions where the processor has them: sha256rnds2
 * has a longer latency than issue interval, so independent messages hide each other's wait.  Ten
 * and more of them go sixteen abreast through AVX-512 where that is faster (base/wide.h).
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdint.h>

#include "base/slice.h"

enum { HASH_LEN = 32 };

struct hash {
	uint8_t b[HASH_LEN];
};

static inline bool
hash_eq(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, HASH_LEN) == 0;
}

/*
 * To be called first in the main of what signs and verifies: OpenSSL reads no configuration file,
 * so that none (nor $OPENSSL_CONF) loads code or changes what is done, and no start waits for it.
 * Its allocations end the process as ours do (base/mem.h): what it says of a signature for want of
 * memory is not to be told from what it says of a bad one.
 */
void digest_start(void);

/* A digest under way, for input that comes in pieces.  Not for two threads at once. */
struct sha256;

struct sha256 *sha256_new(void);
void sha256_begin(struct sha256 *c);
void sha256_add(struct sha256 *c, const void *p, size_t len);
void sha256_end(struct sha256 *c, struct hash *out);
void sha256_free(struct sha256 *c); /* accepts NULL */

/* The digest of all of message. */
void sha256(struct slice message, struct hash *out);

/*
 * sha256_many(prefix, messages, n, out):
 * out[i] = SHA-256(prefix || messages[i]) for n messages, where prefix is one byte 0..255, or
 * nothing if it is -1.  An RFC 6962 leaf has prefix 0, a node (64 bytes: two hashes) prefix 1.
 */
void sha256_many(int prefix, const struct slice *messages, size_t n, struct hash *out);

/* The portable path of sha256_many, for its tests and for processors without SHA instructions. */
void sha256_many_portable(int prefix, const struct slice *messages, size_t n, struct hash *out);

/* out = HMAC-SHA-256(key, message). */
void hmac_sha256(struct slice key, struct slice message, struct hash *out);

#endif
