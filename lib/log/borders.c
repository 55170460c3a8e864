/* What lies at the borders of segments, and in which file a line stands. */
#include "log/job.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "log/starts.h"

void
borders_load(struct job *j)
{
	j->hinted = starts_get(j->v->tree, j->r->entries, &j->starts, &j->nstarts);
}

/* Is entry the first of a segment, or behind the last one? */
static bool
is_start(const struct job *j, uint64_t entry)
{
	size_t low = 0, high = j->nstarts;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (j->starts[mid] < entry)
			low = mid + 1;
		else
			high = mid;
	}
	return entry == j->r->entries || entry == j->v->min_index ||
	    (low < j->nstarts && j->starts[low] == entry);
}

/* The first start behind entry, or the end. */
static uint64_t
next_start(const struct job *j, uint64_t entry)
{
	for (size_t i = 0; j->hinted && i < j->nstarts; i++)
		if (j->starts[i] > entry)
			return j->starts[i];
	return j->r->entries;
}

/* The segment whose line is before that one: what is missing there belongs to it. */
static size_t
before(const struct job *j, uint64_t line)
{
	return line == 0 ? 0 : segments_place(j->v->segment, j->v->segments, line - 1);
}

/* A compressed segment that breaks off before line, and of which that was not told; n if none. */
static size_t
broken_before(const struct job *j, uint64_t line)
{
	size_t i = 0;

	for (; i < j->v->segments; i++) {
		const struct segment *g = &j->v->segment[i];
		bool bad = g->end == SOURCE_BROKEN || g->end == SOURCE_TRAILING;

		if (bad && !j->told[i] && g->first + g->lines == line)
			break;
	}
	return i;
}

/* A finding of a run of lines that stand in one segment. */
static void
put(struct job *j, const struct finding *f, size_t i)
{
	const struct segment *g = &j->v->segment[i];
	struct verify_finding out = {
		.kind = f->kind,
		.place = AT_SEGMENT,
		.file = g->name,
		.line = f->line - g->first,
		.entry = f->entry,
		.count = f->count,
		.copy = f->copy,
		.lost = f->lost,
	};

	if (f->kind == FOUND_TRUNCATED) {
		out.timed = j->r->timed;
		out.time = j->r->time;
	}
	job_found(j, &out);
}

/* Cut a run of lines at the borders of segments. */
static void
put_lines(struct job *j, struct finding f)
{
	bool entries = f.kind != FOUND_INSERTED;

	while (f.count > 0) {
		size_t i = segments_place(j->v->segment, j->v->segments, f.line - 1);
		const struct segment *g = &j->v->segment[i];
		uint64_t left = g->first + g->lines - (f.line - 1);
		struct finding part = f;

		if (f.lost || f.line - 1 >= g->first + g->lines || left > f.count)
			left = f.count;
		part.count = left;
		put(j, &part, i);
		f.line += left;
		f.count -= left;
		if (entries)
			f.entry += left;
		if (f.copy != ALIGN_NONE)
			f.copy += left;
	}
}

static void
not_given(struct job *j, uint64_t from, uint64_t to, const char *why)
{
	struct buf text = { 0 };

	buf_printf(&text, "entry %llu", (unsigned long long)from);
	if (to > from + 1)
		buf_printf(&text, "-%llu", (unsigned long long)(to - 1));
	buf_str(&text, why);
	job_cannot(j, AT_SEGMENT, j->v->segment[j->v->segments - 1].name, buf_cstr(&text));
	buf_free(&text);
}

/* A log that lies there empty, and no file beside it that could be what it was. */
static bool
was_emptied(const struct job *j, uint64_t to)
{
	return to == j->r->entries && j->v->segment[j->v->segments - 1].lines == 0 &&
	    !j->v->others;
}

