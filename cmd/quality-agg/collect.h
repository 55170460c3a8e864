/*
 * collect - records into a state: which cell, and which columns.
 */
#ifndef QUALITY_COLLECT_H
#define QUALITY_COLLECT_H

#include "base/buf.h"
#include "column.h"
#include "group.h"

/* What it is kept for. */
enum want {
	WANT_METRICS = 1, /* the dictionary */
	WANT_DETAIL = 2,  /* all there is of --detail */
	WANT_TESTS = 4,   /* the rows of --baseline */
	WANT_STATE = 8,   /* a state file: everything */
};

/* What to keep. */
struct plan {
	struct by by;
	int64_t every;  /* seconds, 0 for none */
	uint64_t exact; /* values of a column */
	unsigned want;  /* an or of enum want */
	bool drift;     /* WANT_TESTS: over time too */
};

/* A column that is kept, and the field it is of. */
struct source_column {
	uint8_t column, field;
};

enum {
	COLLECT_SLOTS = 1024, /* cells that are found without the state's map */
	COLLECT_LABELS = 256, /* models, the same */
};

/* A model that was met in a cell, and where it is counted there. */
struct label_slot {
	const struct cell *cell; /* NULL: none */
	struct slice name;       /* the state's */
	uint32_t label;
	size_t at;
};

/* One to a thread. */
struct collect {
	struct plan plan;
	struct state state;
	struct source_column numbers[COLUMNS], rates[COLUMNS]; /* rates: only counted */
	unsigned number_count, rate_count;
	struct cell *slot[COLLECT_SLOTS];             /* by the key's hash, those met last */
	struct label_slot label_slot[COLLECT_LABELS]; /* by the model's, the same */
	struct buf key, scratch, label;
};

void collect_init(struct collect *c, const struct plan *plan);

/* The shape of the states that plan makes. */
void plan_shape(const struct plan *plan, struct state_shape *shape);

/* Add a record.  Returns false if there are more groups than can be kept. */
bool collect_add(struct collect *c, const struct record *record);

void collect_free(struct collect *c);

#endif
