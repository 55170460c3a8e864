/* The lines do not hash to the head: the second reading, and what was done. */
#include "log/job.h"

#include <stdlib.h>

#include "log/place.h"
#include "log/siblings.h"

static const char nowhere[] = "tiles are missing, and the lines do not lead to the head";

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

bool
damage_leaf(struct job *j, uint64_t i, struct hash *leaf)
{
	return sealed_leaf(j, i, leaf);
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
	j->r->lines += n;
	return true;
}

static void
begin_second(void *arg, size_t i)
{
	struct job *j = arg;

	(void)i;
	align_begin(j->align, j->starts, j->nstarts);
}

static void
end_second(void *arg, size_t i)
{
	struct job *j = arg;

	if (j->v->segment[i].torn)
		align_torn(j->align);
}

/* Does one of the files beside the log end with the last sealed line? */
static bool
ends_beside(const struct siblings *s, int dir, const struct hash *last)
{
	struct hash tail[TILE_WIDTH];
	unsigned n;

	for (size_t i = 0; i < s->n; i++)
		if (sibling_tail(dir, &s->sibling[i], TILE_WIDTH, tail, &n) == 1)
			while (n > 0)
				if (hash_eq(&tail[--n], last))
					return true;
	return false;
}

/*
 * Was the log renamed when the head was signed already, so that what stands in the new one is not sealed
 * yet?  Only the last sealed line itself, in a file that is no segment here, is believed.
 */
static bool
was_renamed(struct job *j)
{
	struct siblings s;
	struct hash last;
	const char *base;
	bool found;
	int dir;

	if (!j->v->others || !sealed_leaf(j, j->r->entries - 1, &last))
		return false;
	dir = place_parent(j->v->segment[j->v->segments - 1].name, &base);
	if (dir == -1)
		return false;
	found = siblings_list(dir, base, &s) == 0 && ends_beside(&s, dir, &last);
	siblings_free(&s);
	place_close(dir);
	return found;
}

static int
align_lines(struct job *j)
{
	struct align_source source = { j, sealed_leaf, sealed_offer, sealed_width };
	struct segments s = { .begin = begin_second, .take = take_second, .end = end_second };
	int status;

	j->at = ALIGN_NONE;
	j->align = align_new(j->r->entries, &source);
	j->r->lines = 0;
	status = pass_read(j, &s);
	if (status == 0) {
		if (was_renamed(j))
			align_spare(j->align, j->v->segment[j->v->segments - 1].first);
		j->r->unsealed = align_end(j->align, borders_lines, j);
		j->r->coarse = align_coarse(j->align);
	}
	align_free(j->align);
	return status;
}

/* Open the tiles; the right edge may have to be made of the last lines. */
void
damage_open_tiles(struct job *j)
{
	unsigned width = (unsigned)(j->r->entries % TILE_WIDTH);
	struct hash end[TILE_WIDTH];
	struct mend_edge edge[2];
	struct mend_from from = { edge, 0, j->root, j->roots, j->spooled, j->spool };

	if (j->mend != NULL)
		return;
	j->at = ALIGN_NONE;
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
	struct finding f = {
		.kind = FOUND_MODIFIED,
		.line = first + 1,
		.entry = first,
		.count = (uint64_t)name.width << shift,
		.at = ALIGN_NONE,
		.copy = ALIGN_NONE,
		.lost = true,
	};

	if (f.line > j->r->lines)
		f.line = j->r->lines + 1;
	borders_lines(j, &f);
}

/* The right edge leads nowhere, so that nothing is authenticated. */
static void
blame_edge(struct job *j)
{
	struct tile_name name;

	if (mend_blame(j->mend, &name))
		blame_lines(j, name);
	else if (j->missing > 0 || j->odds == 0)
		job_cannot(j, AT_TREE, "", nowhere);
	else
		for (size_t i = 0; i < j->odds; i++)
			blame_lines(j, j->odd[i]);
}

static int
survey(struct job *j)
{
	const struct verify_range *r = &j->v->range;

	return j->range ? mend_survey_range(j->mend, r->from, r->to, pass_note_odd, j)
			: mend_survey(j->mend, pass_note_odd, j);
}

void
damage_find(struct job *j)
{
	uint64_t before;

	damage_open_tiles(j);
	if (j->partial && !mend_good(j->mend)) {
		/* Not hashed yet: perhaps the lines have what the edge lacks. */
		mend_free(j->mend);
		j->mend = NULL;
		if (pass_hash(j) == -1)
			return;
		damage_open_tiles(j);
	}
	j->odds = 0;
	j->missing = 0;
	if (survey(j) == -1) {
		pass_cannot_tile(j);
		return;
	}
	pass_name_odd(j);
	before = j->r->findings;
	if (!mend_good(j->mend))
		blame_edge(j);
	else if (mend_lost(j->mend) && j->r->entries / TILE_WIDTH > MEND_FAR)
		job_cannot(j, AT_TREE, "", nowhere); /* nor will there be lines for them */
	else if (align_lines(j) == 0 && mend_lost(j->mend))
		job_cannot(j, AT_TREE, "", nowhere);
	else if (j->r->state == VERIFY_DONE && j->r->findings == before && !j->partial &&
	    !j->range)
		job_cannot(j, AT_SEGMENT, j->v->segment[j->v->segments - 1].name,
		    "the log changed while it was read");
}
