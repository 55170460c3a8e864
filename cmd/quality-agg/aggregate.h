/*
 * aggregate - the lines of files into one state, by several workers, and what was refused.
 *
 * Each worker adds to a state of its own; they are merged once, at the end.  Refused lines are said
 * in line order, whichever worker met them.
 */
#ifndef QUALITY_AGGREGATE_H
#define QUALITY_AGGREGATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"
#include "base/tool.h"
#include "collect.h"
#include "intake.h"

struct window {
	bool has_since, has_until;
	struct instant since, until; /* since <= t < until */
};

struct aggregate_options {
	unsigned jobs;
	size_t max_line; /* bytes */
	bool strict;     /* stop at the first refused line */
	struct window window;
	struct plan plan;
	struct intake_options intake; /* its programs compile */
};

struct aggregate; /* opaque */

struct aggregate *aggregate_new(const struct aggregate_options *o); /* o is borrowed */

/*
 * aggregate_file(a, path):
 * Add the lines of path ("-" for stdin); the first 100 refused of all files are said.  Returns 1
 * if there may be more to do, 0 if it was stopped, by --strict or by more groups than can be kept;
 * -1 with errno if reading failed.
 */
int aggregate_file(struct aggregate *a, const char *path);

/* The same of fd, which was opened from path and stays the caller's to close. */
int aggregate_open_file(struct aggregate *a, const char *path, int fd);

/*
 * aggregate_follow(a, path, tick, arg):
 * The same of a file that grows (base/follow.h), until SIGINT or SIGTERM ends it as an end of input; one worker.
 * tick(arg, state) is called after lines came and before each wait, with what there is so far.
 */
int aggregate_follow(struct aggregate *a, const char *path,
    void (*tick)(void *arg, struct state *state), void *arg);

/* How many records there were (lines, or what was made of them), and how many of them were refused. */
uint64_t aggregate_records(const struct aggregate *a);
uint64_t aggregate_refused(const struct aggregate *a);

/*
 * Merge what the workers have.  The state is borrowed; to be called once, after the last file.  If its
 * too_many is set there is no result.
 */
struct state *aggregate_result(struct aggregate *a);

void aggregate_free(struct aggregate *a);

#endif
