/*
 * collect - records into a state: which cell, and which columns.
 */
#ifndef QUALITY_COLLECT_H
#define QUALITY_COLLECT_H

#include "base/buf.h"
#include "column.h"
#include "group.h"

/* What to keep. */
struct plan {
	struct by by;
	int64_t every;  /* seconds, 0 for none */
	uint64_t exact; /* values of a column */
	bool all;       /* all there is for --detail; else what the dictionary needs */
	bool models;    /* and how often each model came: for --state-out and --baseline */
};

/* A column that is kept, and the field it is of. */
struct source_column {
	uint8_t column, field;
};

enum { COLLECT_SLOTS = 1024 }; /* cells that are found without the state's map */

/* One to a thread. */
struct collect {
	struct plan plan;
	struct state state;
	struct source_column numbers[COLUMNS], rates[COLUMNS]; /* rates: only counted */
	unsigned number_count, rate_count;
	struct cell *slot[COLLECT_SLOTS]; /* by the key's hash, those met last */
	struct buf key, scratch, label;
};

void collect_init(struct collect *c, const struct plan *plan);

/* The shape of the states that plan makes. */
void plan_shape(const struct plan *plan, struct state_shape *shape);

/* Add a record.  Returns false if there are more groups than can be kept. */
bool collect_add(struct collect *c, const struct record *record);

void collect_free(struct collect *c);

#endif
