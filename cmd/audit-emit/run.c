#include "base/file.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "emit.h"
#include "json/query.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROGRAM_MAX = 1024 * 1024 };

/* A refusal in a chunk, and how much of the chunk's output stands before it. */
struct refused {
	struct refusal why;
	uint64_t line, bytes; /* line from 0, in the chunk */
	uint64_t entries;
	size_t out;
};

/* What a worker makes of a chunk. */
struct batch {
	struct buf out, refused; /* refused: an array */
	struct buf records;      /* an array of struct record, where out is gathered */
	uint64_t lines, entries;
};

/* What a worker owns. */
struct worker {
	struct emitter *emitter;
	struct json *json;   /* with a map only */
	struct query *query; /* likewise */
};

struct run {
	const struct config *c;
	struct emitter_plan plan;
	struct worker *workers;
	struct out out, rejects_file;
	struct rejects rejects;
	const char *file;          /* being read, as messages call it */
	uint64_t line, entries;    /* lines of it so far; entries of all */
	struct delivery *delivery; /* NULL: what is emitted is lines */
	int fd;                    /* what is read */
	struct batch *followed;    /* with --follow: what its lines become */
	bool failed, stopped;
};

/* One line as a worker sees it. */
struct event {
	const struct config *c;
	struct worker *w;
	struct batch *b;
	uint64_t bytes;
};

static void
note_refusal(const struct event *v, const struct refusal *why)
{
	struct batch *b = v->b;
	struct refused r = { *why, b->lines, v->bytes, b->entries, b->out.len };

	buf_add(&b->refused, &r, sizeof r);
}

static void
note_record(const struct event *v)
{
	struct batch *b = v->b;
	struct record r = { b->lines, v->bytes, emitter_ms(v->w->emitter), b->out.len };

	b->entries++;
	if (v->c->to->gathered)
		buf_add(&b->records, &r, sizeof r);
}

/* Under --strict the first refusal is the end. */
static bool
goes_on(const struct event *v)
{
	return !v->c->strict || v->b->refused.len == 0;
}

/* An event: a line, or one of those the map made of it. */
static bool
event_work(void *arg, struct slice json)
{
	struct event *v = arg;
	struct refusal why;

	if (emitter_get(v->w->emitter, json, &v->b->out, &why) == -1)
		note_refusal(v, &why);
	else
		note_record(v);
	return goes_on(v);
}

/* What stands behind the JSON white space that line begins with. */
static struct slice
skip_blank(struct slice line)
{
	while (line.len > 0 && (*line.p == ' ' || *line.p == '\t' || *line.p == '\r')) {
		line.p++;
		line.len--;
	}
	return line;
}

/* The map gets what the scanner has passed: an object. */
static int
map_work(struct event *v, struct slice line, struct diag *d)
{
	struct slice value = skip_blank(line);

	if (json_check(v->w->json, line, d) == -1)
		return -1;
	if (*value.p != '{') /* there is one: the scanner has seen it */
		return diag_set(d, "json-object", (size_t)(value.p - line.p));
	return query_each(v->w->query, line, event_work, v, d);
}

static void
line_work(struct event *v, struct slice line)
{
	struct refusal why = { 0 };
	struct diag d;

	if (v->w->query == NULL) {
		event_work(v, line);
	} else if (map_work(v, line, &d) == -1 && goes_on(v)) {
		why.rule = d.rule;
		note_refusal(v, &why);
	}
}

static void
chunk_work(void *arg, struct chunk *chunk)
{
	struct run *run = arg;
	struct batch *b = chunk->result;
	struct event v = { .c = run->c, .w = &run->workers[chunk->worker], .b = b };
	struct slice rest = chunk->text, line;

	buf_reset(&b->out);
	buf_reset(&b->refused);
	buf_reset(&b->records);
	b->lines = b->entries = 0;
	buf_reserve(&b->out, chunk->text.len + chunk->text.len / 4);
	while (goes_on(&v) && chunk_next(&rest, &line)) {
		v.bytes = line.len;
		if (skip_blank(line).len > 0)
			line_work(&v, line);
		b->lines++;
	}
}

static bool
healthy(const struct run *run)
{
	return run->out.error == 0 && run->rejects_file.error == 0;
}

/* Tell a refusal.  Returns false if it is the last, under --strict. */
static bool
tell(struct run *run, const struct refusal *why, uint64_t line, uint64_t bytes)
{
	struct origin at = { run->file, line, bytes };

	rejects_put(&run->rejects, why, &at);
	run->stopped = run->c->strict;
	return !run->stopped;
}

