/* Searching files: chunks in workers, rows in input order. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "match_row.h"

enum item_kind { ITEM_REFUSED, ITEM_UNDECIDED, ITEM_FEED, ITEM_ROW };

/* What a line came to. */
struct line_item {
	enum item_kind kind;
	bool held;         /* of a row: it is a detection */
	uint32_t rule;     /* in rules.v */
	uint64_t line;     /* from 0, in the chunk */
	const char *why;   /* of a refusal */
	struct slice text; /* of the line, for ITEM_FEED */
	size_t tail, tail_len;
};

struct outcome {
	uint64_t lines, events;
	struct line_item *items;
	size_t n, cap;
	struct buf tails;
	struct feed *feed;
	bool stopped; /* by --strict */
};

struct worker {
	struct match *match;
	struct collector *collector;
	struct buf note;
	struct slice *notes;
};

struct run {
	const struct match_options *o;
	struct rules *rules;
	struct out *out;
	struct worker *workers;
	struct origin origin;
	unsigned file; /* the present one */
	uint64_t lines, events, refused, detections;
	uint64_t line; /* being taken */
	struct slice text;
	struct buf row, pending; /* pending: rows of windows that the line completed */
	struct pending_row {
		uint32_t order;
		size_t from, to;
	} * waiting;
	size_t waiting_count, waiting_cap;
	bool undecided;
};

static struct line_item *
add_item(struct outcome *out, enum item_kind kind)
{
	struct line_item *x;

	if (out->n == out->cap) {
		out->cap = out->cap == 0 ? 64 : out->cap * 2;
		out->items = xrealloc(out->items, out->cap, sizeof *out->items);
	}
	x = &out->items[out->n++];
	*x = (struct line_item){ .kind = kind, .line = out->lines };
	return x;
}

static void
add_row(struct run *r, struct worker *w, struct outcome *out, uint32_t rule, bool held,
    struct slice line)
{
	const struct running *x = &r->rules->v[rule];
	struct line_item *item = add_item(out, ITEM_ROW);

	item->rule = rule;
	item->held = held;
	item->tail = out->tails.len;
	if (r->o->explain != EXPLAIN_NONE && x->explain != NULL) {
		buf_printf(
		    &out->tails, ", \"held\": %s, \"explain\": ", held ? "true" : "false");
		explain_put(&out->tails, w->match, x->explain);
	}
	if (r->o->events)
		row_put_line(&out->tails, line);
	item->tail_len = out->tails.len - item->tail;
}

/* Rows for what was found; with --explain=all for all detection rules. */
static void
add_rows(struct run *r, struct worker *w, struct outcome *out, const uint32_t *found, size_t n,
    struct slice line)
{
	const struct rules *rules = r->rules;
	size_t k = 0;

	if (r->o->explain != EXPLAIN_ALL) {
		for (size_t i = 0; i < n; i++)
			if (rules->v[rules->by_number[found[i]]].reported)
				add_row(r, w, out, rules->by_number[found[i]], true, line);
		return;
	}
	for (uint32_t i = 0; i < rules->count; i++) {
		bool held = k < n && rules->v[i].number == found[k];

		k += held;
		if (rules->v[i].number != MATCH_NONE)
			add_row(r, w, out, i, held, line);
	}
}

/* What a rule says of the event, for the windows that it goes into. */
static const struct slice *
make_notes(struct run *r, struct worker *w, const uint32_t *found, size_t n)
{
	size_t at = 0;

	if (r->o->explain == EXPLAIN_NONE)
		return NULL;
	buf_reset(&w->note);
	for (size_t i = 0; i < n; i++) {
		const struct explain *e = r->rules->v[r->rules->by_number[found[i]]].explain;
		size_t from = w->note.len;

		if (e != NULL)
			explain_put(&w->note, w->match, e);
		w->notes[i].len = w->note.len - from;
	}
	for (size_t i = 0; i < n; at += w->notes[i++].len)
		w->notes[i].p = w->note.p + at;
	return w->notes;
}

static void
search_line(struct run *r, struct worker *w, struct outcome *out, struct slice line)
{
	struct diag d = { 0 };
	const uint32_t *found, *unknown;
	struct line_item *item;
	size_t n, undecided;

	if (match_read(w->match, line, &d) == -1) {
		add_item(out, ITEM_REFUSED)->why = d.rule;
		out->stopped = r->o->strict;
		return;
	}
	out->events++;
	n = match_find(w->match, &found);
	undecided = match_undecided(w->match, &unknown);
	for (size_t i = 0; i < undecided; i++)
		add_item(out, ITEM_UNDECIDED)->rule = r->rules->by_number[unknown[i]];
	if (w->collector != NULL) {
		item = add_item(out, ITEM_FEED);
		item->text = line;
		collect(
		    w->collector, w->match, found, n, make_notes(r, w, found, n), out->feed);
	}
	if (n > 0 || r->o->explain == EXPLAIN_ALL)
		add_rows(r, w, out, found, n, line);
}

