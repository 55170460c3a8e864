#include "log/unfinished.h"

#include <unistd.h>

#include "log/manifest.h"
#include "log/records.h"
#include "log/tile.h"

/* So many lines tell; most of them, as some may have been tampered with. */
enum { LOOK = 16 };

/* The log's first lines, and what the tree has for the segment's. */
struct look {
	struct hash leaf[LOOK];
	size_t n, next, same;
	size_t due;          /* that take is to take */
	struct slice sealed; /* what the line behind the segment begins with */
};

/* The line that a finished sealing puts behind entries first to last, as far as its hash. */
static void
put_sealed(struct buf *b, uint64_t first, uint64_t last)
{
	struct manifest m = { .first = first, .last = last };
	struct hash none = { { 0 } };

	manifest_line_put(b, &m, &none);
	b->len -= 2 * HASH_LEN + sizeof "\"}\n" - 1;
}

static bool
load_leaves(struct look *l, int tree, uint64_t first, uint64_t last)
{
	struct hash tile[TILE_WIDTH];

	for (uint64_t i = first; i <= last && l->n < LOOK; i++) {
		unsigned at = i % TILE_WIDTH;
		struct tile_name name = { 0, i / TILE_WIDTH, at + 1 };

		if (tile_read(tree, name, tile) != TILE_GOOD)
			return false;
		l->leaf[l->n++] = tile[at];
	}
	return true;
}

static int
take(void *arg, const struct slice *line, size_t n)
{
	struct look *l = arg;

	for (size_t i = 0; i < n && l->n < l->due; i++)
		tree_leaf(line[i], &l->leaf[l->n++]);
	return l->n == l->due;
}

static int
compare(void *arg, const struct slice *line, size_t n)
{
	struct look *l = arg;
	struct hash leaf;

	if (l->next == 0 && slice_starts(line[0], l->sealed)) {
		l->same = 0;
		return 1; /* however much the lines behind it are like the segment's */
	}
	for (size_t i = 0; i < n && l->next < l->n; i++) {
		tree_leaf(line[i], &leaf);
		l->same += hash_eq(&leaf, &l->leaf[l->next++]);
	}
	return l->next == l->n;
}

/* Does the log at fd begin with what l has of entries first to last?  It is left at its beginning. */
static bool
begins(struct look *l, int fd, uint64_t first, uint64_t last)
{
	struct records records = { .fd = &fd, .n = 1 };
	struct buf sealed = { 0 };

	put_sealed(&sealed, first, last);
	l->sealed = buf_view(&sealed);
	records_each(&records, compare, l);
	buf_free(&sealed);
	return lseek(fd, 0, SEEK_SET) == 0 && 2 * l->same > l->n;
}

/* Is name that of a part or manifest of log's entries *first to *last? */
static bool
is_of(struct slice name, struct slice log, uint64_t *first, uint64_t *last)
{
	struct slice of;

	return manifest_part_get(name, &of, first, last) == 0 && slice_eq(of, log);
}

bool
unfinished(int tree, int fd, struct slice log, struct slice name)
{
	struct look l = { .n = 0 };
	uint64_t first, last;

	return is_of(name, log, &first, &last) && load_leaves(&l, tree, first, last) &&
	    begins(&l, fd, first, last);
}

bool
unfinished_part(int part, int fd, struct slice log, struct slice name)
{
	struct look l = { .n = 0 };
	const int both[] = { part, fd };
	struct records records = { .fd = both, .n = 2 }; /* the last is never compressed */
	uint64_t first, last;

	if (!is_of(name, log, &first, &last))
		return false;
	l.due = last - first < LOOK ? (size_t)(last - first) + 1 : LOOK;
	records_each(&records, take, &l);
	return lseek(part, 0, SEEK_SET) == 0 && begins(&l, fd, first, last);
}