static bool
long_line_take(struct run *run, const struct chunk *chunk)
{
	struct refusal why = { .rule = "line-length" };

	run->line++;
	return tell(run, &why, run->line, chunk->length) && healthy(run);
}

/* Send on the first len bytes of what b has. */
static void
hand_on(struct run *run, const struct batch *b, size_t len)
{
	const struct record *r = (const struct record *)(const void *)b->records.p;

	if (run->delivery == NULL)
		out_put(&run->out, (struct slice){ b->out.p, len });
	else
		delivery_add(run->delivery, run->file, run->line, r, b->records.len / sizeof *r,
		    (struct slice){ b->out.p, len });
}

static bool
chunk_take(void *arg, struct chunk *chunk)
{
	struct run *run = arg;
	const struct batch *b = chunk->result;
	const struct refused *r = (const struct refused *)(const void *)b->refused.p;

	if (chunk->too_long)
		return long_line_take(run, chunk);
	for (size_t i = 0; i < b->refused.len / sizeof *r; i++)
		if (!tell(run, &r[i].why, run->line + r[i].line + 1, r[i].bytes)) {
			hand_on(run, b, r[i].out);
			run->entries += r[i].entries;
			return false;
		}
	hand_on(run, b, b->out.len);
	run->entries += b->entries;
	run->line += b->lines;
	return healthy(run);
}

static void *
batch_make(void *arg)
{
	(void)arg;
	return xzalloc(1, sizeof(struct batch));
}

static void
batch_drop(void *arg, void *result)
{
	struct batch *b = result;

	(void)arg;
	buf_free(&b->out);
	buf_free(&b->refused);
	buf_free(&b->records);
	free(b);
}

static void
flush(void *arg)
{
	struct run *run = arg;

	do {
		if (run->delivery != NULL)
			delivery_due(run->delivery);
		out_flush(&run->out);
		if (run->rejects.out != NULL)
			out_flush(run->rejects.out);
	} while (run->delivery != NULL && delivery_sleep(run->delivery, run->fd));
}

/* Returns false if nothing more is to be read. */
static bool
file_work(struct run *run, const char *path)
{
	const struct config *c = run->c;
	struct parallel p = {
		.jobs = c->jobs,
		.max = c->max_line != 0 ? c->max_line : LINES_MAX,
		.stream = strcmp(path, "-") == 0,
		.arg = run,
		.make = batch_make,
		.drop = batch_drop,
		.work = chunk_work,
		.take = chunk_take,
		.idle = flush,
	};
	int fd = file_open(path), got;

	run->file = tool_file(path);
	run->line = 0;
	run->fd = fd;
	if (fd == -1 || (got = parallel_run(&p, fd)) == -1) {
		warn_errno(run->file);
		run->failed = true;
		got = 1;
	}
	if (fd != -1)
		close(fd);
	return got == 1 && tool_signal() == 0;
}

/* Lines of the file that is followed, the first of them being number line. */
static bool
followed(void *arg, struct chunk *chunk, uint64_t line)
{
	struct run *run = arg;

	chunk->result = run->followed;
	chunk->worker = 0;
	run->line = line - 1;
	if (!chunk->too_long)
		chunk_work(run, chunk);
	return chunk_take(run, chunk);
}

static void
follow_work(struct run *run)
{
	run->file = run->c->follow;
	run->fd = -1;
	run->followed = batch_make(run);
	if (follow_lines(run->c, flush, followed, run) == -1)
		run->failed = true;
	batch_drop(run, run->followed);
}

static void
files_work(struct run *run)
{
	char standard_input[] = "-", *const none[] = { standard_input, NULL };
	char *const *files = run->c->files[0] != NULL ? run->c->files : none;
	uint64_t total = 0;
	struct stat st;

	for (char *const *f = files; *f != NULL; f++)
		if (stat(*f, &st) == 0 && S_ISREG(st.st_mode))
			total += (uint64_t)st.st_size;
	progress_start(total, run->c->progress);
	while (*files != NULL && file_work(run, *files))
		files++;
	progress_end();
}

static void
alone_work(struct run *run)
{
	struct origin nowhere = { 0 };
	struct batch b = { 0 };
	struct event v = { .c = run->c, .w = &run->workers[0], .b = &b };
	struct refusal why;

	if (emitter_make(run->workers[0].emitter, &b.out, &why) == -1) {
		rejects_put(&run->rejects, &why, &nowhere);
	} else {
		note_record(&v);
		hand_on(run, &b, b.out.len);
		run->entries++;
	}
	buf_free(&b.out);
	buf_free(&b.records);
}

