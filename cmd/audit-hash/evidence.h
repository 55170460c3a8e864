/*
 * evidence - some entries of a log in a directory that anyone can check: lines, proofs, head, key,
 * and the commands that do it.
 */
#ifndef AUDIT_HASH_EVIDENCE_H
#define AUDIT_HASH_EVIDENCE_H

#include "log/export.h"
#include "operands.h"

struct evidence {
	const char *log, *tree;
	const char *dir;            /* to be made */
	const char *range, *pubkey; /* as given */
	struct operands *operands;
	struct sealed *sealed;
};

/* Make the directory whole, or not at all.  Returns 0, or -1 with a message. */
int evidence_make(const struct evidence *e);

/* What a person is told, and the script: appended to b.  text and line: of head, how many lines are
 * signed, and the number of the log's signature line. */
struct evidence_words {
	uint64_t first, last, size;
	struct slice origin;
	unsigned text, line;
};
void evidence_readme(struct buf *b, const struct evidence_words *w);
void evidence_script(struct buf *b, const struct evidence_words *w);

/* Say why lines could not be exported. */
void export_say(
    const char *log, const char *tree, const struct operands *o, const struct export *e);

#endif
