#include "log/gaps.h"

#include <stdlib.h>

#include "base/mem.h"

/* The gap that may grow at leaf t and line f. */
static struct gap *
grow(struct gaps *g, uint64_t t, uint64_t f)
{
	struct gap *last;

	if (!g->open && g->n < ALIGN_GAPS) {
		if (g->n == g->cap) {
			g->cap = g->cap == 0 ? 16 : 2 * g->cap;
			g->gap = xrealloc(g->gap, g->cap, sizeof *g->gap);
		}
		g->gap[g->n++] = (struct gap){ .t = t, .f = f, .left = g->lefts };
	}
	last = &g->gap[g->n - 1];
	if (t > last->t + last->tn || f > last->f + last->fn) {
		last->tn =
		    t - last->t; /* no more gaps: this one takes in what is between, too */
		last->fn = f - last->f;
		g->coarse = true;
	}
	g->open = true;
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
	if (keep > 0)
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
