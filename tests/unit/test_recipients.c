/* Encryption to certificates, and what becomes of it when OpenSSL runs out of memory. */
#include "check.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "log/key.h"
#include "log/recipients.h"

/* The allocation that fails, counted from 1; 0: none. */
static unsigned long count, fail_at;

static bool
fails(void)
{
	return fail_at != 0 && ++count == fail_at;
}

static void *
get(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails() ? NULL : malloc(n);
}

static void *
change(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	if (n == 0) {
		free(p);
		return NULL;
	}
	return fails() ? NULL : realloc(p, n);
}

static void
give_back(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

/* A certificate of key's, signed by itself, as PEM. */
static void
certify(EVP_PKEY *key, struct buf *pem)
{
	X509 *cert = X509_new();
	BIO *out = BIO_new(BIO_s_mem());
	char *p;
	long len;

	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
	    (const unsigned char *)"x", -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	X509_set_pubkey(cert, key);
	CHECK(X509_sign(cert, key, EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256()) > 0);
	CHECK(PEM_write_bio_X509(out, cert) == 1);
	len = BIO_get_mem_data(out, &p);
	buf_add(pem, p, (size_t)len);
	BIO_free(out);
	X509_free(cert);
}

static void
takes_certificates(const struct buf *rsa, const struct buf *ec, const struct buf *ed)
{
	struct recipients *r = recipients_new();
	struct buf a = { 0 }, b = { 0 };

	CHECK(recipients_add(r, buf_view(rsa)) == 0);
	CHECK(recipients_add(r, buf_view(ec)) == 0);
	CHECK(recipients_add(r, buf_view(ed)) == -1); /* can sign, and that is all */
	CHECK(recipients_add(r, SLICE("")) == -1);
	CHECK(recipients_add(r, SLICE("-----BEGIN CERTIFICATE-----\nAAAA\n")) == -1);
	CHECK(recipients_add(r, (struct slice){ rsa->p, rsa->len / 2 }) == -1);
	CHECK(recipients_seal(r, SLICE("text"), &a) == 0 && a.len > 0);
	CHECK(recipients_seal(r, SLICE("text"), &b) == 0);
	CHECK(!slice_eq(buf_view(&a), buf_view(&b))); /* another key each time */
	CHECK(memmem(a.p, a.len, "text", 4) == NULL);
	CHECK((unsigned char)a.p[0] == 0x30 && (unsigned char)a.p[1] == 0x82); /* DER */
	buf_free(&a);
	buf_free(&b);
	recipients_free(r);
	recipients_free(NULL);
}

/* Each allocation of work fails once: it says no, or has done what it should. */
static unsigned long
starve(bool (*work)(void *arg), void *arg)
{
	unsigned long most, refused = 0;

	count = 0;
	fail_at = ~0ul;
	CHECK(work(arg));
	most = count;
	for (unsigned long at = 1; at <= most; at++) {
		count = 0;
		fail_at = at;
		refused += !work(arg);
	}
	fail_at = 0;
	CHECK(most > 0);
	CHECK(work(arg));
	return refused;
}

static bool
seal(void *arg)
{
	struct recipients *r = recipients_new();
	struct buf out = { 0 };
	bool ok = recipients_add(r, buf_view(arg)) == 0 &&
	    recipients_seal(r, SLICE("text"), &out) == 0;

	CHECK(!ok || out.len > 100);
	recipients_free(r);
	buf_free(&out);
	return ok;
}

struct signing {
	struct skey key;
	uint8_t sig[KEY_SIG];
};

static bool
sign(void *arg)
{
	struct signing *s = arg;
	uint8_t sig[KEY_SIG] = { 0 };
	bool ok = skey_sign(&s->key, SLICE("text"), sig) == 0;

	CHECK(!ok || memcmp(sig, s->sig, KEY_SIG) == 0);
	return ok;
}

static bool
verify(void *arg)
{
	struct signing *s = arg;
	struct slice blob = { (const char *)s->sig, KEY_SIG };

	CHECK(!vkey_verify(&s->key.vkey, SLICE("other"), blob, NULL));
	return vkey_verify(&s->key.vkey, SLICE("text"), blob, NULL);
}

int
main(void)
{
	struct buf rsa = { 0 }, ec = { 0 }, ed = { 0 };
	EVP_PKEY *key;
	struct signing s;

	CHECK(CRYPTO_set_mem_functions(get, change, give_back) == 1);
	key = EVP_RSA_gen(2048);
	certify(key, &rsa);
	EVP_PKEY_free(key);
	key = EVP_EC_gen("P-256");
	certify(key, &ec);
	EVP_PKEY_free(key);
	key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	certify(key, &ed);
	EVP_PKEY_free(key);
	takes_certificates(&rsa, &ec, &ed);
	/* Not for EC: OpenSSL 3.0 writes through NULL when its key derivation gets no memory. */
	CHECK(starve(seal, &rsa) > 0);
	CHECK(skey_make(SLICE("log"), KEY_NOTE, &s.key) == 0);
	CHECK(skey_sign(&s.key, SLICE("text"), s.sig) == 0);
	CHECK(starve(sign, &s) > 0);
	CHECK(starve(verify, &s) > 0);
	skey_wipe(&s.key);
	buf_free(&rsa);
	buf_free(&ec);
	buf_free(&ed);
	return check_done();
}
