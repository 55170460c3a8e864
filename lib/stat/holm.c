#include "stat/holm.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

struct ranked {
	double p;
	size_t at;
};

static int
ranked_cmp(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return (x->p > y->p) - (x->p < y->p);
}

void
holm_adjust(const double *p, size_t n, double *adjusted)
{
	struct ranked *order = xmalloc((n + 1) * sizeof *order);
	double most = 0;

	for (size_t i = 0; i < n; i++)
		order[i] = (struct ranked){ p[i], i };
	qsort(order, n, sizeof *order, ranked_cmp);
	for (size_t i = 0; i < n; i++) {
		most = fmax(most, fmin(1, (double)(n - i) * order[i].p));
		adjusted[order[i].at] = most;
	}
	free(order);
}
