/* SHA-256 and HMAC against published vectors, and all ways to many against the portable one. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/lanes.h"
#include "base/wide.h"
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

typedef void many(int prefix, const struct slice *messages, size_t n, struct hash *out);

enum { N = 300, SIZE = 1 << 16 };

static void
same(many *fast, int prefix, const struct slice *m, size_t n)
{
	static struct hash got[N], want[N];

	memset(got, 0, sizeof got);
	fast(prefix, m, n, got);
	sha256_many_portable(prefix, m, n, want);
	CHECK(memcmp(got, want, n * sizeof *got) == 0);
}

static void
against_portable(many *fast, const char *data)
{
	static const int prefixes[] = { -1, 0, 1, 255 };
	static struct slice m[N];

	srand(1);
	for (size_t k = 0; k < 4; k++) {
		for (size_t len = 0; len < N; len++)
			m[len] = (struct slice){ data + len % 7, len };
		same(fast, prefixes[k], m, N);
		for (size_t n = 0; n < 40; n++)
			same(fast, prefixes[k], m + 100 - n, n);
		m[0] = (struct slice){ NULL, 0 };
		same(fast, prefixes[k], m, 20);
	}
	for (int round = 0; round < 200; round++) {
		size_t n = (size_t)rand() % N, most = round % 2 ? 3000 : 130;

		for (size_t i = 0; i < n; i++)
			m[i] = (struct slice){ data + rand() % 1000, (size_t)rand() % most };
		same(fast, prefixes[round % 4], m, n);
	}
}

/* Messages that begin and end where no byte before or behind may be touched. */
static void
at_the_edge(many *fast)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct slice m[N];

	CHECK(map != MAP_FAILED && mprotect(map + page, page, PROT_READ | PROT_WRITE) == 0);
	memset(map + page, 'x', page);
	for (size_t i = 0; i < N; i++)
		m[i] = i % 2 ? (struct slice){ map + page, i }
			     : (struct slice){ map + 2 * page - i, i };
	same(fast, 0, m, N);
	same(fast, -1, m, N);
	munmap(map, 3 * page);
}

static void
many_at_once(void)
{
	static char data[SIZE];

	srand(1);
	for (size_t i = 0; i < SIZE; i++)
		data[i] = (char)rand();
	against_portable(sha256_many, data);
	at_the_edge(sha256_many);
	if (lanes_available()) {
		against_portable(lanes_sha256, data);
		at_the_edge(lanes_sha256);
	}
	if (wide_available()) {
		against_portable(wide_sha256, data);
		at_the_edge(wide_sha256);
	}
}

int
main(void)
{
	published();
	many_at_once();
	return check_done();
}
