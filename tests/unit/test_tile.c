/* Tiles: their names, and reading them no further than the head vouches for. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "log/tile.h"

static void
names(void)
{
	/* C2SP tlog-tiles.md and tessera api/layout/paths.go. */
	static const struct {
		const char *path;
		struct tile_name name;
	} good[] = {
		{ "tile/0/005", { 0, 5, 256 } },
		{ "tile/0/000.p/1", { 0, 0, 1 } },
		{ "tile/0/x001/000", { 0, 1000, 256 } },
		{ "tile/3/x001/x234/067", { 3, 1234067, 256 } },
		{ "tile/63/x001/x234/067.p/255", { 63, 1234067, 255 } },
		{ "tile/0/x018/x446/x744/x073/x709/x551/615", { 0, UINT64_MAX, 256 } },
	};
	static const char *const bad[] = { "", "tile", "tile/", "tile/0", "tile/0/",
		"tile/00/005", "tile/64/005", "tile/0/5", "tile/0/0005", "tile/0/x000/005",
		"tile/0/001/005", "tile/0/x001/x005", "tile/0/005.p", "tile/0/005.p/",
		"tile/0/005.p/0", "tile/0/005.p/256", "tile/0/005.p/01", "tile/0/005/",
		"tile/0/005.p/1/", "/tile/0/005", "tile/0/x018/x446/x744/x073/x709/x551/616",
		"tile/-1/005", "tile/0/+05" };
	struct buf b = { 0 };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct tile_name n = { 0 };

		buf_reset(&b);
		tile_path_put(&b, good[i].name);
		CHECK_BYTES(b.p, b.len, good[i].path);
		CHECK(tile_path_get(slice_of(good[i].path), &n) == 0);
		CHECK(n.level == good[i].name.level && n.index == good[i].name.index);
		CHECK(n.width == good[i].name.width);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct tile_name n;

		CHECK(tile_path_get(slice_of(bad[i]), &n) == -1);
	}
	buf_free(&b);
}

static void
widths(void)
{
	CHECK(tile_width(70000, 0, 272) == 256 && tile_width(70000, 0, 273) == 112);
	CHECK(tile_width(70000, 0, 274) == 0);
	CHECK(tile_width(70000, 1, 0) == 256 && tile_width(70000, 1, 1) == 17);
	CHECK(tile_width(70000, 2, 0) == 1 && tile_width(70000, 3, 0) == 0);
	CHECK(tile_width(256, 0, 0) == 256 && tile_width(256, 0, 1) == 0);
	CHECK(tile_width(256, 1, 0) == 1 && tile_width(0, 0, 0) == 0);
	CHECK(tile_width(UINT64_MAX, 7, 0) == 255 && tile_width(UINT64_MAX, 63, 0) == 0);
}

struct place {
	char path[64];
	int dir;
};

static void
put_file(const struct place *at, struct tile_name t, const struct hash *hashes, size_t len)
{
	struct buf path = { 0 };
	int fd;

	tile_path_put(&path, t);
	for (char *slash = path.p; (slash = memchr(slash + 1, '/', path.len - 5)) != NULL;) {
		size_t end = (size_t)(slash - path.p);
		char *part = xstrndup(path.p, end);

		CHECK(mkdirat(at->dir, part, 0755) == 0 || errno == EEXIST);
		free(part);
		if (memchr(slash + 1, '/', path.len - end - 1) == NULL)
			break;
	}
	fd = openat(at->dir, buf_cstr(&path), O_WRONLY | O_CREAT | O_TRUNC, 0644);
	CHECK(fd != -1);
	CHECK(file_write(fd, (struct slice){ (const char *)hashes, len }) == 0);
	close(fd);
	buf_free(&path);
}

static int
put_full(void *arg, unsigned level, uint64_t index, const struct hash *hashes)
{
	put_file(arg, (struct tile_name){ level, index, 256 }, hashes, 8192);
	return 0;
}

static void
put_edge(const struct place *at, const struct frontier *f)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct tile_name t = { level, (f->size >> (8 * level)) / TILE_WIDTH,
			frontier_width(f, level) };

		if (t.width > 0)
			put_file(at, t, f->tile[level], t.width * sizeof(struct hash));
	}
}

