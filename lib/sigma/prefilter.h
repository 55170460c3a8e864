/*
 * prefilter - which of many literals stand in a text, in one pass.
 *
 * Of each literal one group of bytes is picked that few others have: four, or two in a filter for
 * short literals.  The pass looks each group of the text up in a bitmap, and only where that says so
 * compares.  Literals belong to a field, and the bitmap is salted with it: what is common in one field
 * costs nothing in another.  This does what an Aho-Corasick automaton would, in a table that stays in
 * the processor's cache.
 */
#ifndef SIGMA_PREFILTER_H
#define SIGMA_PREFILTER_H

#include <stdint.h>

#include "base/slice.h"

struct prefilter;

/* width: bytes of a group, 4 or 2, and of a literal at least. */
struct prefilter *prefilter_new(unsigned width);

/* Add a literal, which has to live as long as the filter, under a field; test is the caller's. */
void prefilter_add(struct prefilter *f, uint32_t field, struct slice literal, uint32_t test);
void prefilter_ready(struct prefilter *f);
void prefilter_free(struct prefilter *f); /* accepts NULL */

/*
 * prefilter_scan(f, field, text, found, arg):
 * Call found(arg, test, at) for each place at which a literal of the field begins in text.
 */
void prefilter_scan(const struct prefilter *f, uint32_t field, struct slice text,
    void (*found)(void *arg, uint32_t test, size_t at), void *arg);

#endif
