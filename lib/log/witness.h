/*
 * witness - on another host: remember a log's last head, and cosign only what goes on from it
 * (c2sp.org/tlog-witness, c2sp.org/tlog-cosignature).
 *
 * The state is a file that holds the last head, verbatim; a file of its name and ".lock" is held
 * from before it is read until the new one is durable.
 */
#ifndef LOG_WITNESS_H
#define LOG_WITNESS_H

#include "base/buf.h"
#include "log/key.h"

struct witness {
	const struct skey *key;  /* the witness's own */
	const struct vkey *keys; /* the log's, n of them */
	size_t n;
	const char *state; /* path */
	bool init;         /* begin the state, which must not be there */
	int64_t time;      /* of the cosignature, seconds since 1970 */
};

enum witness_answer {
	WITNESS_SIGNED, /* line is the cosignature, and the head is the state */
	WITNESS_NO,     /* rule: rollback or fork, shown by known and asked together */
	WITNESS_CANNOT, /* rule says why: the state is as it was */
};

struct witness_result {
	/*
	 * proof-syntax, note-*, checkpoint-syntax, key-unknown, head-damaged or origin: of the body; old:
	 * it begins at another size; state-damaged; state-missing, state-exists (see init); system: error,
	 * of the state or its lock.
	 */
	const char *rule;
	int error;
	uint64_t size;           /* entries of the head known, with rule "old" */
	struct buf known, asked; /* the notes */
	struct buf line;         /* with its LF */
};

/*
 * witness_ask(w, body, r):
 * Judge the body of an add-checkpoint request.  witness_free in any case (a zeroed result is fine).
 */
enum witness_answer witness_ask(
    const struct witness *w, struct slice body, struct witness_result *r);
void witness_free(struct witness_result *r);

#endif
