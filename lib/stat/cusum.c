#include "stat/cusum.h"

#include <math.h>

static const double ALLOWANCE = 0.5, LIMIT = 8;

void
cusum_add(struct cusum *c, double z, size_t at)
{
	if (c->s == 0)
		c->start = at;
	c->s = fmax(0, c->s + z - ALLOWANCE);
	c->most = fmax(c->most, c->s);
	if (c->s >= LIMIT && !c->alarm) {
		c->alarm = true;
		c->since = c->start;
	}
}