enum {
	SIZE = 66000
}; /* 257 full tiles and 208 at level 0, 1 full and 1 at level 1, 1 at level 2 */

static struct hash leaves[SIZE];

static enum tile_state
state_of(struct tiles *t, unsigned level, uint64_t index)
{
	const struct hash *hashes;
	enum tile_state state = tiles_get(t, level, index, &hashes);

	CHECK((hashes != NULL) == (state == TILE_GOOD));
	return state;
}

static void
remove_tile(const struct place *at, struct tile_name t)
{
	struct buf path = { 0 };

	tile_path_put(&path, t);
	CHECK(unlinkat(at->dir, buf_cstr(&path), 0) == 0);
	buf_free(&path);
}

static void
reads_what_is_vouched_for(const struct place *at, const struct hash *root)
{
	struct tiles *t = tiles_open(at->dir, SIZE, root);
	const struct hash *hashes;

	CHECK(tiles_edge_good(t));
	for (uint64_t i = 0; i <= 257; i++) {
		CHECK(tiles_get(t, 0, i, &hashes) == TILE_GOOD);
		CHECK(hashes != NULL &&
		    memcmp(hashes, leaves + 256 * i, tile_width(SIZE, 0, i) * sizeof *hashes) ==
			0);
	}
	CHECK(state_of(t, 0, 258) == TILE_MISSING);
	CHECK(state_of(t, 3, 0) == TILE_MISSING);
	tiles_free(t);
}

/* CVE-2026-56865: a byte flipped in a tile that is not at the right edge. */
static void
inner_tile_changed(const struct place *at, const struct hash *root)
{
	struct hash changed[256];
	struct tiles *t;

	memcpy(changed, leaves + 256 * 100, sizeof changed);
	changed[77].b[5] ^= 1;
	put_file(at, (struct tile_name){ 0, 100, 256 }, changed, sizeof changed);
	t = tiles_open(at->dir, SIZE, root);
	CHECK(state_of(t, 0, 99) == TILE_GOOD);
	CHECK(state_of(t, 0, 100) == TILE_WRONG);
	CHECK(!tiles_offer(t, 0, 100, changed));
	CHECK(tiles_offer(t, 0, 100, leaves + 256 * 100));
	CHECK(state_of(t, 0, 100) == TILE_GOOD);
	tiles_free(t);

	put_file(at, (struct tile_name){ 0, 100, 256 }, changed, 8000);
	t = tiles_open(at->dir, SIZE, root);
	CHECK(state_of(t, 0, 100) == TILE_MISSING);
	tiles_free(t);
	memset(changed, 0, sizeof changed);
	put_file(at, (struct tile_name){ 0, 100, 256 }, changed, sizeof changed);
	t = tiles_open(at->dir, SIZE, root);
	CHECK(state_of(t, 0, 100) == TILE_MISSING);
	tiles_free(t);
	put_file(at, (struct tile_name){ 0, 100, 256 }, leaves + 256 * 100, 8193);
	t = tiles_open(at->dir, SIZE, root);
	CHECK(state_of(t, 0, 100) == TILE_WRONG);
	tiles_free(t);
	put_file(at, (struct tile_name){ 0, 100, 256 }, leaves + 256 * 100, 8192);
}

static void
parent_changed(const struct place *at, const struct hash *root, const struct hash *level1)
{
	struct hash changed[256];
	struct tiles *t;

	memcpy(changed, level1, sizeof changed);
	changed[3].b[0] ^= 1;
	put_file(at, (struct tile_name){ 1, 0, 256 }, changed, sizeof changed);
	t = tiles_open(at->dir, SIZE, root);
	CHECK(tiles_edge_good(t));
	CHECK(state_of(t, 1, 0) == TILE_WRONG);
	CHECK(state_of(t, 0, 200) == TILE_ORPHAN); /* right as it is, no one vouches for it */
	CHECK(state_of(t, 0, 256) == TILE_GOOD);   /* below the other tile of level 1 */
	CHECK(tiles_offer(t, 1, 0, level1));
	CHECK(state_of(t, 0, 200) == TILE_GOOD);
	tiles_free(t);
	put_file(at, (struct tile_name){ 1, 0, 256 }, level1, sizeof changed);
}

