/*
 * shortest - the fewest decimal digits that read back as a double.  Part of the writers.
 */
#ifndef JSON_SHORTEST_H
#define JSON_SHORTEST_H

#include "base/buf.h"

enum { SHORTEST_MAX = 17 };

/* The value 0.DIGITS times ten to the power of point; no zero at either end of the digits. */
struct shortest {
	char digits[SHORTEST_MAX + 1];
	int count; /* 1 to SHORTEST_MAX */
	int point;
};

/*
 * shortest_digits(v):
 * For finite v > 0: as few digits as read back as v, rounding to nearest, and of those the closest
 * to v (ECMA-262 6.1.6.1.20 step 5; David Gay's dtoa mode 0).
 */
struct shortest shortest_digits(double v);

#endif
