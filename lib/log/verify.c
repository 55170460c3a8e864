#include "log/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "log/latest.h"
#include "log/leaves.h"
#include "log/mend.h"

enum { SOME = 64 }; /* tiles that a list has room for at first */

static const char nowhere[] = "tiles are missing, and the lines do not lead to the head";

struct job {
	const struct verify *v;
	struct verify_result *r;
	struct latest latest;
	uint64_t bytes; /* of the log, when the head had been read */

	/* The first pass. */
	struct frontier edge;         /* of the first lines, as many as the head has */
	struct hash last;             /* of them */
	struct hash tail[TILE_WIDTH]; /* the last lines of the file, in a ring */
	bool torn;
	uint64_t again; /* lines behind the last sealed one that are the same */
	int error;      /* of reading a tile */
	struct tile_name
	    *odd; /* tiles that are wrong; of those that are not there only how many */
	size_t odds, odd_cap;
	uint64_t missing;
	struct mend_root *root; /* of tiles that are not there */
	size_t roots, root_cap;

	/* The second. */
	struct mend *mend;
	struct align *align;
	uint64_t at; /* the tile in leaves, or ALIGN_NONE */
	bool known;
	struct hash leaves[TILE_WIDTH];
};

static void
found(struct job *j, const char *file, const struct finding *f)
{
	j->r->findings++;
	j->v->found(j->v->arg, file, f);
}

static void
found_file(
    struct job *j, enum finding_kind kind, const char *file, uint64_t entry, uint64_t count)
{
	struct finding f = { kind, 0, entry, count, ALIGN_NONE, false };

	found(j, file, &f);
}

/* Returns -1. */
static int
cannot(struct job *j, const char *reason, const char *file)
{
	j->r->state = VERIFY_CANNOT;
	j->r->reason = reason;
	j->r->file = file;
	j->r->error = reason == NULL ? errno : 0;
	return -1;
}

/* The head, and what "checkpoints" has to say to it.  Returns 1 if it is good; 0; -1: cannot. */
static int
check_head(struct job *j)
{
	struct latest *l = &j->latest;
	struct verify_result *r = j->r;
	struct hash none;

	if (latest_read(j->v->tree, j->v->keys, j->v->n, j->v->old, l) == -1)
		return cannot(j, l->file == NULL ? "the head is no signed note" : NULL,
		    l->file == NULL ? "checkpoint" : l->file);
	switch (l->head.state) {
	case HEAD_GOOD: break;
	case HEAD_BAD: found_file(j, FOUND_HEAD_DAMAGED, "checkpoint", ALIGN_NONE, 0); return 0;
	case HEAD_ORIGIN:
		return cannot(
		    j, "the head is signed under another name than its origin", "checkpoint");
	default: return cannot(j, "the head has no signature by a known key", "checkpoint");
	}
	tree_empty(&none);
	if (l->head.cp.size == 0 && !hash_eq(&l->head.cp.root, &none))
		return cannot(j, "the head has no entry, but the root of some", "checkpoint");
	r->head = true;
	buf_slice(&r->origin, l->head.cp.origin);
	r->entries = l->head.cp.size;
	r->root = l->head.cp.root;
	r->key = l->head.key->id;
	r->timed = l->head.timed;
	r->time = l->head.time;
	r->longer = l->longer;
	r->longer_timed = l->timed;
	r->longer_time = l->time;
	if (l->longer > 0)
		found_file(j, FOUND_ROLLBACK, "checkpoint", r->entries, l->longer - r->entries);
	if (l->fork)
		found_file(j, FOUND_FORK, "checkpoints", ALIGN_NONE, 0);
	if (l->damaged)
		found_file(j, FOUND_HEAD_DAMAGED, "checkpoints", ALIGN_NONE, 0);
	return 1;
}

static void
note_odd(void *arg, struct tile_name name, enum tile_state state)
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

static void
note_root(struct job *j, uint64_t index, const struct hash *hashes)
{
	if (j->roots == j->root_cap) {
		j->root_cap = j->root_cap == 0 ? SOME : 2 * j->root_cap;
		j->root = xrealloc(j->root, j->root_cap, sizeof *j->root);
	}
	j->root[j->roots].index = index;
	tree_fold(hashes, TILE_WIDTH, &j->root[j->roots++].root);
}

