/*
 * token - RFC 3161 time stamps, by OpenSSL.
 *
 * A time stamp response (what openssl ts -reply writes) or the token alone, in DER.
 */
#ifndef LOG_TOKEN_H
#define LOG_TOKEN_H

#include <stdint.h>

#include "base/slice.h"

struct token;

/* token_get(der): read all of der.  Returns NULL if it is no granted time stamp. */
struct token *token_get(struct slice der);
void token_free(struct token *t); /* accepts NULL */

/* Is it bytes that were stamped?  Only digests of 32 bytes and more count. */
bool token_stamps(const struct token *t, struct slice bytes);

/*
 * token_check(t, ca, time):
 * Is it signed by an authority whose certificates lead to those in the PEM file ca, as they stood at
 * the token's own time?  *time gets that, seconds since 1970.
 */
enum token_state {
	TOKEN_GOOD,
	TOKEN_CA,  /* ca cannot be read, or has no certificate */
	TOKEN_BAD, /* not signed so */
};
enum token_state token_check(const struct token *t, const char *ca, int64_t *time);

#endif
