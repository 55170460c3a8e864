/*
 * stateline - the lines of a state and the words in them.  Part of the reader of states.
 *
 * What returns -1 has said in reader->wrong what is wrong with the present line, if nothing was before.
 */
#ifndef STAT_STATELINE_H
#define STAT_STATELINE_H

#include "base/digest.h"
#include "stat/statefile.h"

static const double VALUE_MAX = 1e16; /* the largest value that a state may hold */
static const int64_t TIME_MIN = -62167219200, TIME_MAX = 253402300799; /* years 0 to 9999 */

struct state_line {
	struct state_reader *reader;
	struct sha256 *hash; /* of all lines so far */
	struct slice rest;   /* of the present line */
	bool held;           /* the line is to be read again */
	bool failed;         /* to read */
	bool ended; /* there are no more lines: the present one is that which is missing */
};

/* Note what is wrong with the present line.  Returns -1. */
int line_damaged(struct state_line *p, const char *what);

/* The next line.  Returns 1; 0 at the end; -1. */
int line_next(struct state_line *p);

/* It counts in the checksum. */
void line_hash(struct state_line *p);

/*
 * line_is(p, word):
 * Does the next line begin with word and a blank, or its end?  Then that is taken off and the line counts in the
 * checksum; else it is held for the next call.
 */
bool line_is(struct state_line *p, const char *word);

/* Take the next word off: a number up to max; a sum; a time of the years 0 to 9999; a double's bits. */
int line_number(struct state_line *p, uint64_t max, uint64_t *v);
int line_sum(struct state_line *p, struct sum *s);
int line_instant(struct state_line *p, struct instant *t);
int line_double(struct state_line *p, double *v);

/* All that is left as a name, its %XX resolved. */
int line_name(struct state_line *p, struct buf *name);

/* Nothing is left. */
int line_end(struct state_line *p);

/* All of word as a number with a sign.  Returns 0 or -1, and says nothing. */
int signed_get(struct slice word, int64_t *v);

#endif
