/*
 * source - where a result comes from: logs, or states that were made of logs before.
 */
#ifndef QUALITY_SOURCE_H
#define QUALITY_SOURCE_H

#include "aggregate.h"
#include "stat/statefile.h"

struct source {
	struct state *state; /* its too_many says there is no result */
	struct by by;
	uint64_t lines, refused;

	struct aggregate *logs; /* of source_logs */
	struct state merged;    /* of source_states */
};

/*
 * source_logs(s, o, paths, progress, status):
 * The logs in paths, a NULL-ended list (none: stdin).  Those that cannot be read are named, the others
 * are added all the same, and *status gets worse.  Returns false if a signal cut it short, so that there
 * is nothing to report.  o is borrowed as long as s lives.
 */
bool source_logs(struct source *s, const struct aggregate_options *o, char **paths,
    bool progress, enum tool_status *status);

/*
 * source_follow(s, o, path, tick, arg, status):
 * The same of one log that grows, until a signal ends it; s->state is what tick is given while it does.
 */
void source_follow(struct source *s, const struct aggregate_options *o, const char *path,
    void (*tick)(void *arg, struct state *state), void *arg, enum tool_status *status);

/*
 * source_states(s, exact, paths):
 * The states in paths, any number of them in each; they must agree in what groups are by, spans and limit, which
 * is to be *exact if that is not NULL.  Returns false, with a message said, if there is one that is
 * damaged, does not fit or cannot be read.
 */
bool source_states(struct source *s, const uint64_t *exact, char **paths);

/*
 * source_either(s, o, path, status):
 * What is in path, "-" or a pipe too: states if it begins as one does, read as by source_states, else a log, as by
 * source_logs.  Returns false if a state does not fit, said, or a signal cut it short.
 */
bool source_either(struct source *s, const struct aggregate_options *o, const char *path,
    enum tool_status *status);

/* Append the source's state as text. */
void source_put(struct out *out, const struct source *s);

void source_free(struct source *s);

#endif
