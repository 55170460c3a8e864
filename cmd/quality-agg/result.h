/*
 * result - what a run came to, in the order it is printed: what every output format starts from.
 *
 * Groups in the order of their keys (null < false < true < strings by bytes, key by key), each with its
 * cells in the order of time: exactly one without --every.  Everything is the result's and lives as long.
 *
 * A cell holds the series of all columns (column.h): n, how many are not 0 (for a rate: true), moments
 * and values; of these what the run asked for is kept (all with --detail, --state-out and --baseline), the
 * rest are NULL.  tally[] is by enum finish; labels are "id@version" of models.
 */
#ifndef QUALITY_RESULT_H
#define QUALITY_RESULT_H

#include "base/buf.h"
#include "column.h"
#include "group.h"
#include "stat/distinct.h"
#include "stat/sketch.h"

struct result_group {
	struct slice key;    /* see group.h for its parts */
	struct cell **cells; /* in order of time */
	size_t count;        /* at least 1 */
	uint64_t records;    /* in all of them */
};

struct result {
	struct by by;        /* the names of the keys: none without --by */
	struct state *state; /* borrowed; shape.every is the seconds of --every or 0 */
	struct result_group *groups;
	size_t count;
	struct cell **cells; /* of all groups */
	size_t cell_count;
	uint64_t records; /* of all groups; 0: there is nothing to print but "{}" or nothing */
	uint64_t lines, refused; /* read, and of those */
	double *ranks;           /* of all cells: see detail_prepare */
};

/*
 * result_make(r, state, by, top):
 * The groups of state, which must outlive r and not change; only the top largest (by records; ties: key
 * order) if top is not 0.  The caller fills in lines and refused.
 */
void result_make(struct result *r, struct state *state, const struct by *by, uint64_t top);

/* The group with this key, or NULL. */
const struct result_group *result_find(const struct result *r, struct slice key);

/* Where a cell's bucket begins. */
struct instant result_time(const struct result *r, const struct cell *c);

/* Is column c kept as values (sorted ones can be had), or was it spilled to sketches? */
bool result_exact(const struct result *r, enum column c);

/* How many values of a column a group has, and how many of them are not 0. */
struct group_counts {
	uint64_t n, nonzero;
};
struct group_counts group_counts(const struct result_group *g, enum column c);

/* Sum, mean and sample variance of a column over all cells of a group of n > 0 (n > 1) values. */
void group_moments(const struct result_group *g, enum column c, double *mean, double *variance);

/*
 * group_values(g, c, n):
 * All *n values of an exact column of a group in ascending order, to be given back with free().  Safe to
 * call from several threads.
 */
double *group_values(const struct result_group *g, enum column c, uint64_t *n);

/* The different values of an exact column of a group, where they are few and plain: see distinct_find. */
bool group_distinct(const struct result_group *g, enum column c, struct distinct *d);

/* The values of ranks k[0..count), each from 0, of a column over all cells of a group of n > 0 values. */
void group_ranks(const struct result *r, const struct result_group *g, enum column c,
    const uint64_t *k, size_t count, double *v);

/* The sketch of a spilled column over all cells of a group; to be given back with sketch_free. */
void group_sketch(const struct result_group *g, enum column c, struct sketch *out);

/* Records by finish reason. */
void group_finish(const struct result_group *g, uint64_t counts[FINISHES]);

/*
 * group_models(r, g, n):
 * Records by model, *n of them in the order of their names' bytes (borrowed from the state), to be given back
 * with free().  NULL if there were too many to keep (state->labels_lost), or none.
 */
struct model_count {
	struct slice name;
	uint64_t n;
};
struct model_count *group_models(
    const struct result *r, const struct result_group *g, size_t *n);

void result_free(struct result *r);

#endif
