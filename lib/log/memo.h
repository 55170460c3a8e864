/*
 * memo - what an incremental verification remembers of the one before.
 *
 * Text, each line ended by LF: "audit-verify state 1", "origin NAME", "size N", "root HEX",
 * "run N", and last "sha256 HEX" of all that precedes it.  It is no proof of anything: it says what
 * need not be read again, and a wrong one costs a full pass.
 */
#ifndef LOG_MEMO_H
#define LOG_MEMO_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/digest.h"

enum {
	MEMO_MAX = 4096, /* bytes */
	MEMO_CYCLE = 30, /* runs within which every line is read again */
};

struct memo {
	struct buf origin; /* owned */
	uint64_t size;
	struct hash root;
	uint64_t run; /* the number of the next run */
};

/*
 * memo_get(text, s, d):
 * Read all of text.  Returns 0; -1 with d: state-version (of another kind), state-damaged.
 * memo_free in any case (a zeroed state is fine).
 */
int memo_get(struct slice text, struct memo *s, struct diag *d);
void memo_put(struct buf *b, const struct memo *s);
void memo_free(struct memo *s);

#endif
