/*
 * log/align on made-up leaves: single edits are named exactly, and after any edits at all the
 * findings, applied to the sealed leaves, give back the file.
 */
#include "align_world.h"
#include "check.h"

static uint64_t fresh = UINT64_C(1) << 40;

static bool
is(const struct world *w, size_t k, enum finding_kind kind, uint64_t line, uint64_t entry,
    uint64_t count)
{
	const struct finding *x = &w->found[k];

	return k < w->n && x->kind == kind && x->line == line && x->entry == entry &&
	    x->count == count;
}

/* One edit at line k (from 1) of a log of n lines. */
static void
single(uint64_t n, uint64_t k)
{
	struct world *w = world_new(n, n);
	uint64_t other = k < n ? k : k - 2;

	align(w);
	CHECK(w->n == 0 && w->unsealed == 0);

	w->f[k - 1] = value(fresh++);
	align(w);
	CHECK(w->n == 1 && is(w, 0, FOUND_MODIFIED, k, k - 1, 1) && explains(w));
	CHECK(w->found[0].copy == ALIGN_NONE && !w->found[0].lost);

	insert(w, k, w->t[k - 1]);
	cut(w, k - 1, 1);
	cut(w, k - 1, 1);
	align(w);
	CHECK(w->n == 1 && explains(w));
	CHECK(is(w, 0, k == n ? FOUND_TRUNCATED : FOUND_DELETED, k, k - 1, 1));

	insert(w, k - 1, w->t[k - 1]);
	insert(w, k - 1, value(fresh++));
	align(w);
	CHECK(w->n == 1 && is(w, 0, FOUND_INSERTED, k, k - 1, 1) && explains(w));
	CHECK(w->unsealed == 0);

	w->f[k - 1] = w->t[k - 1];
	w->f[k] = w->t[k - 1];
	align(w);
	CHECK(explains(w));
	if (k < n)
		CHECK(w->n == 1 && is(w, 0, FOUND_DUPLICATED, k + 1, k - 1, 1));
	else
		CHECK(w->n == 0 && w->unsealed == 1);
	cut(w, k, 1);

	w->f[k - 1] = w->t[other];
	w->f[other] = w->t[k - 1];
	align(w);
	CHECK(w->n >= 1 && w->n <= 2 && w->found[0].kind == FOUND_MOVED && explains(w));

	world_free(w);
}

static void
test_single(void)
{
	static const uint64_t at[] = { 1, 2, 255, 256, 257, 511, 512, 999, 1000 };

	for (size_t i = 0; i < sizeof at / sizeof *at; i++)
		single(1000, at[i]);
	single(3, 2);
	single(40000, 1);
	single(40000, 20000);
	single(40000, 39999);
	single(40000, 40000);
}

static void
test_cut(void)
{
	struct world *w = world_new(1000, 1000);

	for (w->nf = 0; w->nf < 1000; w->nf++) {
		align(w);
		CHECK(w->n == 1 && explains(w));
		CHECK(is(w, 0, FOUND_TRUNCATED, w->nf + 1, w->nf, 1000 - w->nf));
	}
	w->nf = 500;
	w->torn = true; /* line 500 lacks only its LF */
	align(w);
	CHECK(w->n == 2 && is(w, 0, FOUND_TORN, 500, 499, 1));
	CHECK(is(w, 1, FOUND_TRUNCATED, 501, 500, 500) && explains(w));
	w->f[499] = value(fresh++); /* it lacks more */
	align(w);
	CHECK(w->n == 2 && is(w, 0, FOUND_TORN, 500, 499, 1));
	CHECK(is(w, 1, FOUND_TRUNCATED, 501, 500, 500));
	w->f[499] = w->t[499];
	w->nf = 1000;
	align(w);
	CHECK(w->n == 1 && is(w, 0, FOUND_TORN, 1000, 999, 1));
	w->nf = 1001; /* what an append left behind */
	w->f[1000] = value(fresh++);
	align(w);
	CHECK(w->n == 0 && w->unsealed == 1);
	world_free(w);
}

static void
test_pairs(void)
{
	struct world *w = world_new(1000, 1000);

	w->f[4] = w->t[700]; /* far apart */
	w->f[700] = w->t[4];
	align(w);
	CHECK(
	    w->n == 2 && is(w, 0, FOUND_MOVED, 5, 700, 1) && is(w, 1, FOUND_MOVED, 701, 4, 1));
	w->f[700] = w->t[700]; /* overwritten by a copy */
	align(w);
	CHECK(w->n == 1 && is(w, 0, FOUND_MODIFIED, 5, 4, 1) && w->found[0].copy == 700);
	w->f[4] = value(fresh++); /* a copy before a changed line */
	insert(w, 4, w->t[3]);
	align(w);
	CHECK(w->n == 2 && is(w, 0, FOUND_DUPLICATED, 5, 3, 1));
	CHECK(is(w, 1, FOUND_MODIFIED, 6, 4, 1));
	world_free(w);

	w = world_new(1000, 1000); /* the first line is now the last */
	insert(w, 1000, w->t[0]);
	cut(w, 0, 1);
	align(w);
	CHECK(w->n == 1 && is(w, 0, FOUND_MOVED, 1000, 0, 1) && w->unsealed == 0);
	for (int i = 0; i < 5; i++) /* others follow */
		insert(w, 1000, value(fresh++));
	align(w);
	CHECK(w->n == 1 && w->unsealed == 5 && explains(w));
	world_free(w);

	w = world_new(1000, 1000); /* the last line changed, others follow */
	w->f[999] = value(fresh++);
	insert(w, 1000, value(fresh++));
	align(w);
	CHECK(w->n == 1 && is(w, 0, FOUND_MODIFIED, 1000, 999, 1) && w->unsealed == 1);
	world_free(w);
}

