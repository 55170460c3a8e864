/*
 * value - one value of a detection item, under the modifiers of its key.
 */
#ifndef SIGMA_VALUE_H
#define SIGMA_VALUE_H

#include "sigma/rule.h"
#include "sigma/variants.h"

enum { CHAIN_STEPS = 8 };

/* The modifiers of a key, put together. */
struct chain {
	struct rule *rule;
	bool all, neq, cased, expand;
	enum term_kind kind; /* TERM_TEXT if none says otherwise */
	enum compare compare;
	enum part part;
	char flags[4]; /* of a regex */
	variants_step *step[CHAIN_STEPS];
	size_t steps;
};

/*
 * value_read(arena, findings, c, field, value):
 * The expression for a scalar; field is NULL for a keyword.  Never NULL: what is wrong is in the
 * findings.
 */
struct expr *value_read(struct arena *a, struct findings *f, const struct chain *c,
    struct field *field, const struct node *value);

/*
 * value_fill(arena, findings, ph, texts, n):
 * Make what ph stands for of n patterns, any of which will do.  What is wrong with them is in the
 * findings, at ph's place.
 */
void value_fill(struct arena *a, struct findings *f, struct placeholder *ph,
    const struct slice *texts, size_t n);

/* value_placeholder(text, from, name): the first "%name%" of text from an offset on; false if none. */
bool value_placeholder(struct slice text, size_t from, struct slice *name);

/*
 * value_number(arena, findings, value, number):
 * The decimal text of a number.  Returns 0; -1 with a finding if value is none.
 */
int value_number(
    struct arena *a, struct findings *f, const struct node *value, struct slice *number);

/* regex_check(text, flags, why): does it compile with PCRE2?  Returns 0; -1 with a static text. */
int regex_check(struct slice text, const char *flags, const char **why);

#endif
