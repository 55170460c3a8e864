/*
 * hints - where in a log file lines begin: an unsigned cache, one record a tile.
 *
 * The file "hints" of the tree is text, one record of 34 bytes a line: 16 hex digits index, space,
 * 16 hex digits offset, LF, indices rising.  Line index (from 0) begins at byte offset of its
 * segment; there is a record for every index that is a multiple of 256 and for the first of every
 * segment (whose offset is 0).  Nothing is believed for being in it: a wrong or missing record
 * costs time, never a better answer.
 */
#ifndef LOG_HINTS_H
#define LOG_HINTS_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/digest.h"

enum { HINT_LEN = 34 };

struct hint {
	uint64_t index, offset;
};

/*
 * hints_find(fd, index, hint):
 * The last record not after index, found by bisection.  Returns 1; 0 if there is none, or the file
 * is none of ours as far as was looked.
 */
int hints_find(int fd, uint64_t index, struct hint *hint);

/*
 * hints_segment(fd, size, first, later):
 * The first entry of the last segment that begins at or before entry size; does one begin later?
 * Reads all of the file.  Returns 1; 0 if it is not whole, or its records do not go together, with
 * what can be said as far as they do.
 */
int hints_segment(int fd, uint64_t size, uint64_t *first, bool *later);

/* Append a record's text. */
void hint_put(struct buf *b, struct hint hint);

/* Read one record, all of text.  Returns 0 or -1. */
int hint_get(struct slice text, struct hint *hint);

/*
 * hints_add(dir, records, mode):
 * Append records (text) to the file "hints" in dir, those that its last record does not already
 * reach.  A file whose end is no record is left alone.
 *
 * hints_replace(dir, first, records, mode): make the file anew; what it has of entries before first
 * is kept.
 *
 * Both return 0, or -1 with errno: then the file says less than it might, but nothing wrong, unless
 * the record that was to be added begins a segment.
 */
int hints_add(int dir, struct slice records, mode_t mode);
int hints_replace(int dir, uint64_t first, struct slice records, mode_t mode);

#endif
