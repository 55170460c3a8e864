/*
 * holm - p values of many tests, adjusted so that one false alarm among all is as rare as alpha says.
 *
 * S. Holm, A simple sequentially rejective multiple test procedure, Scand. J. Stat. 6, 1979.
 */
#ifndef STAT_HOLM_H
#define STAT_HOLM_H

#include <stddef.h>

/*
 * holm_adjust(p, n, adjusted):
 * With p in ascending order, the i-th (from 0) becomes the largest of min(1, (n - j) p[j]), j <= i.
 * p may be in any order and is borrowed; adjusted has room for n.
 */
void holm_adjust(const double *p, size_t n, double *adjusted);

#endif
