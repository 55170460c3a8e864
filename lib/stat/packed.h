/*
 * packed - numbers as short ASCII text, one text to a sequence.
 *
 * An unsigned number is written in base 32, highest digit first: the digits 0-9a-v but for the last, which is
 * of A-Zwxyz+-, so that numbers need no blanks between them.  A sequence that never falls is its first number,
 * then the differences; what is repeated is written once, '*', and how often it comes again.
 *
 * Values of a log have few decimals: doubles that all are the nearest to i / 10^s with integers i are written
 * as those, with the least such s up to PACKED_SCALES - 1; else as the bits of the double, in the order of the
 * doubles.
 */
#ifndef STAT_PACKED_H
#define STAT_PACKED_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { PACKED_SCALES = 7, PACKED_BITS = PACKED_SCALES /* a scale that says: bits */ };

/* Append one number. */
void packed_put(struct buf *b, uint64_t v);

/* Take one off the front of *text.  Returns 0; -1 if there is none, it is above max or has leading zeros. */
int packed_get(struct slice *text, uint64_t max, uint64_t *v);

/* The scale for n values. */
unsigned packed_scale(const double *v, size_t n);

/* A value as a number that has its order, and back; packed_value says whether there is a finite one. */
uint64_t packed_number(double v, unsigned scale);
bool packed_value(uint64_t number, unsigned scale, double *v);

#endif
