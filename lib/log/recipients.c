#include "log/recipients.h"

#include <limits.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/mem.h"

struct recipients {
	STACK_OF(X509) * certs;
};

struct recipients *
recipients_new(void)
{
	struct recipients *r = xzalloc(1, sizeof *r);

	r->certs = sk_X509_new_null();
	return r;
}

void
recipients_free(struct recipients *r)
{
	if (r == NULL)
		return;
	sk_X509_pop_free(r->certs, X509_free);
	free(r);
}

static X509 *
read_cert(struct slice text)
{
	const unsigned char *der = (const unsigned char *)text.p;
	BIO *in = text.len > INT_MAX ? NULL : BIO_new_mem_buf(text.p, (int)text.len);
	X509 *cert = in == NULL ? NULL : PEM_read_bio_X509(in, NULL, NULL, NULL);

	if (cert == NULL && in != NULL && text.len > 0)
		cert = d2i_X509(NULL, &der, (long)text.len);
	BIO_free(in);
	return cert;
}

/* One more recipient of the message. */
static int
add_recipient(CMS_ContentInfo *cms, X509 *cert)
{
	bool rsa = EVP_PKEY_is_a(X509_get0_pubkey(cert), "RSA");
	CMS_RecipientInfo *info = CMS_add1_recipient_cert(cms, cert, rsa ? CMS_KEY_PARAM : 0);
	EVP_PKEY_CTX *ctx;

	if (info == NULL)
		return -1;
	if (!rsa)
		return 0;
	ctx = CMS_RecipientInfo_get0_pkey_ctx(info);
	return ctx != NULL && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) > 0 &&
		EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) > 0
	    ? 0
	    : -1;
}

static CMS_ContentInfo *
begin(const struct recipients *r)
{
	CMS_ContentInfo *cms = CMS_AuthEnvelopedData_create(EVP_aes_256_gcm());

	for (int i = 0; cms != NULL && i < sk_X509_num(r->certs); i++)
		if (add_recipient(cms, sk_X509_value(r->certs, i)) == -1) {
			CMS_ContentInfo_free(cms);
			cms = NULL;
		}
	return cms;
}

int
recipients_seal(const struct recipients *r, struct slice data, struct buf *out)
{
	CMS_ContentInfo *cms = begin(r);
	BIO *in = BIO_new_mem_buf(data.p, (int)data.len), *der = BIO_new(BIO_s_mem());
	int status = -1;
	char *p;

	if (cms != NULL && in != NULL && der != NULL && data.len <= INT_MAX &&
	    CMS_set_detached(cms, 0) == 1 && CMS_final(cms, in, NULL, CMS_BINARY) == 1 &&
	    i2d_CMS_bio(der, cms) == 1) {
		long len = BIO_get_mem_data(der, &p);

		buf_add(out, p, (size_t)len);
		status = 0;
	}
	BIO_free(in);
	BIO_free(der);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return status;
}

int
recipients_add(struct recipients *r, struct slice text)
{
	struct recipients one = { sk_X509_new_null() };
	struct buf trial = { 0 };
	X509 *cert = read_cert(text);
	int status = -1;

	/* That it can be encrypted to shows by doing so. */
	if (cert != NULL && sk_X509_push(one.certs, cert) > 0)
		status = recipients_seal(&one, SLICE("trial"), &trial);
	if (status == 0)
		status = sk_X509_push(r->certs, cert) > 0 ? 0 : -1;
	if (status == -1)
		X509_free(cert);
	sk_X509_free(one.certs);
	buf_free(&trial);
	ERR_clear_error();
	return status;
}
