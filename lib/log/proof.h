/*
 * proof - that an entry is in a tree, and that a tree is the beginning of another
 * (RFC 6962 section 2.1; RFC 9162 sections 2.1.3 and 2.1.4), made of tiles, checked without.
 */
#ifndef LOG_PROOF_H
#define LOG_PROOF_H

#include "base/buf.h"
#include "base/diag.h"
#include "log/tile.h"

enum {
	PROOF_MAX = 64,             /* hashes: enough for 2^63 - 1 leaves */
	PROOF_FILE_MAX = (2 << 20), /* bytes of a proof's file: a head, its hashes, and more */
};

struct proof {
	size_t n;
	struct hash hash[PROOF_MAX];
};

/*
 * proof_includes(index, size, leaf, root, p):
 * Does p lead from leaf at index (from 0) to the root of size leaves (RFC 9162 section 2.1.3.2)?
 *
 * proof_extends(old, old_root, size, root, p):
 * Are the old leaves the first of the size leaves (section 2.1.4.2)?  False if old is 0: every tree
 * begins with the empty one, which p says nothing of.
 */
bool proof_includes(uint64_t index, uint64_t size, const struct hash *leaf,
    const struct hash *root, const struct proof *p);
bool proof_extends(uint64_t old, const struct hash *old_root, uint64_t size,
    const struct hash *root, const struct proof *p);

/* A tree to make proofs of. */
struct proof_tree {
	struct tiles *tiles; /* of a tree of size leaves; what they give is authenticated */
	uint64_t size;
	struct tile_name bad; /* the tile that was not TILE_GOOD */
};

/*
 * proof_inclusion(t, index, leaf, p): p gets the audit path of leaf index < size, the leaf's
 * sibling first, and leaf (may be NULL) the leaf.
 * proof_consistency(t, old, p): p gets the proof that the first old (1 to size) leaves begin it.
 * proof_root(t, old, root): root gets the root of the first old (0 to size) leaves.
 * Each reads at most 2 tiles a level.  They return TILE_GOOD, or what is wrong with tile t->bad
 * (TILE_ERROR: errno).
 */
enum tile_state proof_inclusion(
    struct proof_tree *t, uint64_t index, struct hash *leaf, struct proof *p);
enum tile_state proof_consistency(struct proof_tree *t, uint64_t old, struct proof *p);
enum tile_state proof_root(struct proof_tree *t, uint64_t old, struct hash *root);

/*
 * A proof with its head as a file: c2sp.org/tlog-proof@v1 for an entry, or the body of an
 * add-checkpoint request (c2sp.org/tlog-witness) for an older tree.
 */
struct proof_file {
	uint64_t number; /* the entry's index, or the old size */
	struct proof proof;
	struct slice head; /* the signed note, borrowed; not looked at */
};

/*
 * tlog_proof_get(text, f, d), witness_body_get(text, f, d):
 * Read all of text, which must live as long as f.  The line "extra" of a tlog-proof is not
 * authenticated and is dropped.  Returns 0; -1 with d: proof-syntax.
 */
int tlog_proof_get(struct slice text, struct proof_file *f, struct diag *d);
int witness_body_get(struct slice text, struct proof_file *f, struct diag *d);
void tlog_proof_put(struct buf *b, const struct proof_file *f);
void witness_body_put(struct buf *b, const struct proof_file *f);

#endif
