/*
 * A made-up log and a file to align with it, for the unit test and the fuzz harness of log/align.
 */
#ifndef TESTS_UNIT_ALIGN_WORLD_H
#define TESTS_UNIT_ALIGN_WORLD_H

#include <stdlib.h>

#include "base/mem.h"
#include "log/align.h"

struct world {
	struct hash *t; /* sealed */
	uint64_t nt;
	struct hash *f; /* the file */
	size_t nf;
	bool torn;
	uint64_t lost_from, lost_to; /* leaves that no one knows */
	bool offered;                /* and that were offered rightly since */
	struct finding *found;
	size_t n, cap;
	uint64_t unsealed;
};

static uint64_t world_seed = 1;

static inline uint64_t
draw(uint64_t below)
{
	world_seed = world_seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (world_seed >> 33) % below;
}

static inline struct hash
value(uint64_t n)
{
	struct hash h;

	for (size_t i = 0; i < HASH_LEN; i += 8) {
		n = (n ^ (n >> 29)) * UINT64_C(0xbf58476d1ce4e5b9) + i;
		memcpy(h.b + i, &n, 8);
	}
	return h;
}

static inline bool
leaf(void *arg, uint64_t i, struct hash *h)
{
	const struct world *w = arg;

	if (i >= w->lost_from && i < w->lost_to && !w->offered)
		return false;
	*h = w->t[i];
	return true;
}

static inline unsigned
width(void *arg, uint64_t i)
{
	const struct world *w = arg;

	return w->nt - i < 256 ? (unsigned)(w->nt - i) : 256;
}

static inline bool
offer(void *arg, uint64_t i, const struct hash *leaves)
{
	struct world *w = arg;

	if (memcmp(leaves, w->t + i, width(w, i) * sizeof *leaves) != 0)
		return false;
	w->offered = true;
	return true;
}

static inline void
found(void *arg, const struct finding *finding)
{
	struct world *w = arg;

	if (w->n == w->cap) {
		w->cap = 2 * w->cap + 16;
		w->found = xrealloc(w->found, w->cap, sizeof *w->found);
	}
	w->found[w->n++] = *finding;
}

/* A log of n leaves of which every one is one of kinds, and a file that holds it. */
static inline struct world *
world_new(uint64_t n, uint64_t kinds)
{
	struct world *w = xzalloc(1, sizeof *w);

	w->t = xmalloc((n + 1) * sizeof *w->t);
	w->f = xmalloc((2 * n + 100000) * sizeof *w->f);
	w->nt = n;
	w->nf = (size_t)n;
	for (uint64_t i = 0; i < n; i++)
		w->f[i] = w->t[i] = value(kinds >= n ? i : draw(kinds));
	return w;
}

static inline void
world_free(struct world *w)
{
	free(w->found);
	free(w->t);
	free(w->f);
	free(w);
}

static inline void
align(struct world *w)
{
	struct align_source source = { w, leaf, offer, width };
	struct align *a = align_new(w->nt, &source);

	w->n = 0;
	for (size_t i = 0, n; i < w->nf; i += n) {
		n = w->nf - i < 1000 ? w->nf - i : 1000;
		align_add(a, w->f + i, n);
	}
	if (w->torn && w->nf > 0)
		align_torn(a);
	w->unsealed = align_end(a, found, w);
	align_free(a);
}

/* Edits of the file. */
static inline void
insert(struct world *w, size_t at, struct hash h)
{
	memmove(w->f + at + 1, w->f + at, (w->nf - at) * sizeof *w->f);
	w->f[at] = h;
	w->nf++;
}

static inline void
cut(struct world *w, size_t at, size_t n)
{
	memmove(w->f + at, w->f + at + n, (w->nf - at - n) * sizeof *w->f);
	w->nf -= n;
}

/*
 * Do the findings, applied to the sealed leaves, give the file?  Each leaf is named once at most,
 * each line too, and what is not named is the rest of the leaves in order.
 */
static inline bool
explains(const struct world *w)
{
	uint8_t *gone = xzalloc(w->nt + 1, 1), *named = xzalloc(w->nf + 1, 1);
	bool good = true;
	uint64_t t = 0, last = 0;
	bool lost = false;

	for (size_t k = 0; k < w->n && good; k++) {
		const struct finding *x = &w->found[k];
		bool takes = x->kind != FOUND_INSERTED && x->kind != FOUND_DUPLICATED;
		bool stands = x->kind != FOUND_DELETED && x->kind != FOUND_TRUNCATED;

		good = good && x->count > 0 && x->line >= 1 && x->line >= last;
		last = x->line;
		lost |= x->lost;
		for (uint64_t i = 0; i < x->count && takes; i++)
			good = good && x->entry + i < w->nt && !gone[x->entry + i]++;
		for (uint64_t i = 0; i < x->count && stands && !x->lost; i++) {
			uint64_t line = x->line - 1 + i;

			good = good && line < w->nf && !named[line]++;
			if (good && (x->kind == FOUND_MOVED || x->kind == FOUND_DUPLICATED))
				good = hash_eq(&w->f[line], &w->t[x->entry + i]);
			if (good && x->kind == FOUND_MODIFIED && x->copy != ALIGN_NONE)
				good = hash_eq(&w->f[line], &w->t[x->copy + i]);
		}
	}
	/* Where a tile is lost, no one knows how many lines stand for its leaves. */
	for (size_t line = 0; line < w->nf && good && !lost; line++) {
		if (named[line])
			continue;
		while (t < w->nt && gone[t])
			t++;
		if (t == w->nt) {
			good = w->unsealed >= w->nf - line;
			break;
		}
		good = hash_eq(&w->f[line], &w->t[t++]);
	}
	while (t < w->nt && gone[t])
		t++;
	free(gone);
	free(named);
	return good && (lost || t == w->nt);
}

#endif
