/* The first reading of the lines: do they hash to the head? */
#include "log/job.h"

#include <errno.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

static const char no_window[] = "a zstd window over 32 MiB: zstd -dc | audit-verify … -";

enum { SOME = 64 }; /* tiles that a list has room for at first */

void
pass_note_odd(void *arg, struct tile_name name, enum tile_state state)
{
	struct job *j = arg;

	if (state == TILE_MISSING) {
		j->missing++;
		return;
	}
	if (j->odds == j->odd_cap) {
		j->odd_cap = j->odd_cap == 0 ? SOME : 2 * j->odd_cap;
		j->odd = xrealloc(j->odd, j->odd_cap, sizeof *j->odd);
	}
	j->odd[j->odds++] = name;
}

/* Keep the leaves of a tile that is not there: a manifest or an older head may need them. */
static void
spool(struct job *j, const struct hash *hashes)
{
	struct slice bytes = { (const char *)hashes, TILE_WIDTH * sizeof *hashes };

	if (j->roots == 0) {
		j->spool = segments_spool();
		j->spooled = j->spool != -1;
	}
	if (!j->spooled || file_write(j->spool, bytes) == 0)
		return;
	close(j->spool);
	j->spooled = false; /* then no one knows them */
}

static void
note_root(struct job *j, uint64_t index, const struct hash *hashes)
{
	if (j->roots == j->root_cap) {
		j->root_cap = j->root_cap == 0 ? SOME : 2 * j->root_cap;
		j->root = xrealloc(j->root, j->root_cap, sizeof *j->root);
	}
	spool(j, hashes);
	j->root[j->roots].index = index;
	tree_fold(hashes, TILE_WIDTH, &j->root[j->roots++].root);
}

/* The tile noted last cannot be read. */
int
pass_cannot_tile(struct job *j)
{
	int error = errno;
	struct buf path = { 0 };

	tile_path_put(&path, j->odd[j->odds - 1]);
	errno = error;
	job_cannot(j, AT_TREE, buf_cstr(&path), NULL);
	buf_free(&path);
	return -1;
}

/* Compare a tile with what the lines make it. */
static int
compare(void *arg, unsigned level, uint64_t index, unsigned width, const struct hash *hashes)
{
	struct hash stored[TILE_WIDTH];
	struct tile_name name = { level, index, width };
	struct job *j = arg;
	enum tile_state state = tile_read(j->v->tree, name, stored);

	if (state == TILE_ERROR) {
		j->error = errno;
		pass_note_odd(j, name, state);
		return -1;
	}
	if (state == TILE_GOOD && memcmp(stored, hashes, width * sizeof *hashes) != 0)
		state = TILE_WRONG;
	if (state == TILE_MISSING && level == 0 && width == TILE_WIDTH)
		note_root(j, index, hashes);
	if (state != TILE_GOOD)
		pass_note_odd(j, name, state);
	return 0;
}

static int
compare_full(void *arg, unsigned level, uint64_t index, const struct hash *hashes)
{
	return compare(arg, level, index, TILE_WIDTH, hashes);
}

/* The next lines, in the first pass. */
static bool
take_first(void *arg, const struct hash *leaves, size_t n)
{
	struct job *j = arg;
	uint64_t left = j->r->entries - j->edge.size;
	size_t sealed = n < left ? n : (size_t)left;

	if (j->edge.size > 0 && sealed > 0 && hash_eq(&leaves[0], &j->last))
		j->repeats = true;
	for (size_t i = 1; i < sealed && !j->repeats; i++)
		j->repeats = hash_eq(&leaves[i], &leaves[i - 1]);
	if (frontier_add(&j->edge, leaves, sealed, compare_full, j) == -1)
		return false;
	if (sealed > 0)
		j->last = leaves[sealed - 1];
	for (size_t i = sealed; i < n; i++)
		if (j->again == j->r->lines + i - j->r->entries &&
		    hash_eq(&leaves[i], &j->last))
			j->again++;
	for (size_t i = n > TILE_WIDTH ? n - TILE_WIDTH : 0; i < n; i++)
		j->tail[(j->r->lines + i) % TILE_WIDTH] = leaves[i];
	j->r->lines += n;
	return true;
}

static void
segment_end(void *arg, size_t i)
{
	struct job *j = arg;

	if (j->v->segment[i].torn && j->r->lines <= j->r->entries)
		j->torn = true;
}

int
pass_read(struct job *j, struct segments *s)
{
	s->segment = j->v->segment;
	s->n = j->v->segments;
	s->jobs = j->v->jobs;
	s->arg = j;
	if (segments_read(s) == -1)
		return job_cannot(j, AT_SEGMENT, s->segment[s->at].name, NULL);
	if (j->error != 0) {
		errno = j->error;
		return pass_cannot_tile(j);
	}
	for (size_t i = 0; i < s->n; i++)
		if (s->segment[i].end == SOURCE_WINDOW)
			return job_cannot(j, AT_SEGMENT, s->segment[i].name, no_window);
	return 0;
}

int
pass_hash(struct job *j)
{
	struct segments s = { .take = take_first, .end = segment_end };
	struct hash root;

	if (pass_read(j, &s) == -1)
		return -1;
	if (j->edge.size < j->r->entries || j->torn)
		return 0;
	frontier_root(&j->edge, &root);
	if (!hash_eq(&root, &j->r->root))
		return 0;
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		unsigned width = frontier_width(&j->edge, level);
		uint64_t index = (j->edge.size >> (8 * level)) / TILE_WIDTH;

		if (width > 0 && compare(j, level, index, width, j->edge.tile[level]) == -1) {
			errno = j->error;
			return pass_cannot_tile(j);
		}
	}
	return 1;
}

/* Say which tiles are wrong, and how many are not there. */
void
pass_name_odd(struct job *j)
{
	struct buf path = { 0 };

	j->r->missing = j->missing;
	for (size_t i = 0; i < j->odds; i++) {
		struct tile_name name = j->odd[i];
		unsigned shift = 8 * name.level;
		struct verify_finding f = { .kind = FOUND_TILE_DAMAGED,
			.place = AT_TREE,
			.entry = name.index << shift << 8,
			.count = (uint64_t)name.width << shift,
			.copy = ALIGN_NONE };

		if (name.width == TILE_WIDTH && j->range &&
		    (f.entry > j->v->range.to || f.entry + f.count <= j->v->range.from))
			continue;
		buf_reset(&path);
		tile_path_put(&path, name);
		f.file = buf_cstr(&path);
		job_found(j, &f);
	}
	buf_free(&path);
}
