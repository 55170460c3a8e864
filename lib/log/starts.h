/*
 * starts - where segments begin, as the file "hints" has it (log/hints.h).
 *
 * What is said there is believed only for what can be told no other way: whether a run of missing
 * entries is one or more segments that were not given.  A file that is not whole, in order and
 * without a hole says nothing.
 */
#ifndef LOG_STARTS_H
#define LOG_STARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STARTS_MAX = 1 << 17 }; /* segments */

/*
 * starts_get(tree, size, starts, n):
 * *starts gets the first entries of the segments of a log of size entries, rising; to be freed.
 * Returns false, with nothing to free, if the hints of the tree in directory tree say nothing.
 */
bool starts_get(int tree, uint64_t size, uint64_t **starts, size_t *n);

#endif
