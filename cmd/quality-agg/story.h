/*
 * story - all that is reported on: the result, what it is compared with, and what came of it.
 */
#ifndef QUALITY_STORY_H
#define QUALITY_STORY_H

#include "baseline.h"
#include "options.h"

struct story {
	struct source source;
	struct result result;
	struct baseline baseline;
	struct comparison comparison;
	struct query *fail_if; /* NULL: not asked */
	bool *failed;          /* whether it holds, by cell */
};

/* Make the result of what was read so far of a state, and the comparison with the baseline. */
void story_tell(struct story *s, struct state *state, const struct options *o);

/* Write it, in the format that o asks for. */
void story_put(struct out *out, const struct story *s, const struct options *o);

/* Forget the result and the comparison, but not the source, baseline and query. */
void story_reset(struct story *s);

/*
 * live_follow(s, o, status):
 * Read the log that o follows until a signal ends it, and show the story on the terminal as it grows: at most
 * once a second, no more of it than the screen holds.  Where there is no terminal nothing shows.
 */
void live_follow(struct story *s, const struct options *o, enum tool_status *status);

#endif
