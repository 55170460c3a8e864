/*
 * Tiles: names from any text, and a tree of which one file is any bytes.
 *
 * Input "p" is followed by a path, "t" by a byte that chooses a tile and by its content.
 * Properties: a name that is read is written the same; whatever a tile holds, no hash is given out
 * as good that is not the tree's, no proof is given that does not lead to its root, and a tile is
 * written whole or not at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "fault.h"
#include "log/proof.h"

enum { SIZE = 600, FULL = 2 }; /* two full tiles and 88 at level 0, 2 at level 1 */

static struct hash leaves[SIZE], roots[FULL];

static const struct tile_name names[] = {
	{ 0, 0, 256 },
	{ 0, 1, 256 },
	{ 0, 2, 88 },
	{ 1, 0, 2 },
};

/* What the tile named has to hold. */
static const struct hash *
truth(struct tile_name t)
{
	return t.level == 0 ? leaves + t.index * TILE_WIDTH : roots;
}

static void
try_path(struct slice s)
{
	struct tile_name t;
	struct buf b = { 0 };

	if (tile_path_get(s, &t) == -1)
		return;
	MUST(t.level <= 63 && t.width >= 1 && t.width <= TILE_WIDTH);
	tile_path_put(&b, t);
	MUST(slice_eq(buf_view(&b), s));
	buf_free(&b);
}

static void
put(int dir, struct tile_name t, struct slice content)
{
	struct buf path = { 0 };
	int fd;

	tile_path_put(&path, t);
	MUST(tile_write(dir, t, truth(t), 0600) == 0);
	fd = openat(dir, buf_cstr(&path), O_WRONLY | O_TRUNC | O_CLOEXEC);
	MUST(fd != -1 && file_write(fd, content) == 0);
	close(fd);
	buf_free(&path);
}

/* A tile that could not be read leaves others without what would tell whether they are right. */
static bool
is_unknown(enum tile_state state)
{
	return state == TILE_ERROR || (state == TILE_ORPHAN && fault_hit());
}

/* What is had of the tiles: right or not at all. */
static uint64_t
read_tiles(int dir, const struct hash *root, struct tile_name bent, bool right)
{
	struct tiles *t = tiles_open(dir, SIZE, root);
	uint64_t answer = ANSWER;
	bool failed = false;

	for (size_t i = 0; i < 4; i++) {
		const struct hash *got;
		enum tile_state state = tiles_get(t, names[i].level, names[i].index, &got);

		MUST((got != NULL) == (state == TILE_GOOD));
		if (got != NULL)
			MUST(memcmp(got, truth(names[i]), names[i].width * sizeof *got) == 0);
		answer = answer_number(answer, (uint64_t)state);
		failed |= is_unknown(state);
		if (fault_hit())
			continue;
		MUST(state != TILE_ERROR);
		if (right)
			MUST(state == TILE_GOOD);
		else if (names[i].level == bent.level && names[i].index == bent.index)
			MUST(state == TILE_WRONG || state == TILE_MISSING);
	}
	if (!right && !failed)
		MUST(tiles_offer(t, bent.level, bent.index, truth(bent)) || fault_hit());
	tiles_free(t);
	return failed ? CANNOT : answer;
}

static uint64_t
read_proofs(int dir, const struct hash *root, uint64_t index)
{
	struct proof_tree tree = { .tiles = tiles_open(dir, SIZE, root), .size = SIZE };
	struct proof p = { .n = 0 };
	struct hash leaf, before;
	enum tile_state one = proof_inclusion(&tree, index, &leaf, &p), two, three;

	MUST(one != TILE_GOOD ||
	    (proof_includes(index, SIZE, &leaf, root, &p) && hash_eq(&leaf, &leaves[index])));
	two = proof_root(&tree, index + 1, &before);
	three = proof_consistency(&tree, index + 1, &p);
	if (two == TILE_GOOD && three == TILE_GOOD)
		MUST(proof_extends(index + 1, &before, SIZE, root, &p));
	tiles_free(tree.tiles);
	if (is_unknown(one) || is_unknown(two) || is_unknown(three))
		return CANNOT;
	return answer_number(answer_number(answer_number(ANSWER, one), two), three);
}

