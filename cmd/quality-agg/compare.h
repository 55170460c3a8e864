/*
 * compare - two results, metric by metric: the rows of --baseline.
 */
#ifndef QUALITY_COMPARE_H
#define QUALITY_COMPARE_H

#include "result.h"
#include "verdict.h"

struct compare_options {
	double alpha;
	uint64_t min_n; /* of either side */
	struct rule rules[COMPARED];
	uint64_t top;  /* only so many groups, the largest of both sides together; 0: all */
	unsigned jobs; /* threads */
};

struct comparison {
	struct row *rows; /* by group, then in the order of compared_table */
	size_t count;
	size_t verdicts[VERDICTS]; /* how many rows have each */
	bool every;                /* the rows have a cusum */
};

/*
 * compare(c, base, now, o):
 * One row for each group of either side and each metric that either side of it has; keys are
 * borrowed from base and now, which must be by the same fields.
 */
void compare(struct comparison *c, const struct result *base, const struct result *now,
    const struct compare_options *o);

void comparison_free(struct comparison *c);

#endif
