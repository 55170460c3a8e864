/*
 * log/align: whatever was done to a file, the findings applied to the sealed leaves give it back.
 *
 * The input is a recipe: how many leaves, of how many kinds, which tile is lost, is the last line
 * torn; then edits of four bytes: what, where (two), how many.
 */
#include "tests/unit/align_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
edit(struct world *w, const uint8_t *e, uint64_t limit)
{
	size_t n = 1 + e[3] % 64, at;

	if (w->nf <= n || w->nf + n > limit)
		return;
	if (e[0] & 0x80)
		n = w->nf / 3 + 1; /* stretches longer than the window */
	at = (size_t)(e[1] << 8 | e[2]) * 31 % (w->nf - n);
	switch (e[0] % 5) {
	case 0:
		for (size_t i = 0; i < n; i++)
			w->f[at + i] = value((UINT64_C(1) << 40) + at + i);
		break;
	case 1: cut(w, at, n); break;
	case 2:
		for (size_t i = 0; i < n && i < 64; i++)
			insert(w, at, value((UINT64_C(1) << 41) + w->nf));
		break;
	case 3:
		for (size_t i = 0; i < n && i < 64; i++)
			insert(w, at + n, w->f[at + n - 1]);
		break;
	default: { /* one line somewhere else */
		struct hash h = w->f[at];

		cut(w, at, 1);
		insert(w, e[3] * 7919u % w->nf, h);
	}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint64_t n, kinds;
	struct world *w;

	if (len < 4)
		return 0;
	world_seed = 1;
	n = data[0] < 250 ? 1 + 5 * (uint64_t)data[0] : 40000;
	kinds = data[1] < 128 ? n : data[1] - 127u;
	w = world_new(n, kinds);
	w->lost_from = 256 * (uint64_t)(data[2] % 8);
	w->lost_to = data[2] & 8 ? w->lost_from + 256 : 0;
	w->torn = data[3] & 1;
	for (size_t i = 4; i + 4 <= len && i < 4 + 4 * 64; i += 4)
		edit(w, data + i, 2 * n + 4096);
	align(w);
	if (!explains(w))
		abort();
	world_free(w);
	return 0;
}
