#include "log/key.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/codec.h"
#include "base/digest.h"
#include "base/mem.h"

static const char secret_mark[] = "PRIVATE+KEY+";

/* The first 4 bytes of SHA-256(name || LF || alg || public key). */
static uint32_t
key_id(const struct vkey *k)
{
	struct buf b = { 0 };
	struct hash h;

	buf_printf(&b, "%s\n%c", k->name, k->alg);
	buf_add(&b, k->pub, sizeof k->pub);
	sha256(buf_view(&b), &h);
	buf_free(&b);
	return (uint32_t)h.b[0] << 24 | (uint32_t)h.b[1] << 16 | (uint32_t)h.b[2] << 8 | h.b[3];
}

/* Split "name+hex8+base64": the base64 may hold further plus signs. */
static int
split(struct slice text, struct vkey *k, uint32_t *id, struct buf *bytes, struct diag *d)
{
	struct slice rest = text, part;
	uint8_t raw[4];

	if (!slice_cut(&rest, '+', &part))
		return diag_set(d, "key-syntax", 0);
	if (!key_name_ok(part))
		return diag_set(d, "key-name", 0);
	memcpy(k->name, part.p, part.len);
	k->name[part.len] = '\0';
	if (!slice_cut(&rest, '+', &part) || hex_get(part, raw, sizeof raw) == -1)
		return diag_set(d, "key-syntax", (size_t)(part.p - text.p));
	for (size_t i = 0; i < part.len; i++)
		if (part.p[i] >= 'A' && part.p[i] <= 'F')
			return diag_set(d, "key-syntax", (size_t)(part.p - text.p));
	*id = (uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16 | (uint32_t)raw[2] << 8 | raw[3];
	if (base64_get(rest, bytes) == -1 || bytes->len < 1)
		return diag_set(d, "key-syntax", (size_t)(rest.p - text.p));
	k->alg = (uint8_t)bytes->p[0];
	return 0;
}

int
vkey_get(struct slice text, struct vkey *k, struct diag *d)
{
	struct buf bytes = { 0 };
	uint32_t id = 0;
	int status;

	memset(k, 0, sizeof *k);
	status = split(text, k, &id, &bytes, d);
	if (status == 0 && k->alg != KEY_NOTE && k->alg != KEY_COSIGN)
		status = diag_set(d, "key-alg", 0);
	if (status == 0 && bytes.len != 1 + KEY_BYTES)
		status = diag_set(d, "key-syntax", 0);
	if (status == 0) {
		memcpy(k->pub, bytes.p + 1, KEY_BYTES);
		k->id = key_id(k);
		if (k->id != id)
			status = diag_set(d, "key-id", 0);
	}
	buf_free(&bytes);
	return status;
}

/* The public key and id that go with the seed. */
static int
complete(struct skey *k)
{
	EVP_PKEY *key =
	    EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, k->seed, sizeof k->seed);
	size_t len = sizeof k->vkey.pub;

	if (key == NULL || EVP_PKEY_get_raw_public_key(key, k->vkey.pub, &len) != 1) {
		EVP_PKEY_free(key);
		return -1;
	}
	k->ready = key;
	k->vkey.id = key_id(&k->vkey);
	return 0;
}

int
skey_get(struct slice text, struct skey *k, struct diag *d)
{
	struct buf bytes = { .secret = true };
	uint32_t id = 0;
	int status;

	memset(k, 0, sizeof *k);
	if (!slice_starts(text, SLICE(secret_mark)))
		return diag_set(d, "key-syntax", 0);
	text.p += sizeof secret_mark - 1;
	text.len -= sizeof secret_mark - 1;
	status = split(text, &k->vkey, &id, &bytes, d);
	if (status == 0 && k->vkey.alg != KEY_NOTE && k->vkey.alg != KEY_COSIGN)
		status = diag_set(d, "key-alg", 0);
	if (status == 0 && bytes.len != 1 + KEY_BYTES)
		status = diag_set(d, "key-syntax", 0);
	if (status == 0) {
		memcpy(k->seed, bytes.p + 1, KEY_BYTES);
		if (complete(k) == -1 || k->vkey.id != id)
			status = diag_set(d, "key-id", 0);
	}
	buf_free(&bytes);
	if (status == -1)
		skey_wipe(k);
	return status;
}

