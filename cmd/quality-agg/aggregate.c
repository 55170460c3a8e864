#include "aggregate.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/follow.h"
#include "base/mem.h"
#include "base/parallel.h"

enum {
	SAID_MAX = 100,                /* refused lines that are named */
	CHUNK_MAX = 256 * 1024,        /* bytes */
	CHUNKS_MAX = 16 * 1024 * 1024, /* of all chunks together */
	CHUNKS_A_JOB = 3,              /* in base/parallel */
};

/* A refused line of a chunk. */
struct bad_line {
	uint64_t number; /* from 0, in the chunk */
	struct refusal why;
};

/* What a chunk came to, besides what went into its worker's state. */
struct outcome {
	uint64_t lines; /* of the chunk */
	uint64_t records,
	    refused; /* or what they were made into; refused ones are among them */
	struct bad_line bad[SAID_MAX]; /* the first of those */
};

struct worker {
	struct intake intake;
	struct collect collect;
	uint64_t counted[COLUMNS]; /* values of each column that are in held already */
	bool stopped;              /* by --strict */
};

struct aggregate {
	const struct aggregate_options *o;
	struct worker *workers;
	atomic_uint_fast64_t held[COLUMNS];     /* values of each, all workers together */
	atomic_bool too_many;                   /* groups for one worker */
	const char *path;                       /* of the present file */
	uint64_t lines, records, refused, said; /* see struct outcome */
	uint64_t base;                          /* lines before the present file */
};

struct aggregate *
aggregate_new(const struct aggregate_options *o)
{
	struct aggregate *a = xzalloc(1, sizeof *a);

	a->o = o;
	a->workers = xzalloc(o->jobs, sizeof *a->workers);
	for (unsigned i = 0; i < o->jobs; i++) {
		intake_init(&a->workers[i].intake, &o->intake);
		collect_init(&a->workers[i].collect, &o->plan);
	}
	return a;
}

static bool
window_has(const struct window *w, struct instant t)
{
	return !(w->has_since && instant_cmp(t, w->since) < 0) &&
	    !(w->has_until && instant_cmp(t, w->until) >= 0);
}

/*
 * Keep the promise of --exact: where all workers together hold more values of a column than that,
 * each of them spills its own, now or at its next chunk.
 */
static void
hold(struct aggregate *a, struct worker *w)
{
	struct state *s = &w->collect.state;

	for (size_t i = 0; i < s->shape.columns; i++) {
		uint64_t more = s->held[i] - w->counted[i];

		w->counted[i] = s->held[i];
		if (atomic_fetch_add(&a->held[i], more) + more > s->shape.exact)
			state_spill(s, i);
	}
}

/* A line at work. */
struct line_work {
	struct aggregate *a;
	struct worker *w;
	struct outcome *out;
};

/* A record, or what was to be one, is refused. */
static void
record_refuse(void *arg, const struct refusal *why)
{
	struct line_work *work = arg;
	struct outcome *out = work->out;

	if (work->w->stopped)
		return;
	if (out->refused < SAID_MAX)
		out->bad[out->refused] = (struct bad_line){ out->lines, *why };
	out->refused++;
	out->records++;
	work->w->stopped = work->a->o->strict;
}

static void
record_take(void *arg, const struct record *record, struct slice json)
{
	struct line_work *work = arg;
	struct refusal why;
	int wanted = 1;

	if (work->w->stopped)
		return;
	if (!window_has(&work->a->o->window, record->time))
		wanted = 0;
	else if (work->w->intake.where != NULL)
		wanted = intake_where(&work->w->intake, json, &why);
	if (wanted == -1) {
		record_refuse(work, &why);
		return;
	}
	work->out->records++;
	if (wanted && !collect_add(&work->w->collect, record))
		work->a->too_many = true;
}

/* In a worker. */
static void
chunk_work(void *arg, struct chunk *c)
{
	struct aggregate *a = arg;
	struct worker *w = &a->workers[c->worker];
	struct outcome *out = c->result;
	struct line_work work = { a, w, out };
	struct intake_to to = { &work, record_take, record_refuse };
	struct slice rest = c->text;

	out->lines = out->records = out->refused = 0;
	for (; rest.len > 0 && !w->stopped && !a->too_many; out->lines++)
		intake_line(&w->intake, &rest, &to);
	hold(a, w);
}

static void
refusal_say(struct aggregate *a, uint64_t line, const struct refusal *why)
{
	const char *file = tool_file(a->path);

	if (a->said++ >= SAID_MAX)
		return;
	if (why->field != NO_FIELD)
		warn_at(file, line, "field \"%s\": %s [%s]", field_table[why->field].name,
		    why->text, why->rule);
	else if (why->member != 0)
		warn_at(file, line, "member %llu: %s [%s]", (unsigned long long)why->member,
		    why->text, why->rule);
	else
		warn_at(file, line, "%s [%s]", why->text, why->rule);
}