/* The tile noted last cannot be read. */
static int
cannot_tile(struct job *j)
{
	int error = errno;

	tile_path_put(&j->r->path, j->odd[j->odds - 1]);
	errno = error;
	return cannot(j, NULL, buf_cstr(&j->r->path));
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
		note_odd(j, name, state);
		return -1;
	}
	if (state == TILE_GOOD && memcmp(stored, hashes, width * sizeof *hashes) != 0)
		state = TILE_WRONG;
	if (state == TILE_MISSING && level == 0 && width == TILE_WIDTH)
		note_root(j, index, hashes);
	if (state != TILE_GOOD)
		note_odd(j, name, state);
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

static int
read_log(struct job *j, bool (*take)(void *arg, const struct hash *leaves, size_t n))
{
	struct leaves l = { j->v->jobs, j->bytes, j, take };

	if (lseek(j->v->log, 0, SEEK_SET) == -1 || leaves_run(&l, j->v->log, &j->torn) == -1)
		return cannot(j, NULL, NULL);
	if (j->error != 0) {
		errno = j->error;
		return cannot_tile(j);
	}
	return 0;
}

/* The first pass: do the lines hash to the head?  Returns 1 or 0, -1: cannot. */
static int
hash_lines(struct job *j)
{
	struct hash root;

	if (read_log(j, take_first) == -1)
		return -1;
	if (j->edge.size < j->r->entries || (j->torn && j->r->lines == j->r->entries))
		return 0;
	frontier_root(&j->edge, &root);
	if (!hash_eq(&root, &j->r->root))
		return 0;
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		unsigned width = frontier_width(&j->edge, level);
		uint64_t index = (j->edge.size >> (8 * level)) / TILE_WIDTH;

		if (width > 0 && compare(j, level, index, width, j->edge.tile[level]) == -1) {
			errno = j->error;
			return cannot_tile(j);
		}
	}
	return 1;
}

/* Say which tiles are wrong, and how many are not there. */
static void
name_odd(struct job *j)
{
	struct buf path = { 0 };

	j->r->missing = j->missing;
	for (size_t i = 0; i < j->odds; i++) {
		struct tile_name name = j->odd[i];
		unsigned shift = 8 * name.level;

		buf_reset(&path);
		tile_path_put(&path, name);
		found_file(j, FOUND_TILE_DAMAGED, buf_cstr(&path), name.index << shift << 8,
		    (uint64_t)name.width << shift);
	}
	buf_free(&path);
}

/*
 * Is no append under way, and none done since the head was read?  Then what stands behind the
 * sealed end was put there by no one who seals it, or is what a crash left.
 */
