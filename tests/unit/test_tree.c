/* The RFC 6962 tree against published roots. */
#include "check.h"

#include <stdlib.h>

#include "base/codec.h"
#include "base/mem.h"
#include "log/tree.h"

static struct hash
from_hex(const char *hex)
{
	struct hash h = { { 0 } };

	CHECK(hex_get(slice_of(hex), h.b, sizeof h.b) == 0);
	return h;
}

static struct hash
from_base64(const char *text)
{
	struct hash h = { { 0 } };
	struct buf b = { 0 };

	if (CHECK(base64_get(slice_of(text), &b) == 0 && b.len == HASH_LEN))
		memcpy(h.b, b.p, HASH_LEN);
	buf_free(&b);
	return h;
}

/* The reference tree of transparency-dev/merkle testonly/constants.go (first in RFC 6962's own code). */
static const char *const leaves[] = { "", "00", "10", "2021", "3031", "40414243",
	"5051525354555657", "606162636465666768696a6b6c6d6e6f" };
static const char *const roots[] = {
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static void
reference_tree(void)
{
	struct frontier *f = xzalloc(1, sizeof *f);
	struct hash row[8], root;

	for (size_t n = 0; n <= 8; n++) {
		struct hash want = from_hex(roots[n]);
		uint8_t line[16];

		frontier_root(f, &root);
		CHECK(hash_eq(&root, &want));
		if (n > 0) {
			tree_fold(row, n, &root);
			CHECK(hash_eq(&root, &want));
		}
		if (n == 8)
			break;
		CHECK(hex_get(slice_of(leaves[n]), line, strlen(leaves[n]) / 2) == 0);
		tree_leaf((struct slice){ (char *)line, strlen(leaves[n]) / 2 }, &row[n]);
		CHECK(frontier_add(f, &row[n], 1, NULL, NULL) == 0);
	}
	free(f);
}

/* sumdb/tlog/note_test.go of golang/mod. */
static void
hello_world(void)
{
	struct hash leaf, want = from_base64("TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=");

	tree_leaf(SLICE("hello world"), &leaf);
	CHECK(hash_eq(&leaf, &want));
}

struct seen {
	uint64_t full[TILE_LEVELS];
	bool in_order;
};

static int
count_full(void *arg, unsigned level, uint64_t index, const struct hash *hashes)
{
	struct seen *seen = arg;

	(void)hashes;
	seen->in_order = seen->in_order && index == seen->full[level];
	seen->full[level]++;
	return 0;
}

/* Roots over the lines "leaf 0", "leaf 1", ...; that of 70,000 confirmed by golang/mod sumdb/tlog. */
static const struct {
	uint64_t size;
	const char *root;
} boundaries[] = {
	{ 255, "1xWSohnUBnZj7t4kf5tUw/ngKQaC1V3gm0lbB/HeQck=" },
	{ 256, "z17/2xHQknou31Ow5zx4N/ZZQU4AU32l2Q61xMSf8nQ=" },
	{ 257, "hVuTaqAMuYtRFEhCSa0514pr6TYj4mwB6OSH3AIYSlo=" },
	{ 65535, "tZJIDfIPDdRW4525zbCh+oXzYX7C0wz/xSdgw4d285M=" },
	{ 65536, "4QC6VNaakQEvwTt4kP6seNaZaglyaLb3NdFzEcdAKmA=" },
	{ 65537, "aJsidCyrKt6za6Yi/yc2M2RkhY9d5KLALzO/Fj59yl8=" },
	{ 70000, "2gUy/3su5W9AZxEPyWTp8ntZWflSe//z+lAap1hN6vM=" },
};

/* Added in runs of step leaves: where a batch ends must not matter. */
static void
tile_boundaries(size_t step)
{
	struct frontier *f = xzalloc(1, sizeof *f);
	struct hash *all = xzalloc(70000, sizeof *all), root, want;
	struct seen seen = { .in_order = true };
	size_t next = 0;

	for (size_t i = 0; i < 70000; i++) {
		char text[24];
		int n = snprintf(text, sizeof text, "leaf %zu", i);

		tree_leaf((struct slice){ text, (size_t)n }, &all[i]);
	}
	for (size_t i = 0; i < sizeof boundaries / sizeof *boundaries; i++) {
		while (next < boundaries[i].size) {
			size_t n = boundaries[i].size - next;

			n = n < step ? n : step;
			CHECK(frontier_add(f, all + next, n, count_full, &seen) == 0);
			next += n;
		}
		frontier_root(f, &root);
		want = from_base64(boundaries[i].root);
		CHECK(hash_eq(&root, &want));
	}
	CHECK(seen.in_order && seen.full[0] == 273 && seen.full[1] == 1 && seen.full[2] == 0);
	CHECK(frontier_width(f, 0) == 112 && frontier_width(f, 1) == 17);
	CHECK(frontier_width(f, 2) == 1 && frontier_width(f, 3) == 0);
	free(all);
	free(f);
}

static int
refuse(void *arg, unsigned level, uint64_t index, const struct hash *hashes)
{
	(void)arg, (void)level, (void)index, (void)hashes;
	return -1;
}

static void
callback_stops(void)
{
	struct frontier *f = xzalloc(1, sizeof *f);
	struct hash row[300];

	memset(row, 1, sizeof row);
	CHECK(frontier_add(f, row, 255, refuse, NULL) == 0);
	CHECK(frontier_add(f, row, 1, refuse, NULL) == -1);
	free(f);
}

int
main(void)
{
	reference_tree();
	hello_world();
	tile_boundaries(70000);
	tile_boundaries(333);
	callback_stops();
	return check_done();
}
