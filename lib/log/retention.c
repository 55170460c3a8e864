/* Is everything that must still be kept either here or in the archive? */
#include "log/job.h"

#include <stdlib.h>

#include "base/mem.h"
#include "log/objects.h"

enum {
	ARCHIVE_WITHIN = 90 * 86400
}; /* seconds: until then a sealed segment may be here alone */

static const char too_young[] =
    "neither here nor in the archive, and not old enough to be gone";
static const char not_archived[] = "sealed over 90 days ago, and not in the archive";

void
retention_absent(struct job *j, uint64_t from, uint64_t to)
{
	if (from >= to)
		return;
	j->absent = xrealloc(j->absent, j->absents + 1, sizeof *j->absent);
	j->absent[j->absents++] = (struct span){ from, to };
}

static void
found(struct job *j, const char *file, uint64_t from, uint64_t to, const char *words)
{
	struct verify_finding f = {
		.kind = FOUND_RETENTION,
		.place = AT_FILE,
		.file = file,
		.entry = from,
		.count = to - from,
		.copy = ALIGN_NONE,
		.words = words,
	};

	job_found(j, &f);
}

static bool
is_absent(const struct job *j, uint64_t from, uint64_t to)
{
	for (size_t i = 0; i < j->absents; i++)
		if (j->absent[i].from < to && j->absent[i].to > from)
			return true;
	return false;
}

/* Are all parts of a closed segment in the archive? */
static bool
is_archived(const struct job *j, const struct manifest *m)
{
	bool all = true;

	for (size_t i = 0; i < m->parts && all; i++) {
		struct buf name = { 0 };

		manifest_part_put(&name, m, i);
		all = objects_has(j->v->archive, buf_view(&name));
		buf_free(&name);
	}
	return all;
}

/* Has the time come that the manifest says, after which nothing has to be kept? */
static bool
is_over(const struct job *j, const struct parcel *p)
{
	return j->v->now >= manifest_retain_until(&p->manifest);
}

static void
check_closed(struct job *j, const struct parcel *p)
{
	const struct manifest *m = &p->manifest;

	if (!p->good || is_over(j, p) || is_archived(j, m))
		return;
	if (j->v->now - m->sealed_at > ARCHIVE_WITHIN)
		found(j, p->path.p, m->first, m->last + 1, not_archived);
	else if (is_absent(j, m->first, m->last + 1))
		found(j, p->path.p, m->first, m->last + 1, too_young);
}

/* Cut [from, to) out of the absent entries. */
static void
cut(struct job *j, uint64_t from, uint64_t to)
{
	for (size_t i = 0; i < j->absents; i++) {
		struct span *a = &j->absent[i], rest = { to, a->to };

		if (a->from >= to || a->to <= from)
			continue;
		a->to = from > a->from ? from : a->from;
		a = NULL; /* may move */
		if (rest.from < rest.to)
			retention_absent(j, rest.from, rest.to);
	}
}

/*
 * What a manifest speaks for is judged; but that its time is over is only its own word, which no one
 * signed where it is not the log's: entries that are gone must be old by a signed time as well.
 */
static void
cut_closed(struct job *j, const struct parcel *p)
{
	if (p->good && !is_over(j, p))
		cut(j, p->manifest.first, p->manifest.last + 1);
}

struct search {
	uint64_t size;
	int64_t time;
};

/* The first head of that many entries that has a signed time. */
static bool
each_time(struct job *j, void *arg, struct slice message)
{
	struct search *s = arg;
	struct head h = { 0 };
	bool good = head_get(message, &h, NULL) == 0 && h.cp.size >= s->size &&
	    slice_eq(h.cp.origin, buf_view(&j->r->origin)) &&
	    head_check(&h, j->v->keys, j->v->n + j->v->old) == HEAD_GOOD && h.timed;

	s->time = h.time;
	head_free(&h);
	return good;
}

/* Entries that are nowhere must be older than what has to be kept. */
static void
check_absent(struct job *j, const struct span *a)
{
	struct search s = { a->to, 0 };

	if (a->from >= a->to)
		return;
	if (chain_each(j, each_time, &s) != 1)
		s.time = j->r->timed ? j->r->time : j->v->now;
	if (j->v->now - s.time < j->v->retention)
		found(j, j->v->segment[j->v->segments - 1].name, a->from, a->to, too_young);
}

void
retention_check(struct job *j)
{
	struct slice list = j->v->archive;
	uint64_t first, last;

	if (j->v->retention < 0)
		return;
	for (size_t i = 0; i < j->v->segments; i++)
		if (j->v->segment[i].parcel != NULL)
			check_closed(j, j->v->segment[i].parcel);
	for (size_t i = 0; i < j->v->besides; i++)
		check_closed(j, j->v->beside[i]);
	for (size_t i = 0; i < j->v->segments; i++)
		if (j->v->segment[i].parcel != NULL)
			cut_closed(j, j->v->segment[i].parcel);
	for (size_t i = 0; i < j->v->besides; i++)
		cut_closed(j, j->v->beside[i]);
	while (objects_next(&list, j->v->log, &first, &last))
		cut(j, first, last + 1);
	for (size_t i = 0; i < j->absents; i++)
		check_absent(j, &j->absent[i]);
}
