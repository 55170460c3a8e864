/*
 * bundle - entries as C2SP tlog-tiles serves them: tile/entries/N holds 256 of them, N.p/W the first W
 * while there are no more, each as 2 bytes of length, big-endian, and its bytes.
 */
#ifndef LOG_BUNDLE_H
#define LOG_BUNDLE_H

#include <sys/types.h>

#include "base/buf.h"
#include "log/tree.h"

enum { BUNDLE_MAX = TILE_WIDTH * (2 + 65535) }; /* bytes */

/* Append "tile/entries/x001/234" or "tile/entries/x001/234.p/8". */
void bundle_path_put(struct buf *b, uint64_t index, unsigned width);

/* Append an entry of at most 65,535 bytes. */
void bundle_put(struct buf *b, struct slice entry);

/* bundle_next(rest, entry): take one entry off rest.  Returns 1; 0 if rest is empty; -1 if it is none. */
int bundle_next(struct slice *rest, struct slice *entry);

/*
 * bundle_read(dir, index, width, text):
 * Make text the bundle's bytes as they lie in the tree in directory dir; where the partial one is
 * absent, the beginning of the full one or a wider one will do.  It may hold more than width entries.
 * Returns 0; -1 with errno.
 */
int bundle_read(int dir, uint64_t index, unsigned width, struct buf *text);

#endif
