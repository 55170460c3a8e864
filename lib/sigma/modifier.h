/*
 * modifier - "field|modifier|modifier: values" as an expression.
 *
 * Specification 2.1, appendix "Modifiers".  They apply from left to right.
 */
#ifndef SIGMA_MODIFIER_H
#define SIGMA_MODIFIER_H

#include "sigma/rule.h"

/*
 * item_read(arena, findings, rule, key, value):
 * One member of a detection's map; value may be a list.  Never NULL: what is wrong is in the
 * findings.
 */
struct expr *item_read(struct arena *a, struct findings *f, struct rule *r,
    const struct node *key, const struct node *value);

/* keyword_read: a value without a field. */
struct expr *keyword_read(
    struct arena *a, struct findings *f, struct rule *r, const struct node *value);

#endif