static bool
is_quiet(struct job *j)
{
	int fd = openat(j->v->tree, "lock", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool quiet;

	if (fd == -1 && errno != ENOENT)
		return false;
	quiet = (fd == -1 || flock(fd, LOCK_SH | LOCK_NB) == 0) &&
	    latest_still(j->v->tree, &j->latest);
	if (fd != -1)
		close(fd);
	return quiet;
}

/* The log is intact. */
static void
finish_intact(struct job *j)
{
	struct finding again = { FOUND_DUPLICATED, j->r->entries + 1, j->r->entries - 1,
		j->again, ALIGN_NONE, false };

	j->r->unsealed = j->r->lines - j->r->entries;
	name_odd(j);
	if (j->torn && j->again == j->r->unsealed && again.count > 0)
		again.count--; /* a line without LF is none yet */
	if (j->r->entries > 0 && again.count > 0 && is_quiet(j)) {
		found(j, NULL, &again);
		j->r->unsealed -= again.count;
	}
}

/* Second pass: the leaves as the tiles have them. */
static bool
sealed_leaf(void *arg, uint64_t i, struct hash *leaf)
{
	struct job *j = arg;

	if (j->at != i / TILE_WIDTH) {
		const struct hash *leaves = mend_leaves(j->mend, i / TILE_WIDTH);

		j->at = i / TILE_WIDTH;
		j->known = leaves != NULL;
		if (j->known)
			memcpy(j->leaves, leaves,
			    tile_width(j->r->entries, 0, j->at) * sizeof *leaves);
	}
	*leaf = j->leaves[i % TILE_WIDTH];
	return j->known;
}

static unsigned
sealed_width(void *arg, uint64_t i)
{
	struct job *j = arg;

	return tile_width(j->r->entries, 0, i / TILE_WIDTH);
}

static bool
sealed_offer(void *arg, uint64_t i, const struct hash *leaves)
{
	struct job *j = arg;

	j->at = ALIGN_NONE;
	return mend_offer(j->mend, i / TILE_WIDTH, leaves);
}

static bool
take_second(void *arg, const struct hash *leaves, size_t n)
{
	struct job *j = arg;

	align_add(j->align, leaves, n);
	return true;
}

static void
found_line(void *arg, const struct finding *f)
{
	found(arg, NULL, f);
}

static int
align_lines(struct job *j)
{
	struct align_source source = { j, sealed_leaf, sealed_offer, sealed_width };
	int status;

	j->at = ALIGN_NONE;
	j->align = align_new(j->r->entries, &source);
	status = read_log(j, take_second);
	if (status == 0) {
		j->r->unsealed = align_end(j->align, j->torn, found_line, j);
		j->r->coarse = align_coarse(j->align);
	}
	align_free(j->align);
	return status;
}

/* Open the tiles; the right edge may have to be made of the last lines. */
static void
open_tiles(struct job *j)
{
	unsigned width = (unsigned)(j->r->entries % TILE_WIDTH);
	struct hash end[TILE_WIDTH];
	struct mend_edge edge[2];
	struct mend_from from = { edge, 0, j->root, j->roots };

	if (j->edge.size == j->r->entries)
		edge[from.edges++].leaves = j->edge.tile[0]; /* where they should stand */
	if (j->r->lines >= width) {
		for (unsigned i = 0; i < width; i++)
			end[i] = j->tail[(j->r->lines - width + i) % TILE_WIDTH];
		edge[from.edges++].leaves = end; /* at the end of the file */
	}
	j->mend = mend_open(j->v->tree, j->r->entries, &j->r->root, &from);
}

/* The leaves under a partial tile that is of no use are not what was sealed. */
static void
blame_lines(struct job *j, struct tile_name name)
{
	unsigned shift = 8 * name.level;
	uint64_t first = name.index << shift << 8;
	struct finding f = { FOUND_MODIFIED, first + 1, first, (uint64_t)name.width << shift,
		ALIGN_NONE, true };

	if (f.line > j->r->lines)
		f.line = j->r->lines + 1;
	found(j, NULL, &f);
}

/* The right edge leads nowhere, so that nothing is authenticated. */
static void
blame_edge(struct job *j)
{
	struct tile_name name;

	if (mend_blame(j->mend, &name))
		blame_lines(j, name);
	else if (j->missing > 0 || j->odds == 0)
		cannot(j, nowhere, "");
	else
		for (size_t i = 0; i < j->odds; i++)
			blame_lines(j, j->odd[i]);
}

/* The lines do not hash to the head: find out what was done. */
static void
find_damage(struct job *j)
{
	uint64_t before;

	j->odds = 0;
	j->missing = 0;
	open_tiles(j);
	if (mend_survey(j->mend, note_odd, j) == -1) {
		cannot_tile(j);
		return;
	}
	name_odd(j);
	before = j->r->findings;
	if (!mend_good(j->mend))
		blame_edge(j);
	else if (mend_lost(j->mend) && j->r->entries / TILE_WIDTH > MEND_FAR)
		cannot(j, nowhere, ""); /* nor will there be lines for them */
	else if (align_lines(j) == 0 && mend_lost(j->mend))
		cannot(j, nowhere, "");
	else if (j->r->state == VERIFY_DONE && j->r->findings == before)
		cannot(j, "the log changed while it was read", NULL);
}

static void
check_log(struct job *j)
{
	struct stat st;
	int intact;

	if (fstat(j->v->log, &st) == -1) {
		cannot(j, NULL, NULL);
		return;
	}
	j->bytes = (uint64_t)st.st_size;
	intact = hash_lines(j);
	if (intact == 1)
		finish_intact(j);
	else if (intact == 0)
		find_damage(j);
}

void
verify_run(const struct verify *v, struct verify_result *r)
{
	struct job *j = xzalloc(1, sizeof *j);

	memset(r, 0, sizeof *r);
	j->v = v;
	j->r = r;
	if (check_head(j) == 1)
		check_log(j);
	mend_free(j->mend);
	latest_free(&j->latest);
	free(j->odd);
	free(j->root);
	free(j);
}

void
verify_free(struct verify_result *r)
{
	buf_free(&r->origin);
	buf_free(&r->path);
}
