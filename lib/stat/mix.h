/*
 * mix - two counts of the same categories: do they differ, and how much?
 */
#ifndef STAT_MIX_H
#define STAT_MIX_H

#include <stddef.h>
#include <stdint.h>

struct category {
	uint64_t base, now; /* counts; not both 0 */
};

/*
 * mix_differs(c, n):
 * The p of the G-test (log-likelihood ratio, chi-squared with n - 1 degrees of freedom, no
 * correction; R. R. Sokal and F. J. Rohlf, Biometry) of c[0..n), which are in the order of their
 * names.  Categories with an expected count under 5 on either side are pooled; a pool still under 5
 * joins the smallest other one, of equal ones the first.  If only one is left, p is 1.  Both sides
 * have a count.
 */
double mix_differs(const struct category *c, size_t n);

/*
 * mix_shift(c, n):
 * The population stability index: the sum of (q - p) ln(q / p) over all n categories, the shares p
 * and q being (count + 1/2) / (total + n/2).
 */
double mix_shift(const struct category *c, size_t n);

#endif
