/* SHA-256 and HMAC against published vectors, and the lanes against the portable path. */
#include <stdlib.h>

#include "base/codec.h"
#include "base/digest.h"
#include "check.h"

static bool
hash_is(const struct hash *h, const char *hex)
{
	struct buf b = { 0 };
	bool same;

	hex_put(&b, h->b, HASH_LEN);
	same = slice_is(buf_view(&b), hex);
	buf_free(&b);
	return same;
}

static void
published(void)
{
	struct sha256 *c = sha256_new();
	struct hash h;

	/* FIPS 180-4 examples (NIST CSRC, "SHA256.pdf"). */
	sha256(SLICE("abc"), &h);
	CHECK(hash_is(&h, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
	sha256(SLICE("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), &h);
	CHECK(hash_is(&h, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
	sha256((struct slice){ NULL, 0 }, &h);
	CHECK(hash_is(&h, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
	for (int i = 0; i < 1000000; i++)
		sha256_add(c, "a", 1);
	sha256_end(c, &h);
	CHECK(hash_is(&h, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
	sha256_begin(c);
	sha256_add(c, "abc", 3);
	sha256_end(c, &h);
	CHECK(hash_is(&h, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
	sha256_free(c);
	sha256_free(NULL);

	/* RFC 4231 section 4.3. */
	hmac_sha256(SLICE("Jefe"), SLICE("what do ya want for nothing?"), &h);
	CHECK(hash_is(&h, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
}

static void
lanes(void)
{
	enum { N = 300, SIZE = 1 << 16 };
	static char data[SIZE];
	static struct slice m[N];
	static struct hash fast[N], slow[N];

	srand(1);
	for (size_t i = 0; i < SIZE; i++)
		data[i] = (char)rand();
	for (int prefix = -1; prefix <= 1; prefix++) {
		for (size_t len = 0; len < N; len++)
			m[len] = (struct slice){ data + len % 7, len };
		sha256_many(prefix, m, N, fast);
		sha256_many_portable(prefix, m, N, slow);
		CHECK(memcmp(fast, slow, sizeof fast) == 0);
	}
	for (int round = 0; round < 100; round++) {
		size_t n = (size_t)rand() % N;

		for (size_t i = 0; i < n; i++)
			m[i] = (struct slice){ data + rand() % 1000, (size_t)rand() % 3000 };
		sha256_many(round % 3 - 1, m, n, fast);
		sha256_many_portable(round % 3 - 1, m, n, slow);
		CHECK(memcmp(fast, slow, n * sizeof fast[0]) == 0);
	}
}

int
main(void)
{
	published();
	lanes();
	return check_done();
}
