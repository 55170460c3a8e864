/*
 * Tiles: names from any text, and a tree of which one file is any bytes.
 *
 * Input "p" is followed by a path, "t" by a byte that chooses a tile and by its content.
 * Properties: a name that is read is written the same; whatever a tile holds, no hash is given out
 * as good that is not the tree's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "log/tile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUST(cond)                                                                             \
	do                                                                                     \
		if (!(cond))                                                                   \
			abort();                                                               \
	while (0)

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

static void
try_tile(int dir, const struct hash *root, struct tile_name bent, struct slice content)
{
	size_t bytes = bent.width * sizeof(struct hash);
	bool right = content.len == bytes && memcmp(content.p, truth(bent), bytes) == 0;
	struct tiles *t;

	put(dir, bent, content);
	t = tiles_open(dir, SIZE, root);
	for (size_t i = 0; i < 4; i++) {
		const struct hash *got;
		enum tile_state state = tiles_get(t, names[i].level, names[i].index, &got);

		MUST(state != TILE_ERROR && (got != NULL) == (state == TILE_GOOD));
		if (got != NULL)
			MUST(memcmp(got, truth(names[i]), names[i].width * sizeof *got) == 0);
		if (right)
			MUST(state == TILE_GOOD);
		else if (names[i].level == bent.level && names[i].index == bent.index)
			MUST(state == TILE_WRONG || state == TILE_MISSING);
	}
	if (!right)
		MUST(tiles_offer(t, bent.level, bent.index, truth(bent)));
	tiles_free(t);
	put(dir, bent, (struct slice){ (const char *)truth(bent), bytes });
}

static int
make_tree(struct hash *root)
{
	char path[] = "/tmp/fuzz_tile.XXXXXX";
	struct frontier *f = xzalloc(1, sizeof *f);
	int dir;

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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (tree.dir == -1) {
		tree.dir = make_tree(&tree.root);
		atexit(remove_tree);
	}
	if (len > 1 && data[0] == 'p')
		try_path((struct slice){ (const char *)data + 1, len - 1 });
	if (len > 1 && data[0] == 't')
		try_tile(tree.dir, &tree.root, names[data[1] % 4],
		    (struct slice){ (const char *)data + 2, len - 2 });
	return 0;
}
