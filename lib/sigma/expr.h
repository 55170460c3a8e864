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

struct node;

struct field {
	struct slice name;   /* as the rule has it */
	struct slice mapped; /* as the pipeline has it */
	bool alias;          /* a name that a correlation has made up: no pipeline renames it */
	bool
	    several; /* the pipeline has it under more names than mapped: only terms can say so */
	const struct node *names; /* while such a pipeline is applied */
	struct field *next;
};

/* The parts of a date that a modifier can name. */
enum part { PART_NONE, PART_MINUTE, PART_HOUR, PART_DAY, PART_WEEK, PART_MONTH, PART_YEAR };

enum compare { CMP_EQ, CMP_NEQ, CMP_GT, CMP_GTE, CMP_LT, CMP_LTE };

/* Does a comparison hold of what is less than (-1), equal to (0) or greater than (1) what it is with? */
static inline bool
compare_holds(enum compare how, int sign)
{
	switch (how) {
	case CMP_EQ: return sign == 0;
	case CMP_NEQ: return sign != 0;
	case CMP_GT: return sign > 0;
	case CMP_GTE: return sign >= 0;
	case CMP_LT: return sign < 0;
	case CMP_LTE: return sign <= 0;
	}
	return false;
}

enum term_kind {
	TERM_TEXT,   /* text: a pattern */
	TERM_NUMBER, /* text: decimal; compare says how */
	TERM_BOOL,   /* yes */
	TERM_NULL,
	TERM_EXISTS, /* yes: it is to exist */
	TERM_CIDR,   /* text: the network */
	TERM_REGEX,  /* text: PCRE; flags: of "ims" */
	TERM_FIELD,  /* what the field other has, byte by byte */
	TERM_RULE,   /* in a correlation's condition: rules[rule] has been seen */
};

struct term {
	enum term_kind kind;
	enum part part;       /* of field, compared with a number */
	enum compare compare; /* CMP_EQ but for numbers */
	bool cased, yes;
	bool before, behind; /* of TERM_FIELD: more may stand around what other has */
	bool placeholder;    /* text has one that "expand" is to replace */
	bool variant;        /* text is one of the spellings that a modifier makes of a value */
	char flags[4];
	struct slice text;
	struct field *field; /* NULL: a keyword, looked for anywhere in the event */
	struct field *other;
	uint32_t rule;
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

/*
 * A part of a rule as its author wrote it, for telling which part of an event's rule held: what stands
 * under it, and what decides it.  Identifiers are shared as their expressions are.
 */
enum clause_kind {
	CLAUSE_AND,
	CLAUSE_OR,
	CLAUSE_NOT,
	CLAUSE_SELECT,  /* text: "1 of sel_*" */
	CLAUSE_ID,      /* text: a search identifier */
	CLAUSE_FIELD,   /* text: a key with its modifiers */
	CLAUSE_KEYWORD, /* text: the keyword */
	CLAUSE_FILTER,  /* text: the filter's title */
};

struct clause {
	enum clause_kind kind;
	struct slice text;
	struct expr *expr;
	uint32_t n;
	struct clause **kids;
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

/*
 * expr_vacuous(e, yes):
 * Does e hold, or not, whatever its operands come to, as in "a or not a"?  Only one and the same operand
 * is seen as such, and long lists are passed over.
 */
bool expr_vacuous(const struct expr *e, bool *yes);

/* Is there a NOT in e (which may be NULL)? */
bool expr_negates(const struct expr *e);

/* expr_copy(arena, e, from, to): a copy of the tree e in which terms look at the field to for from. */
struct expr *expr_copy(
    struct arena *a, const struct expr *e, const struct field *from, struct field *to);

#endif
