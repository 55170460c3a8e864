#include "log/diff.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

enum {
	DEPTH = 12,
	STEPS = 512 /* of Myers' diff */
};

/* One hash of the range at hand: how often it stands on either side, and where last. */
struct entry {
	uint32_t t_count, f_count, t_at;
	uint32_t f_at; /* to compare with: where in f, or in t if f_count is 0 */
};

struct work {
	const struct hash *t, *f;
	uint32_t *match;
	uint32_t *slot; /* open addressing: number of an entry + 1, 0 if free */
	struct entry *entry;
	size_t slots, entries;
	uint32_t *of_t, *of_f; /* the entry of each hash of the range */
	uint64_t *value;
	bool *keep;
};

struct range {
	size_t t, t_end, f, f_end;
};

static bool
empty(struct range r)
{
	return r.t == r.t_end || r.f == r.f_end;
}

/* Match what is equal at both ends of r; what is left. */
static struct range
trim(struct work *w, struct range r)
{
	while (!empty(r) && hash_eq(&w->t[r.t], &w->f[r.f]))
		w->match[r.f++] = (uint32_t)r.t++;
	while (!empty(r) && hash_eq(&w->t[r.t_end - 1], &w->f[r.f_end - 1]))
		w->match[--r.f_end] = (uint32_t)--r.t_end;
	return r;
}

static const struct hash *
hash_of(const struct work *w, const struct entry *e)
{
	return e->f_count > 0 ? &w->f[e->f_at] : &w->t[e->t_at];
}

/* The entry of h, made if there is none; with it the caller counts. */
static uint32_t
find(struct work *w, const struct hash *h)
{
	struct slice key = { (const char *)h->b, HASH_LEN };
	size_t i = (size_t)map_hash(key) & (w->slots - 1);

	for (; w->slot[i] != 0; i = (i + 1) & (w->slots - 1))
		if (hash_eq(hash_of(w, &w->entry[w->slot[i] - 1]), h))
			return w->slot[i] - 1;
	w->entry[w->entries] = (struct entry){ 0 };
	w->slot[i] = (uint32_t)++w->entries;
	return w->slot[i] - 1;
}

/* Count the hashes of r on both sides. */
static void
count(struct work *w, struct range r)
{
	size_t n = (r.t_end - r.t) + (r.f_end - r.f);

	for (w->slots = 16; w->slots < 2 * n; w->slots *= 2)
		;
	memset(w->slot, 0, w->slots * sizeof *w->slot);
	w->entries = 0;
	for (size_t i = r.t; i < r.t_end; i++) {
		uint32_t e = w->of_t[i] = find(w, &w->t[i]);

		w->entry[e].t_at = (uint32_t)i;
		w->entry[e].t_count++;
	}
	for (size_t j = r.f; j < r.f_end; j++) {
		uint32_t e = w->of_f[j] = find(w, &w->f[j]);

		w->entry[e].f_at = (uint32_t)j;
		w->entry[e].f_count++;
	}
}

/* Keep the longest rising run of value[j] for j in r.f: those are matches.  How many there are. */
static size_t
keep_rising(struct work *w, struct range r)
{
	size_t kept = 0;

	diff_rising(w->value + r.f, r.f_end - r.f, w->keep + r.f);
	for (size_t j = r.f; j < r.f_end; j++)
		if (w->keep[j]) {
			w->match[j] = (uint32_t)w->value[j];
			kept++;
		}
	return kept;
}

/* Match what is unique in r on both sides. */
static size_t
anchor_unique(struct work *w, struct range r)
{
	for (size_t j = r.f; j < r.f_end; j++) {
		const struct entry *e = &w->entry[w->of_f[j]];

		w->value[j] = e->t_count == 1 && e->f_count == 1 ? e->t_at : UINT64_MAX;
	}
	return keep_rising(w, r);
}

/*
 * Myers' greedy diff (An O(ND) difference algorithm, 1986, section 4): reach[k] is how far into t a
 * path of d steps, deleting from t or inserting from f, comes on diagonal k = x - y.  All reaches
 * are kept to walk back, so there is a bound on d.
 */
struct paths {
	int32_t n, m;              /* lengths of the sides */
	int32_t *reach[STEPS + 1]; /* by d, then k + d */
};

/* Where step d on diagonal k starts: from above (*down, inserting) or from the left; -1: nowhere. */
static int32_t
step_start(const struct paths *p, int32_t d, int32_t k, bool *down)
{
	const int32_t *before = p->reach[d - 1] + d - 1;
	int32_t insert = k + 1 <= d - 1 ? before[k + 1] : -1;
	int32_t delete = k - 1 >= -(d - 1) ? before[k - 1] : -1;

	if (insert - k > p->m)
		insert = -1;
	delete = delete < 0 || delete == p->n ? -1 : delete + 1;
	*down = insert >= delete;
	return *down ? insert : delete;
}

static int32_t
slide(const struct work *w, struct range r, const struct paths *p, int32_t x, int32_t k)
{
	while (x >= 0 && x < p->n && x - k < p->m &&
	    w->of_t[r.t + (size_t)x] == w->of_f[r.f + (size_t)(x - k)])
		x++;
	return x;
}

