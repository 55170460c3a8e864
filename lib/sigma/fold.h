/*
 * fold - text without the difference of upper and lower case.
 *
 * Simple case folding (Unicode, CaseFolding.txt, status C and S): character by character, so that
 * a pattern's '?' stands for one character before and after it.
 */
#ifndef SIGMA_FOLD_H
#define SIGMA_FOLD_H

#include <stdint.h>

#include "base/slice.h"

/* Every step-th code point from first to last folds to itself plus delta. */
struct fold_run {
	uint32_t first, last, step;
	int32_t delta;
};

extern const struct fold_run fold_runs[];
extern const size_t fold_run_count;

uint32_t fold_char(uint32_t c);

/* How many bytes fold_text may write for a text of len bytes; it may write all of them. */
static inline size_t
fold_room(size_t len)
{
	return len + len / 2 + 16;
}

/*
 * fold_text(out, text):
 * Write text folded to out, which has fold_room(text.len) bytes and is not text.  16 bytes behind text
 * must be readable.  What is no UTF-8 stays as it is.  Returns the length written.
 */
size_t fold_text(char *out, struct slice text);

#endif
