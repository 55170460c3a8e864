/*
 * state - what is kept of a set of records, however large: the one thing that merges.
 *
 * Cells (stat/cell.h) by group and span of time.  Workers add records to states of their own; states
 * merge, in any grouping and order, to the same content, and what is made of it comes out in the same
 * bytes.  What is worth keeping of a column is said once, in its keep.
 */
#ifndef STAT_STATE_H
#define STAT_STATE_H

#include "base/map.h"
#include "stat/cell.h"

enum {
	STATE_COLUMNS = 32,          /* at most */
	STATE_GROUPS = 65536,        /* at most */
	STATE_CELLS = 1024 * 1024,   /* at most */
	STATE_LABELS = 65536,        /* different ones; with more none are kept */
	STATE_LABEL_COUNTS = 262144, /* in all cells; with more none are kept */
};

/* 2000-01-03T00:00:00Z, a Monday: weeks begin on one. */
static const int64_t STATE_EPOCH = 946857600;

struct state_shape {
	size_t columns;
	unsigned keep[STATE_COLUMNS]; /* an or of enum keep for each column, 0 for nothing */
	size_t tallies;
	bool labels;   /* are they kept? */
	int64_t every; /* seconds to a bucket; 0: time makes no difference */
	uint64_t
	    exact; /* values of a column that are kept, in all cells together; beyond: sketches */
};

struct state {
	struct state_shape shape;
	struct map *groups; /* their keys */
	struct map *
	    index; /* group and bucket to cell; without buckets a cell has its group's number */
	struct map *labels; /* their names */
	struct cell **cells;
	size_t count, cap;
	size_t label_counts;
	uint64_t held[STATE_COLUMNS]; /* values of each column, in all cells */
	uint64_t spilled;             /* bit i is set: column i is in sketches */
	bool too_many;                /* groups, or cells: it is of no use any more */
	bool labels_lost;             /* there were too many */
};

/* state_init(s, shape): an empty state. */
void state_init(struct state *s, const struct state_shape *shape);

/* The bucket that time is in: they begin at multiples of every from STATE_EPOCH on, and before it too. */
int64_t state_bucket(const struct state *s, struct instant time);

/*
 * state_cell_at(s, key, bucket):
 * The cell of the group key, whose order is that of its bytes, and of the bucket; a new one if there is
 * none.  NULL, and too_many is set for good, if that would be one too many.  It stays where it is.
 */
struct cell *state_cell_at(struct state *s, struct slice key, int64_t bucket);

/* Count one record at time in c. */
void cell_record(struct cell *c, struct instant time);

/* Count name n times in c.  Returns where it is in c->labels, or SIZE_MAX if no labels are kept any more. */
size_t state_label(struct state *s, struct cell *c, struct slice name, uint64_t n);

/* Keep values of column i in sketches from now on, and those that are here too. */
void state_spill(struct state *s, size_t i);

/* The cells in order of key, then bucket, to be given back with free(). */
struct cell **state_cells(const struct state *s);

/* Spill the columns of which there are more values than the shape says. */
void state_settle(struct state *s);

/* Move all of from to into, a state of the same shape; from is left empty. */
void state_merge(struct state *into, struct state *from);

void state_free(struct state *s);

#endif