/* Walk back from the end, matching what lies on diagonals. */
static void
walk_back(struct work *w, struct range r, const struct paths *p, int32_t d)
{
	int32_t x = p->n, k = p->n - p->m, start;
	bool down = false;

	for (; d >= 0; d--) {
		start = d > 0 ? step_start(p, d, k, &down) : 0;
		for (; x > start; x--)
			w->match[r.f + (size_t)(x - 1 - k)] = (uint32_t)(r.t + (size_t)x - 1);
		if (d > 0) {
			x = down ? start : start - 1;
			k += down ? 1 : -1;
		}
	}
}

/* Match along the shortest way, if it has at most STEPS steps.  Returns false if it has more. */
static bool
shortest(struct work *w, struct range r)
{
	struct paths p = { .n = (int32_t)(r.t_end - r.t), .m = (int32_t)(r.f_end - r.f) };
	int32_t d, k, end = p.n - p.m, x = -1;
	bool down = false;

	for (d = 0; d <= STEPS && x < p.n; d++) {
		p.reach[d] = xmalloc((2 * (size_t)d + 1) * sizeof *p.reach[d]);
		for (k = -d; k <= d; k += 2) {
			x = d > 0 ? step_start(&p, d, k, &down) : 0;
			x = p.reach[d][k + d] = slide(w, r, &p, x, k);
			if (k == end && x == p.n)
				break;
			if (k < d)
				p.reach[d][k + d + 1] = -1;
			x = -1;
		}
	}
	if (x == p.n)
		walk_back(w, r, &p, d - 1);
	while (d-- > 0)
		free(p.reach[d]);
	return x == p.n;
}

/* Match the k-th of equal hashes in t with the k-th in f. */
static void
anchor_ranked(struct work *w, struct range r)
{
	uint32_t *next = xzalloc(w->entries, sizeof *next); /* position in t + 1 */
	uint32_t *chain = xzalloc(r.t_end - r.t, sizeof *chain);

	for (size_t i = r.t_end; i-- > r.t;) {
		chain[i - r.t] = next[w->of_t[i]];
		next[w->of_t[i]] = (uint32_t)i + 1;
	}
	for (size_t j = r.f; j < r.f_end; j++) {
		uint32_t at = next[w->of_f[j]];

		w->value[j] = at != 0 ? at - 1 : UINT64_MAX;
		if (at != 0)
			next[w->of_f[j]] = chain[at - 1 - r.t];
	}
	keep_rising(w, r);
	free(next);
	free(chain);
}

static void solve(struct work *w, struct range r, int depth);

/* Solve what stands between the matches of r; with depth 0 only trim it. */
static void
between(struct work *w, struct range r, int depth)
{
	struct range gap = { r.t, r.t, r.f, r.f };

	for (size_t j = r.f; j <= r.f_end; j++) {
		if (j < r.f_end && w->match[j] == DIFF_NONE)
			continue;
		gap.f_end = j;
		gap.t_end = j < r.f_end ? w->match[j] : r.t_end;
		solve(w, gap, depth);
		gap.f = j + 1;
		gap.t = gap.t_end + 1;
	}
}

static void
solve(struct work *w, struct range r, int depth)
{
	r = trim(w, r);
	if (empty(r) || depth == 0)
		return;
	count(w, r);
	if (anchor_unique(w, r) > 0) {
		between(w, r, depth - 1);
	} else if (!shortest(w, r)) {
		anchor_ranked(w, r);
		between(w, r, 0);
	}
}

void
diff(const struct hash *t, size_t nt, const struct hash *f, size_t nf, uint32_t *match)
{
	struct work w = { .t = t, .f = f, .match = match };
	size_t slots = 16;

	while (slots < 2 * (nt + nf))
		slots *= 2;
	for (size_t j = 0; j < nf; j++)
		match[j] = DIFF_NONE;
	w.slot = xmalloc(slots * sizeof *w.slot);
	w.entry = xmalloc((nt + nf + 1) * sizeof *w.entry);
	w.of_t = xmalloc((nt + 1) * sizeof *w.of_t);
	w.of_f = xmalloc((nf + 1) * sizeof *w.of_f);
	w.value = xmalloc((nf + 1) * sizeof *w.value);
	w.keep = xmalloc(nf + 1);
	solve(&w, (struct range){ 0, nt, 0, nf }, DEPTH);
	free(w.slot);
	free(w.entry);
	free(w.of_t);
	free(w.of_f);
	free(w.value);
	free(w.keep);
}

void
diff_rising(const uint64_t *value, size_t n, bool *keep)
{
	size_t *pile =
	    xmalloc((n + 1) * sizeof *pile); /* top of pile k: a run of k + 1 ends there */
	size_t *before = xmalloc((n + 1) * sizeof *before);
	size_t piles = 0;

	for (size_t i = 0; i < n; i++) {
		size_t low = 0, high = piles;

		keep[i] = false;
		if (value[i] == UINT64_MAX)
			continue;
		if (piles > 0 && value[pile[piles - 1]] < value[i])
			low = piles; /* the usual case: in order */
		while (low < high) {
			size_t mid = low + (high - low) / 2;

			if (value[pile[mid]] < value[i])
				low = mid + 1;
			else
				high = mid;
		}
		before[i] = low > 0 ? pile[low - 1] : SIZE_MAX;
		pile[low] = i;
		piles += low == piles;
	}
	for (size_t i = piles > 0 ? pile[piles - 1] : SIZE_MAX; i != SIZE_MAX; i = before[i])
		keep[i] = true;
	free(pile);
	free(before);
}