/* In a worker. */
static void
chunk_work(void *arg, struct chunk *c)
{
	struct run *r = arg;
	struct outcome *out = c->result;
	struct slice rest = c->text, line;

	out->lines = out->events = 0;
	out->n = 0;
	out->stopped = false;
	buf_reset(&out->tails);
	feed_reset(out->feed);
	while (!out->stopped && chunk_next(&rest, &line)) {
		search_line(r, &r->workers[c->worker], out, line);
		out->lines++;
	}
}

static void
put_row(struct run *r, const struct line_item *item, const struct outcome *out)
{
	buf_reset(&r->row);
	row_put_event(&r->row, &r->rules->v[item->rule], &r->origin, r->line,
	    (struct slice){ out->tails.p + item->tail, item->tail_len });
	out_put(r->out, buf_view(&r->row));
	r->detections += item->held && r->rules->v[item->rule].reported;
}

/* A window: those that the line closes come out at once, those it completes in load order with its own rows. */
static void
take_window(void *arg, const struct window_found *f)
{
	struct run *r = arg;
	const struct running *x = &r->rules->v[f->order];
	struct slice event = r->o->events && f->at_event ? r->text : (struct slice){ 0 };
	size_t from = r->pending.len;

	if (!x->reported)
		return;
	r->detections++;
	row_put_window(
	    &r->pending, x, &r->origin, f, r->line, event, r->o->explain != EXPLAIN_NONE);
	if (!f->at_event) {
		out_put(r->out, (struct slice){ r->pending.p + from, r->pending.len - from });
		r->pending.len = from;
		return;
	}
	if (r->waiting_count == r->waiting_cap) {
		r->waiting_cap = r->waiting_cap == 0 ? 16 : r->waiting_cap * 2;
		r->waiting = xrealloc(r->waiting, r->waiting_cap, sizeof *r->waiting);
	}
	r->waiting[r->waiting_count++] = (struct pending_row){ f->order, from, r->pending.len };
}

