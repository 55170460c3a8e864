/*
 * key - note keys (c2sp.org/signed-note) and their Ed25519 signatures (RFC 8032).
 *
 * vkey: name+hex8+base64(alg || public key); skey: PRIVATE+KEY+name+hex8+base64(alg || seed),
 * where hex8 is the key id: the first 4 bytes of SHA-256(name || LF || alg || public key).
 * alg 1 signs a note's text.  alg 4 is a cosignature/v1 (c2sp.org/tlog-cosignature): its blob is
 * 8 bytes of POSIX seconds, big-endian, before a signature over "cosignature/v1\ntime N\n" || text.
 */
#ifndef LOG_KEY_H
#define LOG_KEY_H

#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"

enum {
	KEY_NAME_MAX = 255, /* bytes */
	KEY_NOTE = 1,
	KEY_COSIGN = 4,
	KEY_BYTES = 32, /* seed and public key */
	KEY_SIG = 64,   /* Ed25519 signature */
	KEY_COSIG = 72, /* time and signature */
};

struct vkey {
	char name[KEY_NAME_MAX + 1];
	uint8_t alg; /* KEY_NOTE or KEY_COSIGN */
	uint8_t pub[KEY_BYTES];
	uint32_t id;
};

struct skey {
	struct vkey vkey; /* alg KEY_NOTE: a log's; KEY_COSIGN: a witness's */
	uint8_t seed[KEY_BYTES];
	void *
	    ready; /* OpenSSL's form of it, made once: it takes as long as a signature; or NULL */
};

/*
 * key_name_ok(name):
 * May name be a key's?  1 to 255 bytes of UTF-8 without '+', Unicode space or control character,
 * and not "cosignature/v1".
 */
bool key_name_ok(struct slice name);

/*
 * vkey_get(text, k, d), skey_get(text, k, d):
 * Read all of text, without LF.  Returns 0; -1 with d: key-syntax, key-name, key-alg (not one of
 * ours) or key-id (the id is not this key's; in an skey the public key is made from the seed).
 */
int vkey_get(struct slice text, struct vkey *k, struct diag *d);
int skey_get(struct slice text, struct skey *k, struct diag *d);

/* Append, without LF. */
void vkey_put(struct buf *b, const struct vkey *k);
void skey_put(struct buf *b, const struct skey *k);

/*
 * vkeys_get(text, keys, n, d):
 * A file of one vkey a line, blank lines aside.  *keys gets an array of *n, to be freed by the
 * caller.  Returns 0; -1 with d (as vkey_get; key-none if there is none) and nothing to free.
 */
int vkeys_get(struct slice text, struct vkey **keys, size_t *n, struct diag *d);

/* The same key as a cosigner: alg KEY_COSIGN, and the id that goes with it. */
struct vkey vkey_cosigner(const struct vkey *k);

/* Make a new key, alg KEY_NOTE or KEY_COSIGN.  Returns 0; -1 if name is none or there is no randomness. */
int skey_make(struct slice name, uint8_t alg, struct skey *k);

/* Wipe, also what OpenSSL has of it. */
void skey_wipe(struct skey *k);

/* sig gets the signature of text.  Returns 0 or -1 (OpenSSL failed). */
int skey_sign(const struct skey *k, struct slice text, uint8_t sig[KEY_SIG]);

/* blob gets the cosignature/v1 of text at time (seconds since 1970, not negative). */
int skey_cosign(const struct skey *k, struct slice text, int64_t time, uint8_t blob[KEY_COSIG]);

/*
 * vkey_verify(k, text, blob, time):
 * Is blob (what follows the key id in a note's signature line) k's signature of text?  *time (may
 * be NULL) gets the time of a KEY_COSIGN signature.
 */
bool vkey_verify(const struct vkey *k, struct slice text, struct slice blob, int64_t *time);

#endif
