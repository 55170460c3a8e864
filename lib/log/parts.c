/* Parts of a log instead of all of it: a range of entries, or what is due in an incremental run. */
#include "log/job.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/tool.h"
#include "log/extent.h"
#include "log/hints.h"
#include "log/memo.h"

enum { LOOK = 8192 }; /* bytes read to see whether a line is the right one */

/* Where a line stands: segment and offset. */
struct spot {
	size_t segment;
	uint64_t index, offset;
};

/* Is that a segment to be read at any place: a regular file of plain lines? */
static bool
is_open(const struct segment *g)
{
	struct stat st;

	return g->fd != -1 && fstat(g->fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (g->form == SOURCE_PLAIN || source_looks_plain(g->fd));
}

/* Does the line that spot says begin there?  As far as LOOK bytes tell. */
static bool
stands_at(struct job *j, const struct spot *spot)
{
	char text[LOOK + 1];
	uint64_t from = spot->offset > 0 ? spot->offset - 1 : 0;
	size_t skip = spot->offset > 0;
	ssize_t n = pread(j->v->segment[spot->segment].fd, text, sizeof text, (off_t)from);
	struct hash line, leaf;
	const char *lf;

	if (n <= (ssize_t)skip || (skip > 0 && text[0] != '\n'))
		return false;
	lf = memchr(text + skip, '\n', (size_t)n - skip);
	if (lf == NULL)
		return (size_t)n == sizeof text; /* a long line: who knows */
	tree_leaf((struct slice){ text + skip, (size_t)(lf - text) - skip }, &line);
	return damage_leaf(j, spot->index, &leaf) && hash_eq(&line, &leaf);
}

/* Find a line at or before entry index by the hints, which may lie: newest segments first. */
static bool
locate(struct job *j, uint64_t index, struct spot *spot)
{
	int fd = openat(j->v->tree, "hints", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	struct hint hint;
	int found;

	if (fd == -1)
		return false;
	found = hints_find(fd, index, &hint);
	close(fd);
	if (found != 1 || index - hint.index >= TILE_WIDTH)
		return false;
	*spot = (struct spot){ 0, hint.index, hint.offset };
	for (spot->segment = j->v->segments; spot->segment-- > 0;)
		if (is_open(&j->v->segment[spot->segment]) && stands_at(j, spot))
			return true;
	return false;
}

struct reading {
	struct job *j;
	uint64_t next, from; /* entries; those before from are only passed over */
	bool other;          /* a line is not its entry's */
};

static int
take(void *arg, const struct extent_run *run)
{
	struct reading *r = arg;
	struct hash leaf;

	if (tool_signal() != 0) {
		tool_cut_short();
		errno = EINTR;
		return -1;
	}
	for (size_t i = 0; i < run->n; i++, r->next++)
		if (r->next >= r->from &&
		    (!damage_leaf(r->j, r->next, &leaf) || !hash_eq(&leaf, &run->leaf[i]))) {
			r->other = true;
			return -1;
		}
	return 0;
}

/* Compare the lines of entries from to to - 1.  1: they are; 0: not, or not found; -1: cannot. */
static int
compare(struct job *j, uint64_t from, uint64_t to)
{
	struct reading r = { .j = j, .from = from };
	struct spot spot;

	if (from >= to)
		return 1;
	if (!locate(j, from, &spot))
		return 0;
	for (r.next = spot.index; r.next < to; spot.segment++, spot.offset = 0) {
		const struct segment *g = &j->v->segment[spot.segment];

		if (spot.segment == j->v->segments || !is_open(g))
			return 0;
		if (extent_read(g->fd, spot.offset, INT64_MAX, to - r.next, take, &r) == -1)
			return r.other ? 0 : job_cannot(j, AT_SEGMENT, g->name, NULL);
	}
	j->r->read += to - from;
	return 1;
}

static void
note_any(void *arg, struct tile_name name, enum tile_state state)
{
	(void)name;
	(void)state;
	*(bool *)arg = true;
}

/* The same, and the tiles on their path must be whole: what is missing is for a full pass to mend. */
static int
check_run(struct job *j, uint64_t from, uint64_t to)
{
	bool odd = false;

	if (from >= to)
		return 1;
	mend_survey_range(j->mend, from, to - 1, note_any, &odd);
	return odd ? 0 : compare(j, from, to);
}

/* But what was read otherwise, and what lies here encrypted, is passed over. */
static int
check(struct job *j, uint64_t from, uint64_t to)
{
	int status = 1;

	for (size_t i = 0; i < j->v->segments && status == 1; i++) {
		const struct span *done = &j->done[i];

		if (done->to <= from || done->from >= to || done->from == done->to)
			continue;
		status = check_run(j, from, done->from);
		from = done->to < to ? done->to : to;
	}
	return status == 1 ? check_run(j, from, to) : status;
}

/* A compressed segment, which can be read only from its start on. */
struct whole {
	struct job *j;
	uint64_t from, next; /* entries: ALIGN_NONE until the first line says which it is */
	bool other;
};

/* The entry that begins a segment with that line, as far as hints says where they begin. */
static uint64_t
start_of(struct job *j, uint64_t after, const struct hash *line)
{
	struct hash leaf;

	for (size_t i = 0; j->hinted && i < j->nstarts; i++)
		if (j->starts[i] >= after && damage_leaf(j, j->starts[i], &leaf) &&
		    hash_eq(&leaf, line))
			return j->starts[i];
	return ALIGN_NONE;
}

static bool
take_whole(void *arg, const struct hash *leaves, size_t n)
{
	struct whole *w = arg;
	struct hash leaf;

	if (n > 0 && w->next == ALIGN_NONE)
		w->from = w->next = start_of(w->j, w->from, &leaves[0]);
	for (size_t i = 0; i < n; i++, w->next++)
		if (w->next >= w->j->r->entries || !damage_leaf(w->j, w->next, &leaf) ||
		    !hash_eq(&leaf, &leaves[i])) {
			w->other = true;
			return false;
		}
	return true;
}

static int
read_whole(struct job *j, size_t i, uint64_t after)
{
	struct segment *g = &j->v->segment[i];
	struct whole w = { j, after, ALIGN_NONE, false };
	struct segments s = {
		.segment = g, .n = 1, .jobs = j->v->jobs, .arg = &w, .take = take_whole
	};

	if (segments_read(&s) == -1)
		return job_cannot(j, AT_SEGMENT, g->name, NULL);
	if (w.other || g->torn || g->end != SOURCE_WHOLE || w.next == ALIGN_NONE)
		return 0;
	j->done[i] = (struct span){ w.from, w.next };
	j->r->read += w.next - w.from;
	return 1;
}

/* What needs no look, or another one. */
static int
read_packed(struct job *j)
{
	uint64_t after = 0;
	int status = 1;

	for (size_t i = 0; i < j->v->segments && status == 1; i++) {
		const struct segment *g = &j->v->segment[i];

		if (g->present)
			j->done[i] = (struct span){ g->parcel->manifest.first,
				g->parcel->manifest.last + 1 };
		else if (g->fd != -1 && !is_open(g))
			status = read_whole(j, i, after);
		if (j->done[i].to > after)
			after = j->done[i].to;
	}
	return status;
}

int
parts_range(struct job *j)
{
	const struct verify_range *range = &j->v->range;
	int status;

	if (range->to >= j->r->entries)
		return job_cannot(
		    j, AT_TREE, "checkpoint", "the range ends behind its last entry");
	j->range = true;
	damage_open_tiles(j);
	status = mend_good(j->mend) ? check(j, range->from, range->to + 1) : 0;
	j->r->read = status == 1 ? range->to - range->from + 1 : 0;
	return status;
}

/* Why is the state of no use for this head?  NULL: it is of use. */
static const char *
unfit(struct job *j, const struct memo *s)
{
	struct hash root;

	if (!slice_eq(buf_view(&s->origin), buf_view(&j->r->origin)))
		return "the state is of another log";
	if (s->size > j->r->entries)
		return "the head is shorter than the state's";
	if (!mend_good(j->mend) || !chain_root(j, s->size, &root))
		return "tiles are missing";
	if (!hash_eq(&root, &s->root))
		return "the head does not go on from the state's";
	return NULL;
}

/* The lines of tiles i = run (mod MEMO_CYCLE), as far as they are before entry end. */
static int
check_again(struct job *j, uint64_t run, uint64_t end)
{
	uint64_t first = j->v->min_index;
	int status = 1;

	for (uint64_t i = run % MEMO_CYCLE; status == 1 && i * TILE_WIDTH < end;
	     i += MEMO_CYCLE) {
		uint64_t from = i * TILE_WIDTH, to = from + TILE_WIDTH;

		status = check(j, from > first ? from : first, to < end ? to : end);
	}
	return status;
}

int
parts_since(struct job *j)
{
	const struct memo *s = j->v->state;
	uint64_t end = j->r->entries, last;
	int status = 0;

	damage_open_tiles(j);
	j->r->full = unfit(j, s);
	if (j->r->full != NULL)
		return 0;
	/* What is new, and the last tile in any case: a log that was cut is noticed at once. */
	last = end > 0 ? (end - 1) / TILE_WIDTH * TILE_WIDTH : 0;
	if (s->size < last)
		last = s->size;
	if (last < j->v->min_index)
		last = j->v->min_index;
	borders_load(j);
	status = read_packed(j);
	if (status == 1)
		status = check(j, last, end);
	if (status == 1)
		status = check_again(j, s->run, last);
	if (status == 1 && j->hinted && j->nstarts > j->v->segments)
		retention_absent(j, 0, j->starts[j->nstarts - j->v->segments]);
	if (status != 1) {
		j->r->read = 0;
		j->r->full = "what was read is not as it was, or not where hints says";
	}
	return status;
}

/* Does a finding concern the entries that were asked for? */
bool
parts_concern(const struct job *j, const struct finding *f)
{
	uint64_t from = j->v->range.from, to = j->v->range.to;

	if (!j->range)
		return true;
	if (f->at != ALIGN_NONE && f->at > from && f->at <= to)
		return true; /* it stands between them */
	if (f->kind == FOUND_INSERTED || f->kind == FOUND_DUPLICATED)
		return false;
	return f->entry <= to && f->entry + f->count > from;
}
