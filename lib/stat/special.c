#include "stat/special.h"

#include <float.h>
#include <math.h>

/* A fraction needs some sqrt(df) terms: TERMS_MAX is for 1e12 degrees of freedom. */
enum { TERMS_MAX = 1000000, STEPS_MAX = 2000, STIRLING_FROM = 10 };

static const double TINY = 1e-300, LN_SQRT_2PI = 0.91893853320467274178;

double
normal_two_sided(double z)
{
	return z <= 0 ? 1 : erfc(z * M_SQRT1_2);
}

double
normal_critical(double alpha)
{
	double low = 0, high = 40, mid;

	while ((mid = low + (high - low) / 2) > low && mid < high) {
		if (normal_two_sided(mid) > alpha)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/* lgamma(a) less (a - 1/2) ln a - a + ln sqrt(2 pi), for a of at least STIRLING_FROM. */
static double
stirling_rest(double a)
{
	double x = 1 / (a * a);

	return (1.0 / 12 -
		   x *
		       (1.0 / 360 -
			   x *
			       (1.0 / 1260 -
				   x *
				       (1.0 / 1680 -
					   x * (1.0 / 1188 - x * (691.0 / 360360)))))) /
	    a;
}

/* lgamma(3) keeps a sign for all threads; this does not, and a > 0 has none. */
static double
ln_gamma(double a)
{
	int sign;

	return lgamma_r(a, &sign);
}

/* ln of the beta function, p <= q. */
static double
ln_beta(double p, double q)
{
	double sum = p + q, share = p / sum, rest;

	if (q < STIRLING_FROM)
		return ln_gamma(p) + ln_gamma(q) - ln_gamma(sum);
	rest = stirling_rest(q) - stirling_rest(sum);
	if (p < STIRLING_FROM)
		return ln_gamma(p) + rest + p - p * log(sum) + (q - 0.5) * log1p(-share);
	rest += stirling_rest(p);
	return LN_SQRT_2PI - 0.5 * log(q) + rest + (p - 0.5) * log(share) + q * log1p(-share);
}

/* A continued fraction by Lentz's method: 1 + a1/(1 + a2/(1 + ...)) with a(k, arg). */
static double
fraction(double (*a)(int, const double *), const double *arg)
{
	double f = 1, c = 1, d = 0, step;

	for (int k = 1; k < TERMS_MAX; k++) {
		double ak = a(k, arg);

		d = 1 + ak * d;
		c = 1 + ak / c;
		d = 1 / (fabs(d) < TINY ? TINY : d);
		c = fabs(c) < TINY ? TINY : c;
		step = c * d;
		f *= step;
		if (fabs(step - 1) <= DBL_EPSILON)
			break;
	}
	return f;
}

static double
beta_term(int k, const double *arg)
{
	double a = arg[0], b = arg[1], x = arg[2], m = k / 2;

	if (k % 2 == 0)
		return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
	return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
}

/* I_x(a, b), x + y = 1, where the fraction converges quickly. */
static double
beta_direct(double a, double b, double x, double y)
{
	double ln = a * (x < 0.5 ? log(x) : log1p(-y)) + b * (y < 0.5 ? log(y) : log1p(-x));
	double arg[] = { a, b, x };

	ln -= a < b ? ln_beta(a, b) : ln_beta(b, a);
	return exp(ln) / (a * fraction(beta_term, arg));
}

/* The regularised incomplete beta function I_x(a, b); y is 1 - x, given apart for its digits. */
static double
beta_lower(double a, double b, double x, double y)
{
	if (x <= 0 || y <= 0)
		return x <= 0 ? 0 : 1;
	if (x < (a + 1) / (a + b + 2))
		return beta_direct(a, b, x, y);
	return 1 - beta_direct(b, a, y, x);
}

double
student_two_sided(double t, double df)
{
	double tt = t * t;

	if (t <= 0)
		return 1;
	if (tt > df * DBL_MAX * DBL_EPSILON)
		return 0;
	return beta_lower(df / 2, 0.5, df / (df + tt), tt / (df + tt));
}

/* Newton's method from the left: the tail is convex, so that no step goes too far. */
double
student_critical(double alpha, double df)
{
	double t = normal_critical(alpha), ln = -ln_beta(fmin(0.5, df / 2), fmax(0.5, df / 2));

	for (int i = 0; i < STEPS_MAX; i++) {
		double density = exp(ln - 0.5 * log(df) - (df + 1) / 2 * log1p(t * t / df)) * 2;
		double step = (student_two_sided(t, df) - alpha) / density;

		t += step;
		if (!(fabs(step) > 4 * DBL_EPSILON * t))
			break;
	}
	return t;
}

/* x^a e^-x / Gamma(a). */
static double
gamma_front(double a, double x)
{
	double d = (x - a) / a;

	if (a < STIRLING_FROM)
		return exp(a * log(x) - x - ln_gamma(a));
	d = fabs(d) < 0.5 ? log1p(d) - d : log(x / a) - d;
	return exp(a * d - stirling_rest(a)) * sqrt(a / (2 * M_PI));
}

/* The fraction x + 1 - a - 1(1 - a)/(x + 3 - a - 2(2 - a)/(...)), turned upside down. */
static double
gamma_fraction(double a, double x)
{
	double b = x + 1 - a, c = 1 / TINY, d = 1 / b, h = d;

	for (int i = 1; i < TERMS_MAX; i++) {
		double an = -i * (i - a), step;

		b += 2;
		d = an * d + b;
		d = 1 / (fabs(d) < TINY ? TINY : d);
		c = b + an / c;
		c = fabs(c) < TINY ? TINY : c;
		step = c * d;
		h *= step;
		if (fabs(step - 1) <= DBL_EPSILON)
			break;
	}
	return h;
}

static double
gamma_series(double a, double x)
{
	double term = 1 / a, sum = term;

	for (int i = 1; i < TERMS_MAX && term > sum * DBL_EPSILON / 4; i++) {
		term *= x / (a + i);
		sum += term;
	}
	return sum;
}

double
chi2_upper(double x, double df)
{
	double a = df / 2, h = x / 2;

	if (!(x > 0))
		return 1;
	if (h < a + 1)
		return 1 - gamma_front(a, h) * gamma_series(a, h);
	return gamma_front(a, h) * gamma_fraction(a, h);
}
