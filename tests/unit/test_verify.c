/*
 * log/verify against random damage to a log, its tiles and its heads: intact is said of nothing
 * that is not, nothing that is intact is accused, and a log whose tiles are whole is always told
 * from another.
 */
#include "log/verify.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "check.h"
#include "log/tree.h"
#include "random.h"

static uint64_t state = 1;

static uint64_t
any_below(uint64_t n)
{
	return random_below(&state, n);
}

struct file {
	char *path;
	struct buf data;
};

struct world {
	int dir; /* the tree; the log lies in it, as "log" */
	char path[64];
	uint64_t lines;
	struct file file[32]; /* the log first, then heads, then tiles */
	size_t files;
	struct skey key;
	struct verify_result r;
	uint64_t kinds[FOUND_KINDS];
};

static void
put(struct world *w, const char *path, struct slice data)
{
	struct file *f = &w->file[w->files++];
	char *slash;
	int fd;

	f->path = xstrdup(path);
	buf_slice(&f->data, data);
	for (slash = strchr(f->path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdirat(w->dir, f->path, 0700);
		*slash = '/';
	}
	fd = openat(w->dir, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(fd != -1 && file_write(fd, data) == 0);
	close(fd);
}

static void
put_tile(struct world *w, struct tile_name name, const struct hash *hashes)
{
	struct buf path = { 0 };

	tile_path_put(&path, name);
	put(w, buf_cstr(&path),
	    (struct slice){ (const char *)hashes, name.width * sizeof *hashes });
	buf_free(&path);
}

static int
put_full(void *arg, unsigned level, uint64_t index, const struct hash *hashes)
{
	put_tile(arg, (struct tile_name){ level, index, TILE_WIDTH }, hashes);
	return 0;
}

/* A log of lines lines, sealed. */
static struct world *
world_new(uint64_t lines)
{
	struct world *w = xzalloc(1, sizeof *w);
	struct frontier *f = xzalloc(1, sizeof *f);
	struct buf log = { 0 }, head = { 0 };
	struct hash root;
	size_t files;

	strcpy(w->path, "/tmp/test_verify.XXXXXX");
	CHECK(mkdtemp(w->path) != NULL);
	w->dir = open(w->path, O_RDONLY | O_DIRECTORY);
	w->lines = lines;
	CHECK(skey_make(SLICE("log.example/test"), KEY_NOTE, &w->key) == 0);
	w->files = 3;
	for (uint64_t i = 0; i < lines; i++) {
		size_t start = log.len;
		struct hash leaf;

		buf_printf(&log, "%llu %llx", (unsigned long long)i,
		    (unsigned long long)random_next(&state));
		tree_leaf((struct slice){ log.p + start, log.len - start }, &leaf);
		buf_byte(&log, '\n');
		frontier_add(f, &leaf, 1, put_full, w);
	}
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct tile_name name = { level, (lines >> (8 * level)) / TILE_WIDTH,
			frontier_width(f, level) };

		if (name.width > 0)
			put_tile(w, name, f->tile[level]);
	}
	frontier_root(f, &root);
	CHECK(head_put(&head, &w->key, NULL, lines, &root, 1764000000) == 0);
	files = w->files;
	w->files = 0;
	put(w, "log", buf_view(&log));
	put(w, "checkpoint", buf_view(&head));
	buf_byte(&head, '\n');
	put(w, "checkpoints", buf_view(&head));
	w->files = files;
	buf_free(&log);
	buf_free(&head);
	free(f);
	return w;
}

static void
world_free(struct world *w)
{
	char command[96];

	for (size_t i = 0; i < w->files; i++) {
		free(w->file[i].path);
		buf_free(&w->file[i].data);
	}
	verify_free(&w->r);
	skey_wipe(&w->key);
	close(w->dir);
	snprintf(command, sizeof command, "rm -r %s", w->path);
	CHECK(system(command) == 0);
	free(w);
}

static void
store(struct world *w, size_t i, struct slice data)
{
	int fd = openat(w->dir, w->file[i].path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd != -1 && file_write(fd, data) == 0);
	close(fd);
}

enum damage { NONE, LOST, CHANGED };

/* Change data at random.  What became of it. */
static enum damage
damage(struct buf *data)
{
	struct buf before = { 0 };
	size_t at = data->len > 0 ? (size_t)any_below(data->len) : 0;
	size_t n = data->len - at > 40 ? 1 + (size_t)any_below(40) : data->len - at;
	enum damage what;

	buf_slice(&before, buf_view(data));
	switch (any_below(6)) {
	case 0: data->len = at; break;
	case 1: data->len = 0; break;
	case 2: memset(data->p, 0, data->len); break;
	case 3: /* cut out */
		memmove(data->p + at, data->p + at + n, data->len - at - n);
		data->len -= n;
		break;
	case 4:
		if (at < data->len)
			data->p[at] ^= (char)(1 << any_below(8));
		break;
	default: buf_add(data, "more\nof it\n", 11);
	}
	what = slice_eq(buf_view(&before), buf_view(data)) ? NONE : CHANGED;
	buf_free(&before);
	return what;
}

static bool
is_zero(struct slice s)
{
	return s.len == 0 || (s.p[0] == 0 && memcmp(s.p, s.p + 1, s.len - 1) == 0);
}

static void
found(void *arg, const struct verify_finding *f)
{
	struct world *w = arg;

	CHECK((f->place == AT_SEGMENT) == (f->line > 0));
	CHECK(f->kind < FOUND_KINDS);
	if (f->place == AT_SEGMENT && f->kind != FOUND_INSERTED)
		CHECK(f->count > 0 && f->entry + f->count <= w->lines);
	w->kinds[f->kind]++;
}

static bool
clean(const struct world *w)
{
	return w->r.state == VERIFY_DONE && w->r.findings == 0;
}

static void
verify(struct world *w)
{
	struct segment log = { .name = "log", .form = SOURCE_PLAIN, .bytes = UINT64_MAX };
	struct verify v = { .keys = &w->key.vkey,
		.n = 1,
		.segment = &log,
		.segments = 1,
		.max_age = -1,
		.retention = -1,
		.tree = w->dir,
		.jobs = 1 + (unsigned)any_below(2),
		.arg = w,
		.found = found };

	memset(w->kinds, 0, sizeof w->kinds);
	verify_free(&w->r);
	log.fd = openat(w->dir, "log", O_RDONLY);
	verify_run(&v, &w->r);
	close(log.fd);
}

/* Damage up to three files, see what is said, and put them right again. */
static void
round_of(struct world *w)
{
	enum damage log, head, list, tiles = NONE;
	uint64_t n = any_below(4);

	enum damage done[sizeof w->file / sizeof *w->file] = { NONE };

	for (uint64_t k = 0; k < n; k++) {
		size_t i = (size_t)any_below(w->files);
		struct buf data = { 0 };
		struct slice was = buf_view(&w->file[i].data);
		enum damage what;

		buf_slice(&data, was);
		what = damage(&data);
		if (i == 0 && slice_starts(buf_view(&data), was))
			what = NONE; /* more lines, unsealed */
		if (i > 2 && what != NONE &&
		    (data.len < was.len || is_zero((struct slice){ data.p, was.len })) &&
		    data.len <= was.len)
			what = LOST;
		done[i] = what;
		store(w, i, buf_view(&data));
		buf_free(&data);
	}
	log = done[0];
	head = done[1];
	list = done[2];
	for (size_t i = 3; i < w->files; i++)
		tiles = done[i] > tiles ? done[i] : tiles;
	verify(w);
	if (clean(w)) /* a head may lose its time and stay good, but nothing else */
		CHECK(log == NONE && w->r.entries == w->lines && tiles != CHANGED);
	if (head == NONE && log == NONE && list == NONE && tiles != CHANGED)
		CHECK(clean(w));
	if (head == NONE && log == NONE)
		CHECK(w->r.state == VERIFY_DONE);
	if (head == NONE && log == NONE && tiles == CHANGED)
		CHECK(w->kinds[FOUND_TILE_DAMAGED] > 0);
	if (head == NONE && log != NONE && tiles == NONE)
		CHECK(w->r.state == VERIFY_DONE && w->r.findings > 0);
	if (tiles == NONE)
		CHECK(w->kinds[FOUND_TILE_DAMAGED] == 0);
	for (size_t i = 0; i < w->files; i++)
		store(w, i, buf_view(&w->file[i].data));
}

int
main(void)
{
	static const uint64_t sizes[] = { 1, 2, 255, 256, 257, 513, 1000 };

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct world *w = world_new(sizes[i]);

		verify(w);
		CHECK(clean(w) && w->r.entries == sizes[i] && w->r.timed && w->r.missing == 0);
		for (int k = 0; k < 150; k++)
			round_of(w);
		verify(w);
		CHECK(clean(w));
		world_free(w);
	}
	return check_done();
}
