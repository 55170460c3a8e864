/*
 * Proofs: as files, and as steps to a root.
 *
 * Input "p" is followed by a tlog-proof, "b" by an add-checkpoint body, "i" and "c" by two numbers of
 * 8 bytes and hashes.  Properties: what is read is written the same, the line "extra" aside; a proof is
 * accepted exactly if the recursive definition of RFC 6962 (sections 2.1.1 and 2.1.2), followed
 * backwards, leads to the roots.
 */
#include <stdlib.h>

#include "fault.h"
#include "log/proof.h"

static uint64_t
try_text(struct slice s, int (*get)(struct slice, struct proof_file *, struct diag *),
    void (*put)(struct buf *, const struct proof_file *))
{
	struct proof_file f, again;
	struct buf b = { 0 };

	if (get(s, &f, NULL) == -1)
		return ANSWER;
	MUST(f.proof.n <= PROOF_MAX && f.head.len > 0);
	put(&b, &f);
	MUST(b.len <= s.len);
	MUST(b.len < s.len || slice_eq(buf_view(&b), s)); /* shorter: there was an extra line */
	MUST(get(buf_view(&b), &again, NULL) == 0);
	MUST(again.number == f.number && again.proof.n == f.proof.n);
	MUST(slice_eq(again.head, f.head));
	buf_free(&b);
	return answer_number(answer_add(ANSWER, f.head), f.number);
}

static uint64_t
split(uint64_t n)
{
	uint64_t k = 1;

	while (k < n - k)
		k *= 2;
	return k;
}

/* The root that proof's first n steps make of the leaf at index.  False: not so many steps. */
static bool
climb(uint64_t index, uint64_t size, const struct hash *leaf, const struct hash *step, size_t n,
    struct hash *root)
{
	uint64_t k;

	if (size == 1) {
		*root = *leaf;
		return n == 0;
	}
	k = split(size);
	if (n == 0)
		return false;
	if (index < k) {
		if (!climb(index, k, leaf, step, n - 1, root))
			return false;
		tree_node(root, &step[n - 1], root);
	} else {
		if (!climb(index - k, size - k, leaf, step, n - 1, root))
			return false;
		tree_node(&step[n - 1], root, root);
	}
	return true;
}

/* The same for growth: whole says that the old tree is all of what was left of it so far. */
static bool
grow(uint64_t old, uint64_t size, bool whole, const struct hash *old_root,
    const struct hash *step, size_t n, struct hash *before, struct hash *now)
{
	uint64_t k;

	if (old == size) {
		*before = *now = whole ? *old_root : step[0];
		return n == (whole ? 0 : 1);
	}
	k = split(size);
	if (n == 0)
		return false;
	if (old <= k) {
		if (!grow(old, k, whole, old_root, step, n - 1, before, now))
			return false;
		tree_node(now, &step[n - 1], now);
		return true;
	}
	if (!grow(old - k, size - k, false, old_root, step, n - 1, before, now))
		return false;
	tree_node(&step[n - 1], before, before);
	tree_node(&step[n - 1], now, now);
	return true;
}

static void
try_steps(char kind, uint64_t a, uint64_t size, const struct hash *hashes, size_t n)
{
	struct hash root, before, bent;
	struct proof p = { .n = n };
	bool leads;

	if (n > PROOF_MAX || size > INT64_MAX)
		return;
	memcpy(p.hash, hashes + 1, n * sizeof *hashes);
	if (kind == 'i') {
		leads = a < size && climb(a, size, hashes, p.hash, n, &root);
		MUST(leads == (leads && proof_includes(a, size, hashes, &root, &p)));
		if (!leads)
			root = hashes[0];
		MUST(leads || !proof_includes(a, size, hashes, &root, &p) || size == 0);
	} else {
		leads = a > 0 && a <= size &&
		    grow(a, size, true, hashes, p.hash, n, &before, &root);
		if (!leads) {
			MUST(!proof_extends(a, hashes, size, hashes, &p));
			return;
		}
		MUST(proof_extends(a, &before, size, &root, &p));
	}
	if (!leads)
		return;
	bent = root;
	bent.b[0] ^= 1;
	MUST(kind == 'i' ? !proof_includes(a, size, hashes, &bent, &p)
			 : !proof_extends(a, &before, size, &bent, &p));
}

static uint64_t
try_numbers(char kind, struct slice rest)
{
	struct hash hashes[PROOF_MAX + 2];
	uint64_t number[2];
	size_t n;

	if (rest.len < sizeof number)
		return CANNOT;
	memcpy(number, rest.p, sizeof number);
	memset(hashes, 7, sizeof hashes);
	n = (rest.len - sizeof number) / sizeof *hashes;
	n = n > PROOF_MAX + 1 ? PROOF_MAX + 1 : n;
	memcpy(hashes, rest.p + sizeof number, n * sizeof *hashes);
	try_steps(kind, number[0] >> 1, number[1] >> 1, hashes, n > 0 ? n - 1 : 0);
	return ANSWER;
}

uint64_t
trial(struct slice input)
{
	struct slice rest = { input.p + 1, input.len - 1 };
	uint64_t answer = CANNOT;

	if (input.len < 1)
		return CANNOT;
	fault_on(); /* nothing but memory to fail */
	switch (input.p[0]) {
	case 'p': answer = try_text(rest, tlog_proof_get, tlog_proof_put); break;
	case 'b': answer = try_text(rest, witness_body_get, witness_body_put); break;
	case 'i':
	case 'c': answer = try_numbers(input.p[0], rest); break;
	default: break;
	}
	fault_off();
	return answer;
}
