/*
 * cusum - slow drift that no single comparison shows.
 *
 * E. S. Page, Continuous inspection schemes, Biometrika 41, 1954: one-sided, allowance 0.5 and
 * decision limit 8, both in standard errors of a bucket's mean.
 */
#ifndef STAT_CUSUM_H
#define STAT_CUSUM_H

#include <stdbool.h>
#include <stddef.h>

struct cusum {
	double s, most;
	size_t start; /* where the run began that s is in */
	bool alarm;   /* most has reached the limit */
	size_t since; /* the start of the first run that did */
};

/* A zeroed struct cusum has seen nothing.  cusum_add(c, z, at): z is above 0 for worse. */
void cusum_add(struct cusum *c, double z, size_t at);

#endif
