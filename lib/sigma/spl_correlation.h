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

/* The searches for the events of all leaves, with what rows need besides their own fields. */
void spl_leaves(struct spl *s, struct tree *t);

/* " | bin" of _time by the timespan; before it " | eval" that keeps the time of events in a field of ours. */
void spl_bin(struct spl *s, const struct correlation *c);
void spl_keep_time(struct spl *s, struct slice time);

/* " by _time key key", each once. */
void spl_by(struct spl *s, const struct branch *b);

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

/* eventstats for each step of an order, by the times kept in time; their names go to times. */
void spl_order(struct spl *s, const struct tree *t, const struct branch *b, struct slice time,
    struct slice *times);

#endif