static void
put(struct buf *b, const struct vkey *k, const uint8_t bytes[KEY_BYTES])
{
	struct buf raw = { .secret = true };

	buf_byte(&raw, (char)k->alg);
	buf_add(&raw, bytes, KEY_BYTES);
	buf_printf(b, "%s+%08x+", k->name, (unsigned)k->id);
	base64_put(b, raw.p, raw.len);
	buf_free(&raw);
}

void
vkey_put(struct buf *b, const struct vkey *k)
{
	put(b, k, k->pub);
}

void
skey_put(struct buf *b, const struct skey *k)
{
	buf_str(b, secret_mark);
	put(b, &k->vkey, k->seed);
}

int
vkeys_get(struct slice text, struct vkey **keys, size_t *n, struct diag *d)
{
	struct slice line, rest = text;

	*keys = NULL;
	*n = 0;
	while (rest.len > 0) {
		slice_cut(&rest, '\n', &line);
		if (line.len == 0)
			continue;
		*keys = xrealloc(*keys, *n + 1, sizeof **keys);
		if (vkey_get(line, &(*keys)[*n], d) == -1) {
			if (d != NULL)
				d->offset += (size_t)(line.p - text.p);
			free(*keys);
			*keys = NULL;
			return -1;
		}
		++*n;
	}
	return *n > 0 ? 0 : diag_set(d, "key-none", 0);
}

struct vkey
vkey_cosigner(const struct vkey *k)
{
	struct vkey cosigner = *k;

	cosigner.alg = KEY_COSIGN;
	cosigner.id = key_id(&cosigner);
	return cosigner;
}

int
skey_make(struct slice name, uint8_t alg, struct skey *k)
{
	memset(k, 0, sizeof *k);
	if (!key_name_ok(name))
		return -1;
	memcpy(k->vkey.name, name.p, name.len);
	k->vkey.alg = alg;
	if (getrandom(k->seed, sizeof k->seed, 0) != (ssize_t)sizeof k->seed)
		return -1;
	return complete(k);
}

void
skey_wipe(struct skey *k)
{
	EVP_PKEY_free(k->ready);
	OPENSSL_cleanse(k, sizeof *k);
}

int
skey_sign(const struct skey *k, struct slice text, uint8_t sig[KEY_SIG])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = KEY_SIG;
	int ok = k->ready != NULL && ctx != NULL &&
	    EVP_DigestSignInit(ctx, NULL, NULL, NULL, k->ready) == 1 &&
	    EVP_DigestSign(ctx, sig, &len, (const unsigned char *)text.p, text.len) == 1 &&
	    len == KEY_SIG;

	EVP_MD_CTX_free(ctx);
	return ok ? 0 : -1;
}

/* What a cosignature/v1 signs. */
static void
put_cosigned(struct buf *b, struct slice text, uint64_t time)
{
	buf_printf(b, "cosignature/v1\ntime %llu\n", (unsigned long long)time);
	buf_slice(b, text);
}

int
skey_cosign(const struct skey *k, struct slice text, int64_t time, uint8_t blob[KEY_COSIG])
{
	struct buf b = { 0 };
	int status;

	for (int i = 0; i < 8; i++)
		blob[i] = (uint8_t)((uint64_t)time >> (56 - 8 * i));
	put_cosigned(&b, text, (uint64_t)time);
	status = skey_sign(k, buf_view(&b), blob + 8);
	buf_free(&b);
	return status;
}

static bool
verify(const uint8_t pub[KEY_BYTES], struct slice text, const char *sig)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, pub, KEY_BYTES);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = key != NULL && ctx != NULL &&
	    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
	    EVP_DigestVerify(ctx, (const unsigned char *)sig, KEY_SIG,
		(const unsigned char *)text.p, text.len) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}

bool
vkey_verify(const struct vkey *k, struct slice text, struct slice blob, int64_t *time)
{
	struct buf b = { 0 };
	uint64_t t = 0;
	bool ok;

	if (k->alg == KEY_NOTE)
		return blob.len == KEY_SIG && verify(k->pub, text, blob.p);
	if (k->alg != KEY_COSIGN || blob.len != KEY_COSIG)
		return false;
	for (int i = 0; i < 8; i++)
		t = t << 8 | (uint8_t)blob.p[i];
	if (t > INT64_MAX)
		return false;
	put_cosigned(&b, text, t);
	ok = verify(k->pub, buf_view(&b), blob.p + 8);
	buf_free(&b);
	if (ok && time != NULL)
		*time = (int64_t)t;
	return ok;
}