/* In the calling thread, in order. */
static bool
chunk_take(void *arg, struct chunk *c)
{
	struct aggregate *a = arg;
	const struct outcome *out = c->result;
	uint64_t before = a->lines - a->base;

	if (c->too_long) {
		refusal_say(a, before + 1,
		    &(struct refusal){ .rule = "line-length",
			.text = diag_text("line-length"),
			.field = NO_FIELD });
		a->lines++;
		a->records++;
		a->refused++;
		return !a->o->strict;
	}
	for (uint64_t i = 0; i < out->refused && i < SAID_MAX; i++)
		refusal_say(a, before + out->bad[i].number + 1, &out->bad[i].why);
	a->lines += out->lines;
	a->records += out->records;
	a->refused += out->refused;
	return !a->too_many && (!a->o->strict || out->refused == 0);
}

static void *
outcome_new(void *arg)
{
	(void)arg;
	return xzalloc(1, sizeof(struct outcome));
}

static void
outcome_free(void *arg, void *result)
{
	(void)arg;
	free(result);
}

/* Bytes to a chunk: less where many workers would hold many of them. */
static size_t
chunk_size(unsigned jobs)
{
	size_t size = CHUNKS_MAX / CHUNKS_A_JOB / jobs;

	return size < CHUNK_MAX ? size : CHUNK_MAX;
}

int
aggregate_file(struct aggregate *a, const char *path)
{
	int fd = file_open(path), rc, error;

	if (fd == -1)
		return -1;
	rc = aggregate_open_file(a, path, fd);
	error = errno;
	close(fd);
	errno = error;
	return rc;
}

int
aggregate_open_file(struct aggregate *a, const char *path, int fd)
{
	struct parallel p = {
		.jobs = a->o->strict ? 1 : a->o->jobs, /* nothing behind the first may count */
		.max = a->o->max_line,
		.chunk = chunk_size(a->o->jobs),
		.stream = strcmp(path, "-") == 0,
		.arg = a,
		.make = outcome_new,
		.drop = outcome_free,
		.work = chunk_work,
		.take = chunk_take,
	};

	a->path = path;
	a->base = a->lines;
	return parallel_run(&p, fd);
}

/* What waits for more of a file. */
struct follower {
	struct aggregate *a;
	void (*tick)(void *arg, struct state *state);
	void *arg;
};

static void
follow_tick(void *arg)
{
	const struct follower *f = arg;

	f->tick(f->arg, &f->a->workers[0].collect.state);
}

static void
follow_trouble(void *arg, int error)
{
	const struct follower *f = arg;

	warn("%s: %s; awaited", f->a->path,
	    error == 0 ? "no regular file now" : strerror(error));
}

/* Chunks as they come, each worked and taken at once. */
static int
follow_all(struct follower *f, struct follow *file)
{
	struct outcome *out = xzalloc(1, sizeof *out);
	bool more = true;
	int got;

	do {
		struct chunk c = { .result = out };
		uint64_t line;

		got = follow_next(file, &c, &line);
		if (got != 1)
			break;
		c.result = out;
		c.worker = 0;
		f->a->base =
		    f->a->lines - (line - 1); /* of another file than before, perhaps */
		chunk_work(f->a, &c);
		more = chunk_take(f->a, &c);
		follow_tick(f);
	} while (more);
	free(out);
	return got == -1 ? -1 : more;
}

int
aggregate_follow(struct aggregate *a, const char *path,
    void (*tick)(void *arg, struct state *state), void *arg)
{
	struct follower f = { a, tick, arg };
	struct follow_options o = {
		.path = path,
		.max = a->o->max_line,
		.arg = &f,
		.idle = follow_tick,
		.trouble = follow_trouble,
	};
	struct follow *file;
	int rc, error;

	a->path = path;
	file = follow_open(&o);
	if (file == NULL)
		return -1;
	rc = follow_all(&f, file);
	error = errno;
	follow_free(file);
	errno = error;
	return rc;
}

uint64_t
aggregate_records(const struct aggregate *a)
{
	return a->records;
}

uint64_t
aggregate_refused(const struct aggregate *a)
{
	return a->refused;
}

struct state *
aggregate_result(struct aggregate *a)
{
	struct state *all = &a->workers[0].collect.state;

	for (unsigned i = 1; i < a->o->jobs; i++)
		state_merge(all, &a->workers[i].collect.state);
	state_settle(all);
	return all;
}

void
aggregate_free(struct aggregate *a)
{
	for (unsigned i = 0; i < a->o->jobs; i++) {
		intake_free(&a->workers[i].intake);
		collect_free(&a->workers[i].collect);
	}
	free(a->workers);
	free(a);
}
