/*
 * objects - what is kept elsewhere, as a list of object names, one a line, says of a log's segments.
 *
 * Of each name only what follows its last slash counts: the log's name, "-A-B" (first and last
 * entry), and nothing, ".zst", ".gz" or ".cms.NNN", as audit-hash seal names parts (log/manifest.h).
 */
#ifndef LOG_OBJECTS_H
#define LOG_OBJECTS_H

#include <stdint.h>

#include "base/slice.h"

/* objects_next(list, log, first, last): the next part in list, which is cut.  False: no more. */
bool objects_next(struct slice *list, struct slice log, uint64_t *first, uint64_t *last);

/* Does list hold an object of that name? */
bool objects_has(struct slice list, struct slice name);

#endif
