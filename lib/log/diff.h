/*
 * diff - which lines of a file are which sealed leaves, for two runs that fit in memory.
 *
 * Equal ends are trimmed; between them, hashes that stand once on either side are anchors, and the
 * longest increasing run of anchors is kept (patience diff, B. Cohen: a longest increasing
 * subsequence found by piles).  What stands between two anchors is treated the same way, with a
 * hash unique where it stands there once.  Where nothing is unique, the shortest way from one to
 * the other is taken (E. Myers, 1986) if it is short, else the k-th of equal hashes goes with the
 * k-th.  O(n log n) on any input, for lines that are all equal or all reversed too.
 */
#ifndef LOG_DIFF_H
#define LOG_DIFF_H

#include "base/digest.h"

enum { DIFF_NONE = UINT32_MAX };

/*
 * diff(t, nt, f, nf, match):
 * match[j] gets the index in t of f[j], or DIFF_NONE; those that are not DIFF_NONE increase.
 * nt and nf are below 2^31.
 */
void diff(const struct hash *t, size_t nt, const struct hash *f, size_t nf, uint32_t *match);

/*
 * diff_rising(value, n, keep):
 * keep[i] says whether value[i] is in one longest strictly increasing subsequence of the values
 * that are not UINT64_MAX.
 */
void diff_rising(const uint64_t *value, size_t n, bool *keep);

#endif
