/*
 * correlation - what reading a correlation section consists of.
 */
#ifndef SIGMA_CORRELATION_H
#define SIGMA_CORRELATION_H

#include "sigma/value.h"

enum {
	NAMES_MAX = 1000, /* rules of a correlation */
	FIELDS_MAX = 100, /* fields in a list of one, and aliases */
};

/* What reading one section needs. */
struct section {
	struct arena *arena;
	struct findings *found;
	struct rule *rule;
	struct correlation *c;
	const struct node *map;
	struct place at; /* of the key "correlation" */
};

/* Does the type ask which rules have been seen? */
bool correlation_temporal(enum correlation_type type);

/* Does it hold from some event of a window on?  Else only the window's end decides. */
bool correlation_rises(const struct correlation *c);

/* Is n a text that can be a name? */
bool correlation_name(const struct node *n);

/* The member called name; reported if it is not there and needed. */
const struct node *correlation_member(struct section *s, const char *name, bool needed);

/* A text, or a list of at most so many texts: each goes to take. */
void correlation_names(struct section *s, const struct node *n, const char *what, uint32_t most,
    void (*take)(struct section *, const struct node *));

/* The condition: bounds, or what a text says of the rules. */
void correlation_condition(struct section *s);

#endif
