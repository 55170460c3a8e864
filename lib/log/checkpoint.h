/*
 * checkpoint - signed tree heads (c2sp.org/tlog-checkpoint), and the file that lists them.
 *
 * The text is "origin\nsize\nbase64(root)\n", perhaps with further lines that we keep and do not
 * read.  A head is the note of it.  Ours has the log's type 1 signature first and then, by the
 * same key, a cosignature/v1 (type 4), which gives the head a signed time.
 */
#ifndef LOG_CHECKPOINT_H
#define LOG_CHECKPOINT_H

#include "base/digest.h"
#include "log/key.h"
#include "log/note.h"

struct checkpoint {
	struct slice origin; /* borrowed */
	uint64_t size;
	struct hash root;
};

/* Read a note's text.  Returns 0; -1 with d: checkpoint-syntax. */
int checkpoint_get(struct slice text, struct checkpoint *c, struct diag *d);

/* Append the three lines. */
void checkpoint_put(struct buf *b, const struct checkpoint *c);

enum head_state {
	HEAD_UNKNOWN, /* no signature by a known key, or none by the log's: says nothing */
	HEAD_GOOD,    /* signed by the log's key, and no known key's signature fails */
	HEAD_BAD,     /* a known key's signature fails */
	HEAD_ORIGIN,  /* signed by a known key whose name is not the origin */
};

struct head {
	struct slice message; /* the whole note, borrowed */
	struct note note;
	struct checkpoint cp;
	enum head_state state; /* of the last head_check */
	const struct vkey
	    *key;     /* with HEAD_GOOD: the key of the last type 1 line under the origin */
	bool timed;   /* by that key */
	int64_t time; /* seconds since 1970 */
};

/*
 * head_get(message, h, d):
 * Read a head; its state is HEAD_UNKNOWN.  message must live as long as h.  Returns 0; -1 with d
 * (note-*, checkpoint-syntax).  head_free in any case (a zeroed head is fine).
 */
int head_get(struct slice message, struct head *h, struct diag *d);
void head_free(struct head *h);

/*
 * head_check(h, keys, n):
 * Verify every signature line by one of n keys (alg KEY_NOTE: its lines of type 1 and, as a
 * cosigner, of type 4; alg KEY_COSIGN: its lines of type 4, never the head by itself).  The log's
 * key is that of the last type 1 line under the origin's name: who rotates keys signs with the old
 * one and then the new, and from there on the old one is worth nothing for the head.  Fills in
 * state, key and time, and returns the state.  keys must live as long as h.
 */
enum head_state head_check(struct head *h, const struct vkey *keys, size_t n);

/*
 * head_put(b, k, next, size, root, time):
 * Append the head of a log whose origin is k's name, signed by k at time, and then by next, the key
 * that takes over (NULL for none).  Returns 0 or -1.
 */
int head_put(struct buf *b, const struct skey *k, const struct skey *next, uint64_t size,
    const struct hash *root, int64_t time);

/*
 * heads - the file "checkpoints": heads, oldest first, each followed by an empty line.
 * heads_next gives the next whole head, borrowed until the next call: 1; 0 at the end; -1 with
 * errno if reading failed.  heads_torn: after the end, did the file end within a head?  Memory is
 * bounded; what cannot be a head is skipped to the next empty line behind signatures, and
 * heads_skipped counts it.
 */
struct heads;

struct heads *heads_open(int fd); /* fd stays the caller's */
int heads_next(struct heads *in, struct slice *message);
bool heads_torn(const struct heads *in);
uint64_t heads_skipped(const struct heads *in);
void heads_free(struct heads *in); /* accepts NULL */

/*
 * heads_last(fd, before, message, place):
 * The last whole head of the file that ends at offset before or sooner, without reading the rest of
 * it: *message gets a copy, *place where it stands, its empty line included.  Returns 1; 0 if there
 * is none; -1 with errno.
 */
struct heads_place {
	uint64_t start, end;
};
int heads_last(int fd, uint64_t before, struct buf *message, struct heads_place *place);

#endif
