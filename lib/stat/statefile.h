/*
 * statefile - a state as text, and back: what one process hands to another.
 *
 * ASCII lines of at most STATE_LINE bytes.  The bytes are a function of the state's content and the head alone:
 * cells in order of key and bucket, labels in order of name, sums as exact numbers, values sorted, sketches bin by
 * bin.
 *
 *   TITLE state 1
 *   by TEXT                       head: what keys are made of
 *   every SECONDS
 *   exact N
 *   lines ACCEPTED REFUSED
 *   models lost                   if there were too many labels
 *   group KEY                     before the first cell of each; bytes but [A-Za-z0-9._-] as %XX
 *   cell BUCKET RECORDS FIRST LAST    seconds from 1970 with 9 decimals
 *   tally N ...
 *   label N NAME                  NAME as KEY
 *   column NAME N NONZERO         of those with values; below it, where the column has them,
 *   sum SUM SQUARES               exact: HEX@I is HEX times 2^(32 I - 1075)
 *   values SCALE / = PACKED...    see stat/packed.h; as many lines as needed
 *   sketch ZEROS MIN MAX          instead of values; the doubles as 16 hex digits
 *   + PACKED... / - PACKED...     pairs of bin and count: positive, negative
 *   end SHA256                    of all bytes before this line
 *
 * A reader takes nothing on trust: what is not exactly so is damaged.
 */
#ifndef STAT_STATEFILE_H
#define STAT_STATEFILE_H

#include "base/lines.h"
#include "base/out.h"
#include "stat/state.h"

enum { STATE_LINE = 4096 };

/* What is the user's of the state, and what columns are called. */
struct state_names {
	const char *title;
	const char *const *column; /* as many as the shape has, words */
};

struct state_head {
	struct buf by; /* printable ASCII without blanks */
	uint64_t accepted, refused;
};

/* Append s, settled, to out, whose errors stick. */
void state_put(struct out *out, const struct state *s, const struct state_names *names,
    const struct state_head *head);

/* Reads states, one behind the other, from lines. */
struct state_reader {
	struct lines *in;
	const struct state_names *names;
	struct state_shape shape; /* every and exact are those of the state being read */
	uint64_t line;            /* where it is, from 1 */
	const char *wrong;        /* what is wrong with that line */
};

/*
 * state_get(r, s, head):
 * Read the next state of the columns of r->shape into s, which is initialized by it, and head.  Returns 1; 0 at
 * the end; -1 with errno and wrong NULL if reading failed, else with wrong; s is then to be freed.
 */
int state_get(struct state_reader *r, struct state *s, struct state_head *head);

#endif
