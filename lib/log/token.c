#include "log/token.h"

#include <openssl/evp.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"

struct token {
	PKCS7 *token;
	TS_TST_INFO *info;
};

void
token_free(struct token *t)
{
	if (t == NULL)
		return;
	PKCS7_free(t->token);
	TS_TST_INFO_free(t->info);
	free(t);
}

/* The token of a response that says "granted"; NULL if der is none. */
static PKCS7 *
of_response(struct slice der)
{
	const unsigned char *p = (const unsigned char *)der.p;
	TS_RESP *r = d2i_TS_RESP(NULL, &p, (long)der.len);
	PKCS7 *token = NULL;

	if (r != NULL && p == (const unsigned char *)der.p + der.len) {
		const ASN1_INTEGER *status =
		    TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(r));
		long granted = status == NULL ? -1 : ASN1_INTEGER_get(status);

		if (granted == TS_STATUS_GRANTED || granted == TS_STATUS_GRANTED_WITH_MODS)
			token = PKCS7_dup(TS_RESP_get_token(r));
	}
	TS_RESP_free(r);
	return token;
}

struct token *
token_get(struct slice der)
{
	const unsigned char *p = (const unsigned char *)der.p;
	struct token *t = xzalloc(1, sizeof *t);

	t->token = of_response(der);
	if (t->token == NULL) {
		t->token = d2i_PKCS7(NULL, &p, (long)der.len);
		if (p != (const unsigned char *)der.p + der.len) {
			PKCS7_free(t->token);
			t->token = NULL;
		}
	}
	if (t->token != NULL && PKCS7_type_is_signed(t->token))
		t->info = PKCS7_to_TS_TST_INFO(t->token);
	if (t->info != NULL)
		return t;
	token_free(t);
	return NULL;
}

bool
token_stamps(const struct token *t, struct slice bytes)
{
	TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(t->info);
	const ASN1_OBJECT *algorithm;
	const EVP_MD *md;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	ASN1_OCTET_STRING *want;

	X509_ALGOR_get0(&algorithm, NULL, NULL, TS_MSG_IMPRINT_get_algo(imprint));
	md = EVP_get_digestbyobj(algorithm);
	want = TS_MSG_IMPRINT_get_msg(imprint);
	return md != NULL && EVP_MD_get_size(md) >= 32 &&
	    EVP_Digest(bytes.p, bytes.len, digest, &len, md, NULL) == 1 &&
	    ASN1_STRING_length(want) == (int)len &&
	    memcmp(ASN1_STRING_get0_data(want), digest, len) == 0;
}

/* A store that trusts what ca holds, at a time; NULL if it cannot be read. */
static X509_STORE *
open_store(const char *ca, int64_t time)
{
	X509_STORE *store = X509_STORE_new();

	if (store == NULL || X509_STORE_load_file(store, ca) != 1) {
		X509_STORE_free(store);
		return NULL;
	}
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)time);
	return store;
}

static bool
get_time(const struct token *t, int64_t *time)
{
	const ASN1_GENERALIZEDTIME *at = TS_TST_INFO_get_time(t->info);
	struct tm tm;

	if (at == NULL || ASN1_TIME_to_tm(at, &tm) != 1)
		return false;
	*time = (int64_t)timegm(&tm);
	return true;
}

enum token_state
token_check(const struct token *t, const char *ca, int64_t *time)
{
	X509_STORE *store;
	TS_VERIFY_CTX *ctx;
	bool good;

	if (!get_time(t, time))
		return TOKEN_BAD;
	store = open_store(ca, *time);
	if (store == NULL)
		return TOKEN_CA;
	ctx = TS_VERIFY_CTX_new();
	if (ctx == NULL) {
		X509_STORE_free(store);
		return TOKEN_BAD;
	}
	TS_VERIFY_CTX_set_flags(ctx, TS_VFY_VERSION | TS_VFY_SIGNATURE);
	TS_VERIFY_CTX_set_store(ctx, store); /* ctx has it now */
	good = TS_RESP_verify_token(ctx, t->token) == 1;
	TS_VERIFY_CTX_free(ctx);
	return good ? TOKEN_GOOD : TOKEN_BAD;
}
