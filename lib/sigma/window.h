/*
 * window - correlations: what events come to, over a span of time and a group.
 *
 * Workers turn each event into what it adds to which window (collect); one thread takes these in
 * input order (windows_feed) and finds which windows are full.  Buckets are [k * span, (k + 1) *
 * span) of the epoch's seconds in UTC; months and years are the calendar's.  A bucket closes at an
 * event that lies "lateness" past its end, or at the end of input.  With sliding, the window of an
 * event at t is (t - span, t].
 *
 * Memory: some 250 bytes a group that is open, with what its type keeps (16 bytes a line number at
 * most, of up to 1,000; up to 32 a different value beyond four, 16 a value of a percentile, 48 a step;
 * 64 an event in a sliding window), and WINDOW_BYTES in all.  Beyond that, or max_groups, the group that
 * was touched longest ago is dropped and counted; to tell which, 16 bytes a group are listed then.
 * What was taken for a window's groups before the first was dropped is free when the window closes.
 */
#ifndef SIGMA_WINDOW_H
#define SIGMA_WINDOW_H

#include "sigma/match.h"

enum {
	WINDOW_LINES = 1000,        /* contributing lines that are kept, the last ones */
	WINDOW_COMBINATIONS = 1000, /* of list elements that one event can be counted under */
	WINDOW_BYTES = 512 << 20,
};

struct window_options {
	struct slice time_field; /* empty: timestamp, _time, @timestamp, time */
	int64_t lateness;        /* seconds */
	bool sliding;
	bool hold;  /* several inputs that overlap: windows close only at the end of the last */
	bool timed; /* windows_stats is to say what time each took */
	uint64_t max_groups;
};

struct windows;

/* The options and m have to outlive w; fields are added to m. */
struct windows *windows_new(const struct window_options *o, struct matcher *m);
void windows_free(struct windows *w); /* accepts NULL */

/* A detection rule has this number in the matcher. */
void windows_base(struct windows *w, const struct rule *r, uint32_t number);

/*
 * windows_add(w, r, why):
 * Add a correlation; those it rests on come before.  Returns 1; 0 if none of its rules runs; -1 with
 * *why if it cannot run.
 */
int windows_add(struct windows *w, const struct rule *r, struct finding *why);

/* Where r stands among all rules: orders what is found at one line. */
void windows_tag(struct windows *w, const struct rule *r, uint32_t order);

void windows_ready(struct windows *w);
bool windows_any(const struct windows *w);

/* What events of one chunk add, filled by a worker.  A zeroed one is empty. */
struct feed;
struct feed *feed_new(void);
void feed_free(struct feed *f);
void feed_reset(struct feed *f);

/* What one worker needs. */
struct collector;
struct collector *collector_new(const struct windows *w);
void collector_free(struct collector *c);

/*
 * collect(c, x, rules, n, f):
 * Add an event, that match_find has found the n rules for, to the feed, which borrows from its line
 * until it has been taken in (windows_feed).  notes[i] is text that
 * comes back with what rule i completes; notes may be NULL.
 */
void collect(struct collector *c, struct match *x, const uint32_t *rules, size_t n,
    const struct slice *notes, struct feed *f);

/* A window that fulfils its correlation. */
struct window_found {
	uint32_t order; /* of windows_tag */
	bool at_event;  /* decided by the event fed, not by a window's end */
	struct instant start, end;
	unsigned digits;       /* of fractions of seconds that these have */
	struct slice group;    /* a JSON object */
	struct slice count;    /* a JSON number */
	const uint64_t *lines; /* contributing, ascending; the last WINDOW_LINES */
	size_t line_count;
	struct slice note; /* see collect */
};

typedef void window_take(void *arg, const struct window_found *found);

/*
 * windows_feed(w, f, i, line, take, arg):
 * The i-th event of f, on that line (any ascending number).  First come windows that it closes, by
 * start, order and group; then those that it completes.
 */
void windows_feed(struct windows *w, const struct feed *f, size_t i, uint64_t line,
    window_take *take, void *arg);

/* The end of input: close what is open. */
void windows_end(struct windows *w, window_take *take, void *arg);

/* Forget all windows and times: another input begins. */
void windows_reset(struct windows *w);

struct window_counts {
	uint64_t untimed, late, dropped, cut; /* cut: beyond WINDOW_COMBINATIONS */
	uint64_t open;                        /* groups that only a window's end decides */
};
struct window_counts windows_counts(const struct windows *w);

/*
 * Of the correlation with that order: what it was fed, what it found, and, if timed, for how long its windows were
 * filled and closed.  What an inner one tells is the outer one's time; what take does is nobody's.
 */
struct match_stats windows_stats(const struct windows *w, uint32_t order);

#endif
