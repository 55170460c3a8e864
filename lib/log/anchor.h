/*
 * anchor - what others keep of a log: an older head, a witness's cosignature on one, or a time
 * stamp of one (RFC 3161).
 */
#ifndef LOG_ANCHOR_H
#define LOG_ANCHOR_H

#include "log/checkpoint.h"

enum { ANCHOR_MAX = 2 << 20 }; /* bytes */

struct anchor {
	const char *name; /* of the file; borrowed */
	struct buf text;  /* what is in it: owned */

	/* Of a head: filled in by verify. */
	struct head head;
	bool token; /* it is a time stamp */
};

void anchor_free(struct anchor *a); /* its text and head */

#endif
