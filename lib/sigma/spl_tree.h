/*
 * spl_tree - the rules that a correlation rests on, as a query has to follow them.
 *
 * The leaves are detection rules, one for each way that leads to it: their searches are joined by one
 * multisearch, in which each row has a tag.  A correlation within another one makes, of the rows that
 * have the tags of its rules, rows that have its own.
 */
#ifndef SIGMA_SPL_TREE_H
#define SIGMA_SPL_TREE_H

#include "sigma/spl.h"

enum { TREE_LEAVES = 500 };

struct branch {
	const struct rule *rule;
	struct branch *parent;
	uint32_t
	    index; /* which of the parent's rules it is; the first, if several are the same */
	struct branch **kids;
	uint32_t n;
	uint32_t number;    /* of a correlation: 1 is the one on top, 0 that of a leaf */
	struct slice tag;   /* of its rows */
	struct slice *keys; /* what a row has for group_by[i]: a field, or a helper */
	bool *key_helps;    /* it is a helper, made in the leaves */
	struct slice value; /* what a row has for values */
	bool value_helps;   /* made in the leaves */
};

struct tree {
	struct branch *top;
	struct branch *leaves[TREE_LEAVES];
	uint32_t leaf_count, correlation_count;
	bool tagged; /* rows have tags, in the field: */
	struct slice tag;
};

/* tree_build(s, r): the tree of a correlation; NULL with a refusal. */
struct tree *tree_build(struct spl *s, const struct rule *r);

/* The branch of c's i-th rule below b, whose rule c is. */
struct branch *branch_kid(const struct branch *b, uint32_t i);

/* Is leaf below b? */
bool branch_above(const struct branch *b, const struct branch *leaf);

/* What leaf has for b's group_by[i], or values[i] if not group; NULL if a correlation between has not. */
const struct field *branch_field(
    const struct branch *b, const struct branch *leaf, bool group, uint32_t i);

#endif
