/* Proofs, against the definitions of RFC 6962 word for word, and bent in every way. */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "log/proof.h"

enum { SMALL = 18, LARGE = 66200 };

static struct hash leaves[LARGE];

/* MTH(D[first:end]) of RFC 6962 section 2.1. */
static void
mth(size_t first, size_t end, struct hash *root)
{
	struct hash left, right;
	size_t k = 1;

	if (end - first == 1) {
		*root = leaves[first];
		return;
	}
	while (2 * k < end - first)
		k *= 2;
	mth(first, first + k, &left);
	mth(first + k, end, &right);
	tree_node(&left, &right, root);
}

/* PATH(m, D[n]) of section 2.1.1, D beginning at first. */
static void
path(size_t m, size_t first, size_t n, struct proof *p)
{
	size_t k = 1;

	if (n == 1)
		return;
	while (2 * k < n)
		k *= 2;
	if (m < k)
		path(m, first, k, p);
	else
		path(m - k, first + k, n - k, p);
	if (m < k)
		mth(first + k, first + n, &p->hash[p->n++]);
	else
		mth(first, first + k, &p->hash[p->n++]);
}

/* SUBPROOF(m, D[n], b) of section 2.1.2. */
static void
subproof(size_t m, size_t first, size_t n, bool b, struct proof *p)
{
	size_t k = 1;

	if (m == n) {
		if (!b)
			mth(first, first + n, &p->hash[p->n++]);
		return;
	}
	while (2 * k < n)
		k *= 2;
	if (m <= k) {
		subproof(m, first, k, b, p);
		mth(first + k, first + n, &p->hash[p->n++]);
	} else {
		subproof(m - k, first + k, n - k, false, p);
		mth(first, first + k, &p->hash[p->n++]);
	}
}

static bool
same(const struct proof *a, const struct proof *b)
{
	return a->n == b->n && memcmp(a->hash, b->hash, a->n * sizeof *a->hash) == 0;
}

/* Every way to bend an inclusion proof. */
static void
bend_inclusion(uint64_t index, uint64_t size, const struct hash *root, const struct proof *p)
{
	struct hash leaf = leaves[index];
	struct proof q = *p;

	for (size_t bit = 0; bit < q.n * 256; bit++) {
		q.hash[bit / 256].b[bit / 8 % 32] ^= (uint8_t)(1 << bit % 8);
		CHECK(!proof_includes(index, size, &leaf, root, &q));
		q.hash[bit / 256].b[bit / 8 % 32] ^= (uint8_t)(1 << bit % 8);
	}
	for (uint64_t other = 0; other <= 2 * size; other++)
		CHECK(other == index || !proof_includes(other, size, &leaf, root, p));
	CHECK(!proof_includes(UINT64_MAX, size, &leaf, root, p));
	CHECK(!proof_includes(index, 0, &leaf, root, p));
	CHECK(size == 1 || !proof_includes(index, size, &leaves[(index + 1) % size], root, p));
	CHECK(!proof_includes(index, size, &leaf, &q.hash[0], p) || size == 1);
	q.hash[q.n++] = *root;
	CHECK(!proof_includes(index, size, &leaf, root, &q));
	q.n = p->n - 1;
	CHECK(p->n == 0 || !proof_includes(index, size, &leaf, root, &q));
}

static void
bend_consistency(uint64_t old, const struct hash *old_root, uint64_t size,
    const struct hash *root, const struct proof *p)
{
	struct proof q = *p;

	for (size_t bit = 0; bit < q.n * 256; bit++) {
		q.hash[bit / 256].b[bit / 8 % 32] ^= (uint8_t)(1 << bit % 8);
		CHECK(!proof_extends(old, old_root, size, root, &q));
		q.hash[bit / 256].b[bit / 8 % 32] ^= (uint8_t)(1 << bit % 8);
	}
	CHECK(!proof_extends(0, old_root, size, root, p));
	CHECK(!proof_extends(size + 1, old_root, size, root, p));
	CHECK(!proof_extends(UINT64_MAX, old_root, size, root, p));
	CHECK(old == size || !proof_extends(old, root, size, root, p));
	CHECK(old == size || !proof_extends(old, old_root, size, old_root, p));
	CHECK(old == size || !proof_extends(old, root, size, old_root, p));
	q.hash[q.n++] = *root;
	CHECK(!proof_extends(old, old_root, size, root, &q));
	q.n = p->n - 1;
	CHECK(p->n == 0 || !proof_extends(old, old_root, size, root, &q));
}

