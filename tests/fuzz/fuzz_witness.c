/*
 * The witness: any state, any body, bodies that are right or bent, and a disk that fails.
 *
 * Input: "r", a byte of flags (1: --init; 2: there is a state), the state's length in 2 bytes, the state,
 * the body.  Or "s": flags (as above; 4: the old head is of another log; 8: the new one is; 16: the
 * numbers do not fit), the call that fails (0: none), the known size, the size asked for, and a byte and a
 * bit of the body to be flipped (0: none).  Properties: only what goes on from the state is signed, and
 * all that does, unless the disk fails; what is signed is remembered first; else the state stays.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "log/checkpoint.h"
#include "log/proof.h"
#include "log/witness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUST(cond)                                                                             \
	do                                                                                     \
		if (!(cond))                                                                   \
			abort();                                                               \
	while (0)

enum { LEAVES = 40 };

/* The calls that can be made to fail, counted while failing is on. */
static unsigned calls, fail_at;

static bool
fails(void)
{
	if (fail_at == 0 || ++calls != fail_at)
		return false;
	errno = EIO;
	return true;
}

int
fsync(int fd)
{
	(void)fd;
	return fails() ? -1 : 0; /* nothing here has to last */
}

int
renameat(int from, const char *a, int to, const char *b)
{
	return fails() ? -1 : (int)syscall(SYS_renameat2, from, a, to, b, 0);
}

