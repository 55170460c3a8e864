#include "stat/welch.h"

#include <math.h>

#include "stat/special.h"

struct difference
welch_test(struct mean base, struct mean now, double alpha)
{
	double b = base.variance / (double)base.n, c = now.variance / (double)now.n;
	double effect = now.mean - base.mean, se = sqrt(b + c), df, margin;

	if (!(se > 0))
		return (struct difference){ effect, { effect, effect }, effect == 0 };
	b /= b + c;
	df = 1 / (b * b / (double)(base.n - 1) + (1 - b) * (1 - b) / (double)(now.n - 1));
	margin = student_critical(alpha, df) * se;
	return (struct difference){
		.effect = effect,
		.range = { effect - margin, effect + margin },
		.p = student_two_sided(fabs(effect) / se, df),
	};
}
