/*
 * decimal - numbers as the text they were, compared exactly.
 *
 * JSON's number grammar (RFC 8259 section 6).  Nothing is rounded: every digit counts.
 */
#ifndef SIGMA_DECIMAL_H
#define SIGMA_DECIMAL_H

#include <stdint.h>

#include "base/buf.h"

/* 0.DIGITS times ten to the power of point; the text is borrowed. */
struct decimal {
	bool minus;
	const char *p,
	    *end; /* from the first to behind the last digit that is not 0; may hold a '.' */
	int64_t digits; /* between them; 0 for zero */
	int64_t point;
};

/* decimal_get(text, d): is all of text a number?  Then *d is it. */
bool decimal_get(struct slice text, struct decimal *d);

/* -1, 0 or 1 as a is less than, equal to or greater than b. */
int decimal_cmp(const struct decimal *a, const struct decimal *b);

/* Append the one text that equal numbers have in common, for a hash. */
void decimal_put(struct buf *b, const struct decimal *d);

/* Does a number have this text itself as that common one?  (An integer without needless signs.) */
bool decimal_plain(struct slice text);

#endif