/* Entries from .. to - 1 are missing before line f->line, which begins a segment or ends the last. */
static void
judge(struct job *j, const struct finding *f, uint64_t from, uint64_t to)
{
	size_t i = before(j, f->line - 1), broken = broken_before(j, f->line - 1);
	bool outside = f->line == 1 || f->line - 1 == j->r->lines;
	struct finding run = *f;

	if (broken < j->v->segments) {
		run.kind = FOUND_UNREADABLE;
		run.entry = from;
		run.count = next_start(j, from) < to ? next_start(j, from) - from : to - from;
		j->told[broken] = true;
		put(j, &run, broken);
		from += run.count;
	}
	if (from == to)
		return;
	run.kind = f->kind;
	run.entry = from;
	run.count = to - from;
	if (j->hinted && is_start(j, from) && is_start(j, to) && !was_emptied(j, to))
		not_given(j, from, to, " not given: no segment here holds it");
	else if (j->hinted || (outside && (!j->v->others || was_emptied(j, to))))
		put(j, &run, i);
	else
		not_given(j, from, to,
		    " missing, and without hints no one can say whether a segment was not "
		    "given");
}

/* Of the entries from .. to - 1 no segment here has any, but those that lie here encrypted. */
static void
note_absent(struct job *j, uint64_t from, uint64_t to)
{
	for (size_t i = 0; i < j->v->segments; i++) {
		const struct segment *g = &j->v->segment[i];

		if (!g->present || g->parcel->manifest.last < from ||
		    g->parcel->manifest.first >= to)
			continue;
		retention_absent(j, from, g->parcel->manifest.first);
		from = g->parcel->manifest.last < to ? g->parcel->manifest.last + 1 : to;
	}
	retention_absent(j, from, to);
}

/* The same, but what need not be there is taken out first. */
static void
judge_rest(struct job *j, const struct finding *f)
{
	uint64_t from = f->entry, to = f->entry + f->count;

	note_absent(j, from, to);
	if (from < j->v->min_index) {
		j->r->gone = true;
		from = j->v->min_index < to ? j->v->min_index : to;
	}
	for (size_t i = 0; i < j->v->segments && from < to; i++) {
		const struct segment *g = &j->v->segment[i];

		if (!g->present || g->parcel->manifest.last < from ||
		    g->parcel->manifest.first >= to)
			continue;
		if (g->parcel->manifest.first > from)
			judge(j, f, from, g->parcel->manifest.first);
		from = g->parcel->manifest.last < to ? g->parcel->manifest.last + 1 : to;
	}
	if (from < to)
		judge(j, f, from, to);
}

static bool
at_border(const struct job *j, uint64_t line)
{
	const struct segment *g;

	if (line == 0 || line == j->r->lines)
		return true;
	g = &j->v->segment[segments_place(j->v->segment, j->v->segments, line)];
	return g->first == line;
}

/* Standard input may be several segments, one behind the other: where hints has a border, there is one. */
static bool
within_stream(const struct job *j, const struct finding *f)
{
	return j->v->segment[before(j, f->line - 1)].fd == STDIN_FILENO && j->hinted &&
	    is_start(j, f->entry) && is_start(j, f->entry + f->count);
}

void
borders_lines(void *arg, const struct finding *f)
{
	struct job *j = arg;

	if (!parts_concern(j, f))
		return;
	if (f->kind != FOUND_DELETED && f->kind != FOUND_TRUNCATED)
		put_lines(j, *f);
	else if (at_border(j, f->line - 1) || within_stream(j, f))
		judge_rest(j, f);
	else
		put(j, f, before(j, f->line - 1));
}

void
borders_ends(struct job *j)
{
	if (j->range)
		return; /* no one asked for these */
	for (size_t i = 0; i < j->v->segments; i++) {
		const struct segment *g = &j->v->segment[i];
		struct verify_finding f = {
			.kind = FOUND_UNREADABLE,
			.place = AT_SEGMENT,
			.file = g->name,
			.line = g->lines + 1,
			.entry = ALIGN_NONE,
			.copy = ALIGN_NONE,
		};

		if (g->end == SOURCE_BROKEN && !j->told[i])
			job_found(j, &f);
		f.kind = FOUND_TRAILING;
		f.bytes = g->extra;
		if (g->end == SOURCE_TRAILING)
			job_found(j, &f);
	}
}
