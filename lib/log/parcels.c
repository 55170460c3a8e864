/* Closed segments that are given by their manifests: are these the log's, and their parts whole? */
#include "log/job.h"

#include <errno.h>

#include "log/parcel.h"

static void
found(struct job *j, enum finding_kind kind, const char *file, const struct parcel *s,
    const char *words)
{
	struct verify_finding f = {
		.kind = kind,
		.place = AT_FILE,
		.file = file,
		.words = words,
		.entry = s->good ? s->manifest.first : ALIGN_NONE,
		.count = s->good ? s->manifest.last - s->manifest.first + 1 : 0,
		.copy = ALIGN_NONE,
	};

	job_found(j, &f);
}

/* Are all parts there and whole? */
static bool
check_parts(struct job *j, const struct parcel *s)
{
	bool whole = true;

	for (size_t i = 0; i < s->manifest.parts; i++) {
		struct buf path = { 0 };

		parcel_part_put(&path, s, i);
		switch (parcel_part_check(s, i, path.p)) {
		case PART_GOOD: break;
		case PART_OTHER:
			found(j, FOUND_PART_DAMAGED, path.p, s,
			    "not of the bytes that the manifest says");
			whole = false;
			break;
		case PART_ERROR:
			job_cannot(
			    j, AT_FILE, path.p, errno == ENOENT ? "a part not given" : NULL);
			whole = false;
			break;
		}
		buf_free(&path);
	}
	return whole;
}

/* Is the line behind the segment the one that names this manifest?  1 or 0 (reported), -1: no one knows. */
static int
is_named(struct job *j, const struct parcel *s)
{
	struct hash leaf;

	damage_open_tiles(j);
	if (!damage_leaf(j, s->manifest.last + 1, &leaf))
		return -1;
	if (hash_eq(&leaf, &s->leaf))
		return 1;
	found(j, FOUND_MANIFEST_DAMAGED, s->path.p, s, "not the one that the log names");
	return 0;
}

/*
 * Is the manifest the one that the log names?  What is said of that, if not, is a finding or a reason.
 * If no tile tells, true, and *waiting: it is looked at once more when the lines were read.
 */
static bool
is_under_head(struct job *j, const struct parcel *s, bool *waiting)
{
	const char *path = s->path.p;
	uint64_t next = s->manifest.last + 1;
	int named;

	if (!slice_eq(s->manifest.origin, buf_view(&j->r->origin))) {
		found(j, FOUND_MANIFEST_DAMAGED, path, s, "of another log");
		return false;
	}
	if (next == j->r->entries && s->manifest.encrypted)
		job_cannot(
		    j, AT_FILE, path, "not under the signed head yet: append to the log");
	if (next == j->r->entries)
		return !s->manifest.encrypted; /* its lines speak for themselves */
	if (next > j->r->entries) {
		found(j, FOUND_MANIFEST_DAMAGED, path, s,
		    "of entries that the head does not have");
		return false;
	}
	named = is_named(j, s);
	*waiting = named == -1;
	return named != 0;
}

void
parcels_check(struct job *j)
{
	for (size_t i = 0; i < j->v->segments; i++) {
		struct segment *g = &j->v->segment[i];
		const struct parcel *s = g->parcel;
		bool ours, whole;

		if (s == NULL)
			continue;
		if (!s->good) {
			found(j, FOUND_MANIFEST_DAMAGED, s->path.p, s, "not a manifest");
			continue;
		}
		ours = is_under_head(j, s, &g->waiting);
		j->waiting |= g->waiting;
		whole = check_parts(j, s);
		g->present = ours && whole && s->manifest.encrypted;
	}
}

void
parcels_recheck(struct job *j)
{
	for (size_t i = 0; i < j->v->segments; i++) {
		const struct segment *g = &j->v->segment[i];

		if (g->waiting && is_named(j, g->parcel) == -1)
			job_cannot(j, AT_FILE, g->parcel->path.p,
			    "the tile that would tell is missing");
	}
}
