#include "base/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/lanes.h"
#include "base/mem.h"
#include "base/wide.h"

struct sha256 {
	EVP_MD_CTX *ctx;
};

/* Without a digest nothing here can go on, and nobody could say how. */
static _Noreturn void
no_digest(void)
{
	static const char text[] = "SHA-256 is not available from OpenSSL\n";

	(void)!write(STDERR_FILENO, text, sizeof text - 1);
	_exit(2);
}

static void *
get(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return size == 0 ? NULL : xmalloc(size);
}

static void
give_back(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static void *
get_more(void *p, size_t size, const char *file, int line)
{
	if (size > 0)
		return xrealloc(p, size, 1);
	give_back(p, file, line);
	return NULL;
}

static EVP_MD *fetched;

static void
fetch(void)
{
	fetched = EVP_MD_fetch(NULL, "SHA256", NULL);
}

/* Fetched once: OpenSSL's convenience calls fetch anew each time, at some 600 ns. */
static const EVP_MD *
algorithm(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fetch);
	if (fetched == NULL)
		no_digest();
	return fetched;
}

void
digest_start(void)
{
	(void)CRYPTO_set_mem_functions(get, get_more, give_back);
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

struct sha256 *
sha256_new(void)
{
	struct sha256 *c = xmalloc(sizeof *c);

	c->ctx = EVP_MD_CTX_new();
	if (c->ctx == NULL || EVP_DigestInit_ex2(c->ctx, algorithm(), NULL) != 1)
		no_digest();
	return c;
}

void
sha256_begin(struct sha256 *c)
{
	if (EVP_DigestInit_ex2(c->ctx, NULL, NULL) != 1)
		no_digest();
}

void
sha256_add(struct sha256 *c, const void *p, size_t len)
{
	if (len > 0 && EVP_DigestUpdate(c->ctx, p, len) != 1)
		no_digest();
}

void
sha256_end(struct sha256 *c, struct hash *out)
{
	if (EVP_DigestFinal_ex(c->ctx, out->b, NULL) != 1)
		no_digest();
}

void
sha256_free(struct sha256 *c)
{
	if (c == NULL)
		return;
	EVP_MD_CTX_free(c->ctx);
	free(c);
}

void
sha256(struct slice message, struct hash *out)
{
	sha256_many(-1, &message, 1, out);
}

void
sha256_many_portable(int prefix, const struct slice *messages, size_t n, struct hash *out)
{
	struct sha256 *c = sha256_new();
	uint8_t first = (uint8_t)prefix;

	for (size_t i = 0; i < n; i++) {
		sha256_begin(c);
		sha256_add(c, &first, prefix >= 0);
		sha256_add(c, messages[i].p, messages[i].len);
		sha256_end(c, &out[i]);
	}
	sha256_free(c);
}

void
sha256_many(int prefix, const struct slice *messages, size_t n, struct hash *out)
{
	if (n >= WIDE_MIN && wide_available())
		wide_sha256(prefix, messages, n, out);
	else if (lanes_available())
		lanes_sha256(prefix, messages, n, out);
	else
		sha256_many_portable(prefix, messages, n, out);
}

void
hmac_sha256(struct slice key, struct slice message, struct hash *out)
{
	static const uint8_t none;
	unsigned len = HASH_LEN;

	if (HMAC(algorithm(), key.len > 0 ? (const void *)key.p : &none, (int)key.len,
		(const uint8_t *)message.p, message.len, out->b, &len) == NULL)
		no_digest();
}
