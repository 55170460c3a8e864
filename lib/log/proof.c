#include "log/proof.h"

bool
proof_includes(uint64_t index, uint64_t size, const struct hash *leaf, const struct hash *root,
    const struct proof *p)
{
	uint64_t at = index, last = size - 1;
	struct hash h = *leaf;

	if (index >= size)
		return false;
	for (size_t i = 0; i < p->n; i++, at >>= 1, last >>= 1) {
		if (last == 0)
			return false;
		if (at % 2 == 0 && at != last) {
			tree_node(&h, &p->hash[i], &h);
			continue;
		}
		tree_node(&p->hash[i], &h, &h);
		for (; at % 2 == 0 && at != 0; at >>= 1)
			last >>= 1;
	}
	return last == 0 && hash_eq(&h, root);
}

bool
proof_extends(uint64_t old, const struct hash *old_root, uint64_t size, const struct hash *root,
    const struct proof *p)
{
	uint64_t at = old - 1, last = size - 1;
	struct hash before, now;
	size_t i = 0;

	if (old == size)
		return old > 0 && p->n == 0 && hash_eq(old_root, root);
	if (old == 0 || old > size || p->n == 0)
		return false;
	/* A whole subtree is its own beginning: its hash is not repeated in the proof. */
	before = (old & (old - 1)) == 0 ? *old_root : p->hash[i++];
	now = before;
	for (; at % 2 == 1; at >>= 1)
		last >>= 1;
	for (; i < p->n; i++, at >>= 1, last >>= 1) {
		if (last == 0)
			return false;
		if (at % 2 == 0 && at != last) {
			tree_node(&now, &p->hash[i], &now);
			continue;
		}
		tree_node(&p->hash[i], &before, &before);
		tree_node(&p->hash[i], &now, &now);
		for (; at % 2 == 0 && at != 0; at >>= 1)
			last >>= 1;
	}
	return last == 0 && hash_eq(&before, old_root) && hash_eq(&now, root);
}

/* The leaves from first on, 2^height of them: a node of the tree, made of one tile. */
static enum tile_state
perfect(struct proof_tree *t, uint64_t first, unsigned height, struct hash *h)
{
	unsigned level = height / 8, n = 1u << height % 8;
	uint64_t at = first >> (8 * level), index = at / TILE_WIDTH;
	const struct hash *hashes;
	enum tile_state state = tiles_get(t->tiles, level, index, &hashes);

	if (state == TILE_GOOD)
		tree_fold(hashes + at % TILE_WIDTH, n, h);
	else
		t->bad = (struct tile_name){ level, index, tile_width(t->size, level, index) };
	return state;
}

/* The largest power of two below n > 1: where RFC 6962 parts n leaves. */
static uint64_t
split(uint64_t n)
{
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/* The root over the leaves from first to before end; first is where a subtree of them begins. */
static enum tile_state
subtree(struct proof_tree *t, uint64_t first, uint64_t end, struct hash *root)
{
	uint64_t n = end - first;
	struct hash left, right;
	enum tile_state state;

	if ((n & (n - 1)) == 0)
		return perfect(t, first, (unsigned)__builtin_ctzll(n), root);
	state = perfect(t, first, (unsigned)__builtin_ctzll(split(n)), &left);
	if (state == TILE_GOOD)
		state = subtree(t, first + split(n), end, &right);
	if (state == TILE_GOOD)
		tree_node(&left, &right, root);
	return state;
}

/* Put a subtree's root into p. */
static enum tile_state
put(struct proof_tree *t, uint64_t first, uint64_t end, struct proof *p)
{
	return subtree(t, first, end, &p->hash[p->n++]);
}

/* PATH(index, D[first:end]) of RFC 6962 section 2.1.1. */
static enum tile_state
path(struct proof_tree *t, uint64_t index, uint64_t first, uint64_t end, struct proof *p)
{
	uint64_t middle;
	enum tile_state state;

	if (end - first == 1)
		return TILE_GOOD;
	middle = first + split(end - first);
	if (index < middle) {
		state = path(t, index, first, middle, p);
		return state == TILE_GOOD ? put(t, middle, end, p) : state;
	}
	state = path(t, index, middle, end, p);
	return state == TILE_GOOD ? put(t, first, middle, p) : state;
}

/* SUBPROOF(old - first, D[first:end], whole) of RFC 6962 section 2.1.2. */
static enum tile_state
subproof(struct proof_tree *t, uint64_t old, uint64_t first, uint64_t end, bool whole,
    struct proof *p)
{
	uint64_t middle;
	enum tile_state state;

	if (old == end)
		return whole ? TILE_GOOD : put(t, first, end, p);
	middle = first + split(end - first);
	if (old <= middle) {
		state = subproof(t, old, first, middle, whole, p);
		return state == TILE_GOOD ? put(t, middle, end, p) : state;
	}
	state = subproof(t, old, middle, end, false, p);
	return state == TILE_GOOD ? put(t, first, middle, p) : state;
}

enum tile_state
proof_inclusion(struct proof_tree *t, uint64_t index, struct hash *leaf, struct proof *p)
{
	struct hash h;
	enum tile_state state = perfect(t, index, 0, leaf != NULL ? leaf : &h);

	p->n = 0;
	return state == TILE_GOOD ? path(t, index, 0, t->size, p) : state;
}

enum tile_state
proof_consistency(struct proof_tree *t, uint64_t old, struct proof *p)
{
	p->n = 0;
	return subproof(t, old, 0, t->size, true, p);
}

enum tile_state
proof_root(struct proof_tree *t, uint64_t old, struct hash *root)
{
	if (old == 0) {
		tree_empty(root);
		return TILE_GOOD;
	}
	return subtree(t, 0, old, root);
}
