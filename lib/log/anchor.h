/*
 * anchor - what others keep of a log: an older head, a witness's cosignature on one, or a time
 * stamp of one (log/token.h).
 */
#ifndef LOG_ANCHOR_H
#define LOG_ANCHOR_H

#include "base/buf.h"

enum { ANCHOR_MAX = 2 << 20 }; /* bytes */

struct anchor {
	const char *name; /* of the file; borrowed */
	struct buf text;  /* what is in it: the owner's to free */
};

#endif