static void
edge_lost(const struct place *at, const struct hash *root, const struct frontier *f)
{
	struct tiles *t;
	struct hash changed[256];

	remove_tile(at, (struct tile_name){ 0, 257, 208 });
	remove_tile(at, (struct tile_name){ 2, 0, 1 });
	t = tiles_open(at->dir, SIZE, root);
	CHECK(!tiles_edge_good(t));
	CHECK(state_of(t, 0, 257) == TILE_MISSING);
	CHECK(state_of(t, 1, 1) == TILE_ORPHAN);
	CHECK(state_of(t, 0, 3) == TILE_ORPHAN);
	CHECK(!tiles_offer(t, 0, 257, f->tile[0]));
	CHECK(tiles_offer(t, 2, 0, f->tile[2]));
	CHECK(tiles_edge_good(t) && state_of(t, 0, 3) == TILE_GOOD);
	CHECK(state_of(t, 0, 257) == TILE_GOOD);
	memset(changed, 1, sizeof changed);
	CHECK(!tiles_offer(t, 0, 257, changed)); /* good stays good */
	CHECK(tiles_edge_good(t) && state_of(t, 0, 257) == TILE_GOOD);
	tiles_free(t);
	put_edge(at, f);

	memcpy(changed, f->tile[0], sizeof changed);
	changed[207].b[31] ^= 0x80;
	put_file(at, (struct tile_name){ 0, 257, 208 }, changed, 208 * 32);
	t = tiles_open(at->dir, SIZE, root);
	CHECK(state_of(t, 0, 257) == TILE_WRONG && state_of(t, 1, 1) == TILE_WRONG);
	CHECK(tiles_offer(t, 0, 257, f->tile[0]));
	tiles_free(t);
	put_edge(at, f);
}

/* A reader that misses a partial tile takes the prefix of a wider or the full one. */
static void
wider_tile_read(const struct place *at, const struct hash *root)
{
	struct hash wide[256];
	struct tiles *t;

	memset(wide, 7, sizeof wide);
	memcpy(wide, leaves + 257 * 256, 208 * sizeof *wide);
	remove_tile(at, (struct tile_name){ 0, 257, 208 });
	put_file(at, (struct tile_name){ 0, 257, 209 }, wide, 209 * 32);
	t = tiles_open(at->dir, SIZE, root);
	CHECK(state_of(t, 0, 257) == TILE_GOOD);
	tiles_free(t);
	remove_tile(at, (struct tile_name){ 0, 257, 209 });
	put_file(at, (struct tile_name){ 0, 257, 256 }, wide, 256 * 32);
	t = tiles_open(at->dir, SIZE, root);
	CHECK(state_of(t, 0, 257) == TILE_GOOD);
	tiles_free(t);
}

int
main(void)
{
	struct place at = { .path = "/tmp/test_tile.XXXXXX" };
	struct frontier *f = xzalloc(1, sizeof *f);
	struct hash level1[256], root;
	char command[128];

	names();
	widths();
	CHECK(mkdtemp(at.path) != NULL);
	at.dir = open(at.path, O_RDONLY | O_DIRECTORY);
	for (uint32_t i = 0; i < SIZE; i++)
		sha256((struct slice){ (const char *)&i, sizeof i }, &leaves[i]);
	for (size_t i = 0; i < 256; i++)
		tree_fold(leaves + 256 * i, 256, &level1[i]);
	CHECK(frontier_add(f, leaves, SIZE, put_full, &at) == 0);
	put_edge(&at, f);
	frontier_root(f, &root);
	reads_what_is_vouched_for(&at, &root);
	inner_tile_changed(&at, &root);
	parent_changed(&at, &root, level1);
	edge_lost(&at, &root, f);
	wider_tile_read(&at, &root);
	free(f);
	snprintf(command, sizeof command, "rm -r '%s'", at.path);
	CHECK(system(command) == 0);
	return check_done();
}