int
fchmod(int fd, mode_t mode)
{
	return fails() ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

static struct {
	char dir[32], state[48];
	struct skey log, witness;
	struct hash leaf[2][LEAVES], root[2][LEAVES + 1]; /* of two logs that share no entry */
} world;

/* RFC 6962's MTH over leaves first to before end. */
static void
mth(const struct hash *leaf, size_t n, struct hash *root)
{
	struct hash left, right;
	size_t k = 1;

	if (n == 0) {
		tree_empty(root);
		return;
	}
	if (n == 1) {
		*root = leaf[0];
		return;
	}
	while (2 * k < n)
		k *= 2;
	mth(leaf, k, &left);
	mth(leaf + k, n - k, &right);
	tree_node(&left, &right, root);
}

static void
subproof(const struct hash *leaf, size_t m, size_t n, bool whole, struct proof *p)
{
	size_t k = 1;

	if (m == n) {
		if (!whole)
			mth(leaf, n, &p->hash[p->n++]);
		return;
	}
	while (2 * k < n)
		k *= 2;
	if (m <= k) {
		subproof(leaf, m, k, whole, p);
		mth(leaf + k, n - k, &p->hash[p->n++]);
	} else {
		subproof(leaf + k, m - k, n - k, false, p);
		mth(leaf, k, &p->hash[p->n++]);
	}
}

static void
clean(void)
{
	char name[64];

	unlink(world.state);
	snprintf(name, sizeof name, "%s.lock", world.state);
	unlink(name);
	snprintf(name, sizeof name, "%s.tmp", world.state);
	unlink(name);
	rmdir(world.dir);
	skey_wipe(&world.log);
	skey_wipe(&world.witness);
}

static void
make_world(void)
{
	strcpy(
	    world.dir, access("/dev/shm", W_OK) == 0 ? "/dev/shm/fw.XXXXXX" : "/tmp/fw.XXXXXX");
	MUST(mkdtemp(world.dir) != NULL);
	snprintf(world.state, sizeof world.state, "%s/state", world.dir);
	MUST(skey_make(SLICE("log.example"), KEY_NOTE, &world.log) == 0);
	MUST(skey_make(SLICE("witness.example"), KEY_COSIGN, &world.witness) == 0);
	for (size_t l = 0; l < 2; l++) {
		for (uint8_t i = 0; i < LEAVES; i++)
			memset(&world.leaf[l][i], (int)(1 + l * 100 + i), HASH_LEN);
		for (size_t n = 0; n <= LEAVES; n++)
			mth(world.leaf[l], n, &world.root[l][n]);
	}
	atexit(clean);
}

static void
put_state(struct slice text, bool there)
{
	int fd;

	unlink(world.state);
	if (!there)
		return;
	fd = open(world.state, O_WRONLY | O_CREAT | O_EXCL, 0600);
	MUST(fd != -1 && file_write(fd, text) == 0);
	close(fd);
}

/* Ask, and see that what became of the state goes with the answer. */
static enum witness_answer
ask(struct slice state, bool there, bool init, struct slice body, unsigned failing)
{
	struct witness w = { &world.witness, &world.log.vkey, 1, world.state, init,
		1700000000 };
	struct witness_result r;
	enum witness_answer answer;
	struct buf now = { 0 };
	bool same, is;

	put_state(state, there);
	calls = 0;
	fail_at = failing;
	answer = witness_ask(&w, body, &r);
	fail_at = 0;
	is = file_load(world.state, 1 << 22, &now) == 0;
	same = is == there && (!is || slice_eq(buf_view(&now), state));
	MUST((answer == WITNESS_SIGNED) == (r.line.len > 0));
	if (answer == WITNESS_SIGNED)
		MUST(is && slice_ends(body, buf_view(&now)) && now.len > 0);
	else
		MUST(r.rule != NULL && (same || failing > 0));
	MUST(same || slice_ends(body, buf_view(&now)));
	buf_free(&now);
	witness_free(&r);
	return answer;
}

static void
try_raw(const uint8_t *data, size_t len)
{
	size_t n = len < 3 ? 0 : (size_t)data[1] << 8 | data[2];
	struct slice all = { (const char *)data + 3, len - 3 }, state, body;

	if (len < 3)
		return;
	n = n > all.len ? all.len : n;
	state = (struct slice){ all.p, n };
	body = (struct slice){ all.p + n, all.len - n };
	MUST(ask(state, data[0] & 2, data[0] & 1, body, 0) !=
	    WITNESS_SIGNED); /* no one has the key */
}

static void
put_head(struct buf *b, unsigned log, size_t size)
{
	MUST(head_put(b, &world.log, NULL, size, &world.root[log][size], 1700000000) == 0);
}

static void
try_signed(const uint8_t *data, size_t len)
{
	struct buf state = { 0 }, body = { 0 }, head = { 0 };
	struct proof_file f = { 0 };
	bool init, there, odd, right, bent;
	unsigned before, after;
	size_t known, size;
	enum witness_answer answer;

	if (len < 6)
		return;
	init = data[0] & 1;
	there = data[0] & 2;
	before = data[0] >> 2 & 1;
	after = data[0] >> 3 & 1;
	odd = data[0] >> 4 & 1;
	known = there ? data[2] % (LEAVES + 1) : 0;
	size = data[3] % (LEAVES + 1);
	put_head(&state, before, known);
	put_head(&head, after, size);
	f.number = known + odd;
	f.head = buf_view(&head);
	if (f.number > 0 && f.number < size)
		subproof(world.leaf[after], (size_t)f.number, size, true, &f.proof);
	witness_body_put(&body, &f);
	bent = data[4] != 0;
	if (bent)
		body.p[data[4] * 7 % body.len] ^= (char)(1 << data[5] % 8);
	right = init != there && size >= known && !odd && (before == after || known == 0);
	answer = ask(buf_view(&state), there, init, buf_view(&body), data[1]);
	if (data[1] == 0 && !bent)
		MUST((answer == WITNESS_SIGNED) == right);
	/* What is bent in the log's second line is no one's to see; what is signed goes on all the same. */
	MUST(answer != WITNESS_SIGNED || right || bent);
	if (there && !init && !odd && data[1] == 0 && !bent && !right)
		MUST(answer == WITNESS_NO);
	buf_free(&state);
	buf_free(&body);
	buf_free(&head);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (world.dir[0] == '\0')
		make_world();
	if (len > 1 && data[0] == 'r')
		try_raw(data + 1, len - 1);
	if (len > 1 && data[0] == 's')
		try_signed(data + 1, len - 1);
	return 0;
}