struct world {
	int dir;
	struct frontier f;
};

static int
write_full(void *arg, unsigned level, uint64_t index, const struct hash *hashes)
{
	struct world *w = arg;

	return tile_write(w->dir, (struct tile_name){ level, index, TILE_WIDTH }, hashes, 0600);
}

static void
write_edge(struct world *w)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct tile_name t = { level, (w->f.size >> (8 * level)) / TILE_WIDTH,
			frontier_width(&w->f, level) };

		if (t.width > 0)
			CHECK(tile_write(w->dir, t, w->f.tile[level], 0600) == 0);
	}
}

/* The proofs of tree w made of its tiles are those of the RFC, and are accepted. */
static void
prove(struct world *w, uint64_t index, uint64_t old, bool bend)
{
	uint64_t size = w->f.size;
	struct proof_tree t = { .size = size };
	struct proof got, want = { 0 };
	struct hash root, leaf, old_root, made;

	frontier_root(&w->f, &root);
	t.tiles = tiles_open(w->dir, size, &root);
	CHECK(proof_inclusion(&t, index, &leaf, &got) == TILE_GOOD);
	path(index, 0, size, &want);
	CHECK(hash_eq(&leaf, &leaves[index]));
	CHECK(same(&got, &want));
	CHECK(proof_includes(index, size, &leaf, &root, &got));
	if (bend)
		bend_inclusion(index, size, &root, &got);
	want.n = 0;
	subproof(old, 0, size, true, &want);
	mth(0, old, &old_root);
	CHECK(proof_consistency(&t, old, &got) == TILE_GOOD);
	CHECK(same(&got, &want));
	CHECK(proof_extends(old, &old_root, size, &root, &got));
	CHECK(proof_root(&t, old, &made) == TILE_GOOD && hash_eq(&made, &old_root));
	if (bend)
		bend_consistency(old, &old_root, size, &root, &got);
	tiles_free(t.tiles);
}

static void
small(struct world *w)
{
	for (size_t size = 1; size <= SMALL; size++) {
		CHECK(frontier_add(&w->f, &leaves[size - 1], 1, write_full, w) == 0);
		write_edge(w);
		for (size_t i = 0; i < size; i++)
			prove(w, i, i + 1, true);
	}
}

static void
large(struct world *w)
{
	static const size_t sizes[] = { 255, 256, 257, 511, 512, 513, 65535, 65536, 65537,
		LARGE };
	static const size_t at[] = { 0, 1, 127, 128, 254, 255, 256, 257, 510, 511, 512, 32768,
		65279, 65280, 65534, 65535, 65536, LARGE - 1 };

	for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
		CHECK(frontier_add(
			  &w->f, &leaves[w->f.size], sizes[k] - w->f.size, write_full, w) == 0);
		write_edge(w);
		for (size_t i = 0; i < sizeof at / sizeof *at; i++)
			if (at[i] < sizes[k])
				prove(w, at[i], at[i] + 1, false);
	}
}

/* A tile that is not there or not true is named, and no proof made of it. */
static void
damaged(struct world *w)
{
	struct proof_tree t = { .size = w->f.size };
	struct hash root, bad[TILE_WIDTH];
	struct proof p;

	frontier_root(&w->f, &root);
	memcpy(bad, leaves + 512, sizeof bad);
	bad[3].b[0] ^= 1;
	CHECK(tile_write(w->dir, (struct tile_name){ 0, 2, 256 }, bad, 0600) == 0);
	CHECK(unlinkat(w->dir, "tile/0/004", 0) == 0);
	t.tiles = tiles_open(w->dir, t.size, &root);
	CHECK(proof_inclusion(&t, 513, NULL, &p) == TILE_WRONG);
	CHECK(t.bad.level == 0 && t.bad.index == 2 && t.bad.width == 256);
	CHECK(proof_inclusion(&t, 1024, NULL, &p) == TILE_MISSING && t.bad.index == 4);
	CHECK(proof_consistency(&t, 1025, &p) == TILE_MISSING);
	CHECK(proof_root(&t, 1025, &root) == TILE_MISSING);
	CHECK(proof_consistency(&t, 1024, &p) == TILE_GOOD);
	CHECK(proof_root(&t, 0, &root) == TILE_GOOD);
	tiles_free(t.tiles);
}