/* The jq program as a C string in b.  Returns 0; -1 after a message. */
static int
program_get(const struct config *c, struct buf *b)
{
	if (c->map != NULL) {
		buf_str(b, c->map);
	} else if (file_load(c->map_file, PROGRAM_MAX, b) == -1) {
		warn_errno(tool_file(c->map_file));
		return -1;
	}
	if (b->len > 0 && memchr(b->p, '\0', b->len) != NULL) {
		warn("%s: the jq program holds a NUL [map]", tool_file(c->map_file));
		return -1;
	}
	buf_cstr(b);
	return 0;
}

/* Each worker compiles the program for itself: a jq state is for one thread. */
static int
queries_make(struct run *run)
{
	const struct config *c = run->c;
	const char *name = c->map != NULL ? "--map" : tool_file(c->map_file);
	struct buf program = { 0 };
	size_t line = 0;
	int status = program_get(c, &program);

	for (unsigned i = 0; i < c->jobs && status == 0; i++) {
		run->workers[i].json = json_new();
		run->workers[i].query = query_new(program.p, &line);
		if (run->workers[i].query == NULL) {
			warn_at(name, line, "the jq program does not compile [map]");
			status = -1;
		}
	}
	buf_free(&program);
	return status;
}

static int
run_open(struct run *run, const struct config *c)
{
	*run = (struct run){
		.c = c,
		.plan = { c->from, c->to, &c->guard, &c->defaults, c->octets,
		    c->copies ? &c->copy : NULL },
		.workers = xzalloc(c->jobs, sizeof *run->workers),
		.out.fd = -1,
		.rejects_file.fd = -1,
		.fd = -1,
	};
	for (unsigned i = 0; i < c->jobs; i++)
		run->workers[i].emitter = emitter_new(&run->plan);
	if ((c->map != NULL || c->map_file != NULL) && queries_make(run) == -1)
		return -1;
	if (c->rejects != NULL) {
		if (rejects_open(&run->rejects_file, c) == -1)
			return -1;
		run->rejects.out = &run->rejects_file;
	}
	if (out_open(&run->out, c->output) == -1) {
		warn_errno(c->output);
		return -1;
	}
	if (c->to->gathered)
		run->delivery = delivery_open(c, &run->out, &run->rejects);
	return 0;
}

static void
out_end(struct run *run, struct out *o, bool keep)
{
	const char *name = o->name;

	if (out_close(o, keep) == -1) {
		warn_errno(name);
		run->failed = true;
	}
}

/* Close what is open and free what is owned. */
static void
run_close(struct run *run, bool keep)
{
	out_end(run, &run->out, keep);
	out_end(run, &run->rejects_file, true);
	for (unsigned i = 0; i < run->c->jobs; i++) {
		emitter_free(run->workers[i].emitter);
		json_free(run->workers[i].json);
		query_free(run->workers[i].query);
	}
	free(run->workers);
}

static void
sum_up(const struct run *run)
{
	struct buf rules = { 0 };

	rejects_summary(&run->rejects, &rules);
	note("%llu written, %llu refused: %s%s", (unsigned long long)run->entries,
	    (unsigned long long)run->rejects.count, buf_cstr(&rules),
	    run->stopped ? "; stopped at the first" : "");
	buf_free(&rules);
}

/* The last words, and the status. */
static enum tool_status
verdict(const struct run *run)
{
	uint64_t refused = run->rejects.count;

	if (refused > 0 && !run->c->alone)
		sum_up(run);
	else if (refused == 0 && run->entries == 0 && !run->failed)
		warn("no entry in the input");
	if (run->failed)
		return TOOL_TROUBLE;
	return refused > 0 || run->entries == 0 ? TOOL_NO : TOOL_OK;
}

enum tool_status
emit(const struct config *c)
{
	struct run run;
	bool whole;

	if (run_open(&run, c) == -1) {
		run_close(&run, false);
		return TOOL_TROUBLE;
	}
	if (c->alone)
		alone_work(&run);
	else if (c->follow != NULL)
		follow_work(&run);
	else
		files_work(&run);
	if (run.delivery != NULL && delivery_close(run.delivery, &run.entries) == -1)
		run.failed = true;
	/* Without an entry to put in its place, what was there before the trouble stays. */
	whole = healthy(&run) && !(run.failed && (tool_signal() != 0 || run.entries == 0));
	run_close(&run, whole);
	return verdict(&run);
}
