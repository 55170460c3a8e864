/*
 * special - tails of the normal, Student's and the chi-squared distribution.
 *
 * By erfc(3) and the continued fractions and series of Abramowitz and Stegun 26.5.8, 6.5.29 and
 * 6.5.31; gamma functions of large arguments by differences of Stirling's series (6.1.41), so that
 * nothing large is subtracted.  Relative error under 1e-11, in the tails too, down to 1e-300.
 */
#ifndef STAT_SPECIAL_H
#define STAT_SPECIAL_H

/* P(|Z| >= z) of a standard normal Z; 1 for z <= 0. */
double normal_two_sided(double z);

/* The z with P(|Z| >= z) = alpha, 0 < alpha < 1. */
double normal_critical(double alpha);

/* The same for Student's t with df > 0 degrees of freedom. */
double student_two_sided(double t, double df);
double student_critical(double alpha, double df);

/* P(X >= x) of a chi-squared X with df > 0 degrees of freedom; 1 for x <= 0. */
double chi2_upper(double x, double df);

#endif