static int
by_order(const void *a, const void *b)
{
	const struct pending_row *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

/* Pending rows of rules before the one given. */
static size_t
put_pending(struct run *r, size_t from, uint32_t rule)
{
	for (; from < r->waiting_count && r->waiting[from].order < rule; from++)
		out_put(r->out,
		    (struct slice){ r->pending.p + r->waiting[from].from,
			r->waiting[from].to - r->waiting[from].from });
	return from;
}

static void
say_undecided(struct run *r, const struct rule *rule)
{
	warn_at(tool_file(r->o->files[r->file]), r->line - r->origin.first[r->file],
	    "undecided for the rule at %s:%u: a regular expression hit its limit [regex-limit]",
	    rule->file, rule->at.line);
	r->undecided = true;
}

static void
say_refused(struct run *r, const char *why)
{
	warn_at(tool_file(r->o->files[r->file]), r->line - r->origin.first[r->file], "%s [%s]",
	    diag_text(why), why);
	r->refused++;
}

/* All that one line came to, from items[i] on.  Returns where the next line's begin. */
static size_t
take_line(struct run *r, const struct outcome *out, size_t i, size_t *feed)
{
	uint64_t line = out->items[i].line;
	size_t done = 0;

	r->line = r->lines + line + 1;
	r->waiting_count = 0;
	buf_reset(&r->pending);
	for (; i < out->n && out->items[i].line == line; i++) {
		const struct line_item *x = &out->items[i];

		switch (x->kind) {
		case ITEM_REFUSED: say_refused(r, x->why); break;
		case ITEM_UNDECIDED: say_undecided(r, r->rules->v[x->rule].rule); break;
		case ITEM_FEED:
			r->text = x->text;
			windows_feed(
			    r->rules->windows, out->feed, (*feed)++, r->line, take_window, r);
			if (r->waiting_count > 1)
				qsort(
				    r->waiting, r->waiting_count, sizeof *r->waiting, by_order);
			break;
		case ITEM_ROW:
			done = put_pending(r, done, x->rule);
			put_row(r, x, out);
			break;
		}
	}
	put_pending(r, done, UINT32_MAX);
	return i;
}

/* In the calling thread, in order. */
static bool
chunk_take(void *arg, struct chunk *c)
{
	struct run *r = arg;
	const struct outcome *out = c->result;
	size_t i = 0, feed = 0;

	if (c->too_long) {
		r->line = ++r->lines;
		say_refused(r, "line-length");
		return !r->o->strict;
	}
	while (i < out->n)
		i = take_line(r, out, i, &feed);
	r->lines += out->lines;
	r->events += out->events;
	return !out->stopped && r->out->error == 0;
}

static void
on_idle(void *arg)
{
	struct run *r = arg;

	out_flush(r->out);
}

static void *
outcome_new(void *arg)
{
	struct outcome *out = xzalloc(1, sizeof *out);

	(void)arg;
	out->feed = feed_new();
	return out;
}

static void
outcome_free(void *arg, void *result)
{
	struct outcome *out = result;

	(void)arg;
	free(out->items);
	buf_free(&out->tails);
	feed_free(out->feed);
	free(out);
}

static void
make_workers(struct run *r)
{
	r->workers = xzalloc(r->o->jobs, sizeof *r->workers);
	for (unsigned i = 0; i < r->o->jobs; i++) {
		struct worker *w = &r->workers[i];

		w->match = match_new(r->rules->matcher, r->o->stats != NULL);
		w->notes = xzalloc(matcher_count(r->rules->matcher), sizeof *w->notes);
		if (windows_any(r->rules->windows))
			w->collector = collector_new(r->rules->windows);
	}
}

static void
free_workers(struct run *r)
{
	uint32_t count = matcher_count(r->rules->matcher);

	for (unsigned i = 0; i < r->o->jobs; i++) {
		struct worker *w = &r->workers[i];
		const struct match_stats *s = match_stats(w->match);

		for (uint32_t k = 0; s != NULL && k < count; k++) {
			struct match_stats *sum = &r->rules->v[r->rules->by_number[k]].stats;

			sum->evaluated += s[k].evaluated;
			sum->matched += s[k].matched;
			sum->ns += s[k].ns;
		}
		match_free(w->match);
		collector_free(w->collector);
		buf_free(&w->note);
		free(w->notes);
	}
	free(r->workers);
}

/* Returns false if no more files are to be read. */
static bool
search_file(struct run *r, enum tool_status *status)
{
	const char *path = r->o->files[r->file];
	struct parallel p = {
		.jobs = r->o->strict ? 1 : r->o->jobs,
		.max = r->o->max_line,
		.stream = strcmp(path, "-") == 0,
		.arg = r,
		.make = outcome_new,
		.drop = outcome_free,
		.work = chunk_work,
		.take = chunk_take,
		.idle = on_idle,
	};
	int fd = file_open(path), rc;

	if (fd == -1) {
		warn_errno(tool_file(path));
		*status = TOOL_TROUBLE;
		return true;
	}
	rc = parallel_run(&p, fd);
	if (rc == -1) {
		warn_errno(tool_file(path));
		*status = TOOL_TROUBLE;
	}
	close(fd);
	return rc != 0 && tool_signal() == 0;
}

static uint64_t
size_of(const struct match_options *o)
{
	struct stat st;
	uint64_t sum = 0;

	for (unsigned i = 0; i < o->file_count; i++)
		if (stat(o->files[i], &st) == 0 && S_ISREG(st.st_mode))
			sum += (uint64_t)st.st_size;
	return sum;
}

/* After a signal what only the end of a window decides stays undecided. */
static void
end_windows(struct run *r)
{
	struct window_counts n;

	r->line = r->lines;
	r->text = (struct slice){ NULL, 0 };
	if (tool_signal() == 0) {
		r->waiting_count = 0;
		buf_reset(&r->pending);
		windows_end(r->rules->windows, take_window, r);
	}
	n = windows_counts(r->rules->windows);
	if (n.untimed > 0)
		note("%llu events without a time", (unsigned long long)n.untimed);
	if (n.late > 0)
		note("%llu late events", (unsigned long long)n.late);
	if (n.dropped > 0)
		note("%llu groups dropped", (unsigned long long)n.dropped);
	if (n.cut > 0)
		note("%llu events with more than %d combinations of list elements",
		    (unsigned long long)n.cut, WINDOW_COMBINATIONS);
	if (tool_signal() != 0 && n.open > 0)
		note("%llu open windows", (unsigned long long)n.open);
}

enum tool_status
match_run(const struct match_options *o, struct rules *rules, struct out *out,
    struct match_totals *totals)
{
	struct run r = { .o = o, .rules = rules, .out = out };
	enum tool_status status = TOOL_OK;

	r.origin = (struct origin){ o->files, o->file_count,
		xzalloc(o->file_count, sizeof(uint64_t)) };
	for (unsigned i = 0; i < o->file_count; i++)
		r.origin.first[i] = UINT64_MAX;
	make_workers(&r);
	progress_start(size_of(o), o->progress);
	for (bool more = true; more && r.file < o->file_count; r.file++) {
		r.origin.first[r.file] = r.lines;
		more = search_file(&r, &status);
	}
	progress_end();
	end_windows(&r);
	free_workers(&r);
	if (r.undecided)
		status = TOOL_TROUBLE;
	if (r.events == 0 && !o->allow_empty && status != TOOL_TROUBLE) {
		warn("no event to work on");
		status = TOOL_TROUBLE;
	}
	if (r.detections > 0 || r.refused > 0)
		status = tool_worse(status, TOOL_NO);
	*totals = (struct match_totals){ r.events, r.refused, r.detections };
	buf_free(&r.row);
	buf_free(&r.pending);
	free(r.waiting);
	free(r.origin.first);
	return status;
}