/* Write the tile as it should be over what there is. */
static bool
write_tile(int dir, struct tile_name t)
{
	struct hash hashes[TILE_WIDTH];
	bool done;

	done = tile_write(dir, t, truth(t), 0600) == 0;
	if (done || fault_hit())
		fault_over();
	MUST(!done ||
	    (tile_read_file(dir, t, hashes) == TILE_GOOD &&
		memcmp(hashes, truth(t), t.width * sizeof *hashes) == 0));
	return done;
}

static uint64_t
try_tile(int dir, const struct hash *root, struct tile_name bent, struct slice content)
{
	size_t bytes = bent.width * sizeof(struct hash);
	bool right = content.len == bytes && memcmp(content.p, truth(bent), bytes) == 0,
	     written;
	uint64_t index = content.len > 0 ? (uint8_t)content.p[0] * 7919U % SIZE : 0, tiles,
		 proofs;

	for (size_t i = 0; i < 4; i++) /* a trial may have ended anywhere */
		put(dir, names[i],
		    (struct slice){
			(const char *)truth(names[i]), names[i].width * sizeof(struct hash) });
	put(dir, bent, content);
	fault_on();
	tiles = read_tiles(dir, root, bent, right);
	proofs = read_proofs(dir, root, index);
	written = write_tile(dir, bent);
	fault_off();
	MUST(written || fault_hit());
	return tiles == CANNOT || proofs == CANNOT || !written ? CANNOT
							       : answer_number(tiles, proofs);
}

static int
make_tree(struct hash *root)
{
	char path[32];
	struct frontier *f = xzalloc(1, sizeof *f);
	int dir;

	strcpy(path,
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm/fuzz_t.XXXXXX" : "/tmp/fuzz_t.XXXXXX");
	MUST(mkdtemp(path) != NULL);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	MUST(dir != -1);
	for (uint32_t i = 0; i < SIZE; i++)
		sha256((struct slice){ (const char *)&i, sizeof i }, &leaves[i]);
	for (size_t i = 0; i < FULL; i++)
		tree_fold(leaves + i * TILE_WIDTH, TILE_WIDTH, &roots[i]);
	MUST(frontier_add(f, leaves, SIZE, NULL, NULL) == 0);
	frontier_root(f, root);
	free(f);
	for (size_t i = 0; i < 4; i++)
		MUST(tile_write(dir, names[i], truth(names[i]), 0600) == 0);
	return dir;
}

static struct {
	int dir;
	struct hash root;
} tree = { -1, { { 0 } } };

/* Nothing stays behind. */
static void
remove_tree(void)
{
	static const char *const dirs[] = { "tile/0/002.p", "tile/0", "tile/1/000.p", "tile/1",
		"tile" };
	char link[64], path[4096];
	ssize_t n;

	for (size_t i = 0; i < 4; i++) {
		struct buf name = { 0 };

		tile_path_put(&name, names[i]);
		unlinkat(tree.dir, buf_cstr(&name), 0);
		buf_free(&name);
	}
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
		unlinkat(tree.dir, dirs[i], AT_REMOVEDIR);
	snprintf(link, sizeof link, "/proc/self/fd/%d", tree.dir);
	n = readlink(link, path, sizeof path - 1);
	if (n > 0) {
		path[n] = '\0';
		rmdir(path);
	}
}

uint64_t
trial(struct slice input)
{
	if (tree.dir == -1) {
		tree.dir = make_tree(&tree.root);
		atexit(remove_tree);
	}
	if (input.len > 1 && input.p[0] == 'p')
		try_path((struct slice){ input.p + 1, input.len - 1 });
	if (input.len > 1 && input.p[0] == 't')
		return try_tile(tree.dir, &tree.root, names[(uint8_t)input.p[1] % 4],
		    (struct slice){ input.p + 2, input.len - 2 });
	return ANSWER;
}