static const char tlog_proof[] = "c2sp.org/tlog-proof@v1\nindex 2\n"
				 "9xWrP6pdBx5uKsS7mU1b9zWUPcw3mdoNCF55gM+5M2o=\n"
				 "T1X2GdkhUjV3iyufF9b0kVsWFxIU0VI4EpNml2Teci4=\n\nhead\n";
static const char body[] = "old 8\n5jLpqTgjsBDSEX6SgZiRnbTMdTuRd8bQ5tSsAOxe0Ks=\n\nhead\n";

static void
texts(void)
{
	static const char extra[] = "c2sp.org/tlog-proof@v1\nextra AAEC\nindex 0\n\nhead\n";
	static const char *const bad[] = { "", "c2sp.org/tlog-proof@v1",
		"c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v2\nindex 0\n\nhead\n",
		"c2sp.org/tlog-proof@v1\nindex 0\n\n",
		"c2sp.org/tlog-proof@v1\nindex 0\nhead\n",
		"c2sp.org/tlog-proof@v1\nindex 00\n\nhead\n",
		"c2sp.org/tlog-proof@v1\nindex -1\n\nhead\n",
		"c2sp.org/tlog-proof@v1\nindex 18446744073709551615\n\nhead\n",
		"c2sp.org/tlog-proof@v1\r\nindex 0\n\nhead\n",
		"c2sp.org/tlog-proof@v1\nextra A\nindex 0\n\nhead\n",
		"c2sp.org/tlog-proof@v1\nextra AAEC\nextra AAEC\nindex 0\n\nhead\n",
		"c2sp.org/tlog-proof@v1\nindex 0\nAAEC\n\nhead\n", "old 8\n\n", "old 8\n",
		"old 8", "old  8\n\nhead\n" };
	struct proof_file f;
	struct buf b = { 0 };

	CHECK(tlog_proof_get(SLICE(tlog_proof), &f, NULL) == 0);
	CHECK(f.number == 2 && f.proof.n == 2 && slice_is(f.head, "head\n"));
	tlog_proof_put(&b, &f);
	CHECK_BYTES(b.p, b.len, tlog_proof);
	CHECK(tlog_proof_get(SLICE(extra), &f, NULL) == 0 && f.proof.n == 0);
	CHECK(witness_body_get(SLICE(body), &f, NULL) == 0 && f.number == 8 && f.proof.n == 1);
	buf_reset(&b);
	witness_body_put(&b, &f);
	CHECK_BYTES(b.p, b.len, body);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct diag d = { NULL, 0 };

		CHECK(tlog_proof_get(slice_of(bad[i]), &f, &d) == -1);
		CHECK(witness_body_get(slice_of(bad[i]), &f, &d) == -1);
		CHECK(d.rule != NULL && strcmp(d.rule, "proof-syntax") == 0);
	}
	/* As many hashes as there can be, and one more. */
	for (unsigned n = PROOF_MAX; n <= PROOF_MAX + 1; n++) {
		buf_reset(&b);
		buf_str(&b, "old 1\n");
		for (unsigned i = 0; i < n; i++)
			buf_str(&b, "5jLpqTgjsBDSEX6SgZiRnbTMdTuRd8bQ5tSsAOxe0Ks=\n");
		buf_str(&b, "\nhead\n");
		CHECK(witness_body_get(buf_view(&b), &f, NULL) == (n > PROOF_MAX ? -1 : 0));
	}
	buf_free(&b);
}

int
main(void)
{
	char name[] = "/tmp/test-proof.XXXXXX", command[64];
	struct world *w = xzalloc(1, sizeof *w);

	for (unsigned i = 0; i < LARGE; i++)
		tree_leaf((struct slice){ (const char *)&i, sizeof i }, &leaves[i]);
	CHECK(mkdtemp(name) != NULL);
	w->dir = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	small(w);
	large(w);
	damaged(w);
	texts();
	close(w->dir);
	free(w);
	snprintf(command, sizeof command, "rm -rf %s", name);
	CHECK(system(command) == 0);
	return check_done();
}
