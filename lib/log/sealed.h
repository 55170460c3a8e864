/*
 * sealed - a tree as it lies, read under its head and without a lock.
 *
 * What it gives is worth what the head is: its signature is not looked at.
 */
#ifndef LOG_SEALED_H
#define LOG_SEALED_H

#include "log/append.h"
#include "log/checkpoint.h"
#include "log/proof.h"

struct sealed {
	int dir;
	struct buf message; /* the head */
	struct head head;
	struct proof_tree tree;
};

/*
 * sealed_open(path, message, s, fault):
 * Open the tree in directory path under the head message (copied), or under its own if that is
 * NULL.  Returns 0, or -1 with *fault.  sealed_close in any case (a zeroed one is fine).
 */
int sealed_open(
    const char *path, const struct buf *message, struct sealed *s, struct log_fault *fault);
void sealed_close(struct sealed *s);

/*
 * sealed_find(s, leaf, from, index):
 * The first entry at from or behind it that has this leaf.  Returns 1 with *index; 0 if there is
 * none; -1 if a tile cannot be had (s->tree.bad, *state).  The tiles are not authenticated: a proof
 * made for *index is.
 */
int sealed_find(struct sealed *s, const struct hash *leaf, uint64_t from, uint64_t *index,
    enum tile_state *state);

#endif