/* Stretches longer than the window. */
static void
test_long(void)
{
	const uint64_t n = 100000, run = 3 * ALIGN_WINDOW + 77;
	struct world *w = world_new(n, n);

	cut(w, 1000, run);
	align(w);
	CHECK(w->n == 1 && is(w, 0, FOUND_DELETED, 1001, 1000, run) && explains(w));
	w->nf = 1000;
	w->f[w->nf++] = w->t[n - 1];
	align(w);
	CHECK(w->n == 1 && is(w, 0, FOUND_DELETED, 1001, 1000, n - 1001) && explains(w));

	memcpy(w->f, w->t, n * sizeof *w->f);
	for (uint64_t i = 0; i < run; i++)
		w->f[1000 + i] = value(fresh++);
	w->nf = n;
	align(w);
	CHECK(w->n == 1 && is(w, 0, FOUND_MODIFIED, 1001, 1000, run) && explains(w));

	memcpy(w->f + 1000 + run, w->t + 1000, (n - 1000) * sizeof *w->f);
	w->nf = n + run;
	align(w);
	CHECK(w->n == 1 && is(w, 0, FOUND_INSERTED, 1001, 1000, run) && explains(w));

	memcpy(w->f, w->t, n * sizeof *w->f); /* one block before another */
	memcpy(w->f + 1000, w->t + 1000 + run, run * sizeof *w->f);
	memcpy(w->f + 1000 + run, w->t + 1000, run * sizeof *w->f);
	w->nf = n;
	align(w);
	CHECK(w->n == 1 && w->found[0].kind == FOUND_MOVED && w->found[0].count == run &&
	    explains(w));
	world_free(w);
}

/* Nothing here is as it was, in every way that could cost time. */
static void
test_hostile(void)
{
	const uint64_t n = 100000;
	struct world *w = world_new(n, n);

	for (uint64_t i = 0; i < n; i++)
		w->f[i] = value(fresh++);
	align(w);
	CHECK(w->n == 1 && is(w, 0, FOUND_MODIFIED, 1, 0, n) && explains(w));
	for (uint64_t i = 0; i < n; i++)
		w->f[i] = w->t[n - 1 - i];
	align(w);
	CHECK(w->n == n - 1);
	for (uint64_t i = n - 1; i > 0; i--) {
		uint64_t j = draw(i + 1);
		struct hash h = w->f[i];

		w->f[i] = w->f[j];
		w->f[j] = h;
	}
	align(w);
	CHECK(w->n > n / 2);
	world_free(w);

	w = world_new(n, 1);
	cut(w, 500, 3);
	align(w);
	CHECK(w->n == 1 && explains(w));
	w->f[400] = value(fresh++);
	align(w);
	CHECK(w->n <= 4 && explains(w));
	world_free(w);
}

static void
edit(struct world *w, uint64_t span)
{
	size_t n = 1 + (size_t)draw(span), at;

	if (w->nf <= n)
		return;
	at = (size_t)draw(w->nf - n);
	switch (draw(5)) {
	case 0:
		for (size_t i = 0; i < n; i++)
			w->f[at + i] = value(fresh++);
		break;
	case 1: cut(w, at, n); break;
	case 2:
		for (size_t i = 0; i < n; i++)
			insert(w, at, value(fresh++));
		break;
	case 3:
		for (size_t i = 0; i < n; i++)
			insert(w, at + n, w->f[at + n - 1 - i]);
		break;
	default: { /* move */
		struct hash h = w->f[at];

		cut(w, at, 1);
		insert(w, (size_t)draw(w->nf), h);
		break;
	}
	}
}

static void
test_random(void)
{
	for (int round = 0; round < 3000; round++) {
		uint64_t n = 1 + draw(600), edits = draw(6);
		struct world *w = world_new(n, draw(3) == 0 ? 1 + draw(5) : n);

		for (uint64_t i = 0; i < edits; i++)
			edit(w, 4);
		align(w);
		CHECK(explains(w));
		world_free(w);
	}
	for (int round = 0; round < 12; round++) {
		uint64_t n = 30000 + draw(70000), edits = 1 + draw(40);
		struct world *w = world_new(n, n);

		for (uint64_t i = 0; i < edits; i++)
			edit(w, i % 10 == 0 ? 20000 : 10);
		align(w);
		CHECK(explains(w));
		CHECK(w->n <= 4 * edits);
		world_free(w);
	}
}

/* Leaves that no one knows. */
static void
test_lost(void)
{
	for (uint64_t tile = 0; tile < 4; tile++) {
		struct world *w = world_new(1000, 1000);
		uint64_t end = tile < 3 ? 256 * tile + 256 : 1000;

		w->lost_from = 256 * tile;
		w->lost_to = end;
		align(w); /* the lines themselves are proof */
		CHECK(w->n == 0);

		w->offered = false;
		w->f[end - 10] = value(fresh++);
		align(w);
		CHECK(w->n == 1 &&
		    is(w, 0, FOUND_MODIFIED, 256 * tile + 1, 256 * tile, end - 256 * tile) &&
		    w->found[0].lost);

		w->f[end - 10] = w->t[end - 10];
		cut(w, end < 500 ? 900 : 100, 1); /* elsewhere */
		align(w);
		CHECK(w->n == 1 && w->found[0].kind == FOUND_DELETED);
		world_free(w);
	}
}

int
main(void)
{
	test_single();
	test_cut();
	test_pairs();
	test_long();
	test_hostile();
	test_random();
	test_lost();
	return check_done();
}
