/*
 * spl_correlation - the pieces that queries of correlations are made of.
 */
#ifndef SIGMA_SPL_CORRELATION_H
#define SIGMA_SPL_CORRELATION_H

#include "sigma/spl_tree.h"

/* The correlation on top, behind the searches: a row for each bucket and group in which it holds. */
void spl_top(struct spl *s, const struct tree *t, const struct branch *b);

/* One within another: of the rows of its rules those are left that complete it, with its tag. */
void spl_inner(struct spl *s, const struct tree *t, const struct branch *b);

/* " | bin" by the timespan: of _time itself, or into a field of ours. */
void spl_bin(struct spl *s, const struct correlation *c, struct slice bucket);

/* " by BUCKET key key", each once. */
void spl_by(struct spl *s, const struct branch *b, struct slice bucket);

/* tag="b's"; (tag="one" OR tag="another") for all kids of b. */
void spl_is_tag(struct spl *s, const struct tree *t, const struct branch *b);
void spl_is_kid(struct spl *s, const struct tree *t, const struct branch *b);

/* The bounds on what name has, with between in front. */
void spl_bounds(
    struct spl *s, const struct correlation *c, struct slice name, const char *between);

/* Aggregates that count the rows of each kid, and the condition's text in terms of their names. */
void spl_counts(
    struct spl *s, const struct tree *t, const struct branch *b, struct slice *counts);
void spl_seen(
    struct spl *s, const struct branch *b, const struct expr *e, struct slice *counts);

/* eventstats for each step of an order; their names go to times. */
void spl_order(struct spl *s, const struct tree *t, const struct branch *b, struct slice bucket,
    struct slice *times);

#endif
