/*
 * expr - what a rule asks of an event, as a tree of terms.
 *
 * Every identifier of a rule is built once and shared by all places that name it, so the tree is a
 * graph without rings and its size is bounded by the file's.  A rule's fields are interned: a
 * pipeline renames one in one place.
 */
#ifndef SIGMA_EXPR_H
#define SIGMA_EXPR_H

#include "sigma/finding.h"

enum {
	EXPR_KIDS = 1000000
}; /* operands and comparisons with a pattern in one rule's condition */

struct field {
	struct slice name;   /* as the rule has it */
	struct slice mapped; /* as the pipeline has it */
	struct field *next;
};

/* The parts of a date that a modifier can name. */
enum part { PART_NONE, PART_MINUTE, PART_HOUR, PART_DAY, PART_WEEK, PART_MONTH, PART_YEAR };

enum compare { CMP_EQ, CMP_NEQ, CMP_GT, CMP_GTE, CMP_LT, CMP_LTE };

enum term_kind {
	TERM_TEXT,   /* text: a pattern */
	TERM_NUMBER, /* text: decimal; compare says how */
	TERM_BOOL,   /* yes */
	TERM_NULL,
	TERM_EXISTS, /* yes: it is to exist */
	TERM_CIDR,   /* text: the network */
	TERM_REGEX,  /* text: PCRE; flags: of "ims" */
	TERM_FIELD,  /* equal to the field other */
};

struct term {
	enum term_kind kind;
	enum part part;       /* of field, compared with a number */
	enum compare compare; /* CMP_EQ but for numbers */
	bool cased, yes;
	bool placeholder; /* text has one that "expand" is to replace */
	bool variant;     /* text is one of the spellings that a modifier makes of a value */
	char flags[4];
	struct slice text;
	struct field *field; /* NULL: a keyword, looked for anywhere in the event */
	struct field *other;
	struct place at; /* of the value */
};

enum expr_op { EXPR_FALSE, EXPR_TRUE, EXPR_AND, EXPR_OR, EXPR_NOT, EXPR_TERM };

struct expr {
	enum expr_op op;
	bool variants; /* an OR of spellings of one value, which stays an OR */
	bool judged;   /* for spl_judge, which says what the next three are */
	bool exact, wide, narrow, timed;
	uint32_t n; /* kids; NOT has one */
	struct expr **kids;
	struct term *term;
};

/* A growing list of operands, on its way to being an expr. */
struct operands {
	struct expr **v;
	size_t n, cap;
};

void operands_add(struct operands *o, struct expr *e);

/*
 * expr_join(arena, op, o):
 * The operands joined by EXPR_AND or EXPR_OR, simplified where one is known to be true or false; a
 * single one stays itself.  Frees o.
 */
struct expr *expr_join(struct arena *a, enum expr_op op, struct operands *o);

struct expr *expr_not(struct arena *a, struct expr *kid);
struct expr *expr_known(struct arena *a, bool yes);
struct expr *expr_term(struct arena *a, const struct term *t);

#endif
