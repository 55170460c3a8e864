/*
 * condition - the language that joins a rule's search identifiers.
 *
 *   or   = and { "or" and }      and = not { "and" not }      not = "not" not | "(" or ")"
 *        | ("1" | "any" | "all") "of" ("them" | pattern)  |  identifier
 *
 * Operators are lower case (specification 2.1, "Condition").  A word is what stands between white
 * space, parentheses and '|'; "and", "or" and "not" name no identifier, nor does "of" behind a quantifier.
 */
#ifndef SIGMA_CONDITION_H
#define SIGMA_CONDITION_H

#include "base/buf.h"
#include "base/diag.h"
#include "sigma/arena.h"

enum {
	CONDITION_MAX = 64 * 1024, /* bytes */
	CONDITION_DEPTH = 64,      /* parentheses and "not" that may be open at once */
};

enum condition_op { COND_AND, COND_OR, COND_NOT, COND_NAME, COND_ONE_OF, COND_ALL_OF };

struct condition {
	enum condition_op op;
	struct slice word; /* COND_NAME: the identifier; *_OF: pattern or "them"; borrowed */
	bool any;          /* COND_ONE_OF: written "any of" */
	size_t offset;     /* of the word in the text */
	struct condition *kids; /* operands, in order; AND and OR have two or more */
	struct condition *next; /* the next operand of the parent */
};

/*
 * condition_get(arena, text, d):
 * Parse text, which must live as long as the result.  Returns NULL with d if it is refused:
 *   condition-syntax  condition-case (an operator in capitals)  condition-pipe (an aggregation)
 *   condition-limit (too long or too deep)  condition-count ("2 of": only 1, any and all)
 * the offset being that of the offending word.
 */
struct condition *condition_get(struct arena *a, struct slice text, struct diag *d);

/* Append c as text that parses to the same tree. */
void condition_put(struct buf *b, const struct condition *c);

/* Are a and b the same but for offsets? */
bool condition_eq(const struct condition *a, const struct condition *b);

#endif
