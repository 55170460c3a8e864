/*
 * diag - why a library function refused its input.
 *
 * Static strings and a place: there is nothing to free and nothing of the input in it.  The
 * library neither prints nor exits; the words around a rule belong to the tool.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stddef.h>

struct diag {
	const char *rule; /* a stable id such as "json-syntax"; NULL: nothing wrong */
	size_t offset;    /* byte in the input at which it was noticed, from 0 */
};

/* Fill in d (which may be NULL) and return -1. */
int diag_set(struct diag *d, const char *rule, size_t offset);

/*
 * diag_text(rule):
 * What to tell a person about a rule that concerns a whole line ("line-length", "json-*"), lower
 * case and without a full stop; NULL for any other rule.
 */
const char *diag_text(const char *rule);

#endif
