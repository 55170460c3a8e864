/*
 * tlogsuite - do we make the published log of tessera byte for byte?
 *
 * tlogsuite DIR: DIR holds checkpoint.0 to checkpoint.15 and tile/ of transparency-dev/tessera's
 * testdata/log, whose key and leaves are those below.  TAP; the log is not part of this tree
 * (make check-tlog DATA=DIR).
 */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "log/checkpoint.h"
#include "log/tile.h"

static const char *const leaves[] = { "one", "two", "three", "four", "five", "six", "seven",
	"eit", "nain", "ten", "ileven", "twelf", "threeten", "fourten", "fivten" };

/* The head that stands in DIR for size: ours begins with the same bytes, and verifies it. */
static void
same_head(const char *dir, const struct skey *key, uint64_t size, const struct hash *root)
{
	struct buf path = { 0 }, theirs = { 0 }, ours = { 0 };
	struct head h = { 0 };

	buf_printf(&path, "%s/checkpoint.%llu", dir, (unsigned long long)size);
	CHECK(file_load(buf_cstr(&path), NOTE_MAX, &theirs) == 0);
	CHECK(head_put(&ours, key, NULL, size, root, 0) == 0);
	CHECK(theirs.len > 0 && slice_starts(buf_view(&ours), buf_view(&theirs)));
	CHECK(head_get(buf_view(&theirs), &h, NULL) == 0);
	CHECK(head_check(&h, &key->vkey, 1) == HEAD_GOOD && !h.timed);
	CHECK(h.cp.size == size && hash_eq(&h.cp.root, root));
	head_free(&h);
	buf_free(&path);
	buf_free(&theirs);
	buf_free(&ours);
}

static void
same_tiles(int dir, const struct frontier *f, const struct hash *root)
{
	struct tiles *t = tiles_open(dir, f->size, root);
	const struct hash *hashes;

	CHECK(tiles_edge_good(t));
	CHECK(tiles_get(t, 0, 0, &hashes) == TILE_GOOD);
	CHECK(hashes != NULL && memcmp(hashes, f->tile[0], f->size * sizeof *hashes) == 0);
	tiles_free(t);
}

int
main(int argc, char **argv)
{
	struct frontier *f = xzalloc(1, sizeof *f);
	struct hash root, leaf;
	struct skey key;
	int dir;

	if (argc != 2) {
		fprintf(stderr, "usage: tlogsuite DIR\n");
		return 2;
	}
	dir = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(dir != -1);
	CHECK(skey_get(SLICE("PRIVATE+KEY+example.com/log/testdata+33d7b496+"
			     "AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg"),
		  &key, NULL) == 0);
	for (size_t size = 0; size <= sizeof leaves / sizeof *leaves; size++) {
		frontier_root(f, &root);
		same_head(argv[1], &key, size, &root);
		if (size > 0)
			same_tiles(dir, f, &root);
		if (size < sizeof leaves / sizeof *leaves) {
			tree_leaf(slice_of(leaves[size]), &leaf);
			CHECK(frontier_add(f, &leaf, 1, NULL, NULL) == 0);
		}
	}
	close(dir);
	skey_wipe(&key);
	free(f);
	return check_done();
}
