/*
 * sample - the values of a group, sorted, in the form that the rank tests take.
 *
 * Exact ones are kept once each with a weight where many are equal; of a sketch they are its bins.
 */
#ifndef QUALITY_SAMPLE_H
#define QUALITY_SAMPLE_H

#include "result.h"
#include "stat/rank.h"

struct values {
	struct sample sample;
	double *v; /* what sample borrows */
	uint64_t *before;
	double median; /* the value of nearest rank n/2; NAN if there is none */
};

/*
 * values_get(s, r, g, c, sketch):
 * All values of column c of a group g (NULL: none) of r; with sketch as bins, even if they are exact.
 */
void values_get(struct values *s, const struct result *r, const struct result_group *g,
    enum column c, bool sketch);

/* The value of nearest rank ceil(percent n / 100), n > 0. */
double values_rank(const struct values *s, unsigned percent);

/* How many values are above limit. */
uint64_t values_above(const struct values *s, double limit);

void values_free(struct values *s);

#endif
