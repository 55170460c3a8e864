#include "log/gaps.h"

#include <stdlib.h>

#include "base/mem.h"

/* The gap that may grow at leaf t and line f. */
static struct gap *
grow(struct gaps *g, uint64_t t, uint64_t f)
{
	struct gap *last = g->n > 0 ? &g->gap[g->n - 1] : NULL;

	if (g->open)
		return last;
	g->open = true;
	if (g->n == ALIGN_GAPS) { /* the last one takes in what is between, too */
		last->tn = t - last->t;
		last->fn = f - last->f;
		g->coarse = true;
		return last;
	}
	if (g->n == g->cap) {
		g->cap = g->cap == 0 ? 16 : 2 * g->cap;
		g->gap = xrealloc(g->gap, g->cap, sizeof *g->gap);
	}
	last = &g->gap[g->n++];
	*last = (struct gap){ .t = t, .f = f, .left = g->lefts };
	return last;
}

void
gaps_leaves(struct gaps *g, uint64_t t, uint64_t f, uint64_t n)
{
	if (n > 0)
		grow(g, t, f)->tn += n;
}

void
gaps_lines(struct gaps *g, uint64_t t, uint64_t f, const struct hash *lines, size_t n)
{
	size_t keep = n;

	if (n == 0)
		return;
	grow(g, t, f)->fn += n;
	if (g->coarse || keep > ALIGN_LINES - g->lefts) {
		keep = g->coarse ? 0 : ALIGN_LINES - g->lefts;
		g->coarse = true;
	}
	if (g->lefts + keep > g->left_cap) {
		while (g->lefts + keep > g->left_cap)
			g->left_cap = g->left_cap == 0 ? 64 : 2 * g->left_cap;
		g->left = xrealloc(g->left, g->left_cap, sizeof *g->left);
	}
	memcpy(g->left + g->lefts, lines, keep * sizeof *lines);
	g->lefts += keep;
}

void
gaps_free(struct gaps *g)
{
	free(g->gap);
	free(g->left);
	*g = (struct gaps){ 0 };
}
