/*
 * variants - what the modifiers that work on text make of a value.
 *
 * Specification 2.1, appendix "Modifiers": some append wildcards, some encode, some make several
 * spellings of one value.
 */
#ifndef SIGMA_VARIANTS_H
#define SIGMA_VARIANTS_H

#include "sigma/arena.h"

enum {
	VARIANTS_WINDASH = 100, /* spellings that windash may make of one value */
	VARIANTS_MAX = 3 * VARIANTS_WINDASH,
	VARIANTS_BYTES = 64 << 20, /* in one arena, of all spellings */
};

struct variants {
	struct slice v[VARIANTS_MAX]; /* patterns; bytes if raw */
	size_t n;
	bool raw; /* encoded as UTF-16: to be made base64 yet */
};

/*
 * A step puts what it makes of one pattern behind those in out.  Returns NULL, or why it cannot: a
 * static text.
 */
typedef const char *variants_step(struct arena *a, struct slice in, struct variants *out);

variants_step variants_contains, variants_startswith, variants_endswith, variants_windash,
    variants_base64, variants_base64offset, variants_utf16le, variants_utf16be, variants_utf16;

/* variants_apply(arena, step, v): apply step to all of v.  Returns as a step does. */
const char *variants_apply(struct arena *a, variants_step *step, struct variants *v);

#endif
