/*
 * What match is made of.  For match*.c alone.
 */
#ifndef SIGMA_MATCH_INNER_H
#define SIGMA_MATCH_INNER_H

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "sigma/arena.h"
#include "sigma/decimal.h"
#include "sigma/match.h"
#include "sigma/prefilter.h"
#include "json/scan.h"

/* Room for one more in an array of count elements. */
#define GROW(array, count, cap)                                                                \
	do {                                                                                   \
		if ((count) == (cap)) {                                                        \
			(cap) = (cap) == 0 ? 64 : (cap)*2;                                     \
			(array) = xrealloc((array), (cap), sizeof *(array));                   \
		}                                                                              \
	} while (0)

enum test_kind {
	TEST_EXACT, /* text, whole */
	TEST_PREFIX,
	TEST_SUFFIX,
	TEST_CONTAINS,
	TEST_GLOB, /* text: a pattern */
	TEST_ANY,  /* any text, number or boolean */
	TEST_NUMBER,
	TEST_PART,
	TEST_NULL,
	TEST_EXISTS,
	TEST_CIDR,
	TEST_REGEX,
	TEST_FIELD,
};

struct match_regex;

struct network {
	int family;
	unsigned bits;
	unsigned char address[16];
};

/* One question to the values of a field, or of the whole event if field is MATCH_NONE. */
struct test {
	enum test_kind kind;
	enum compare compare;
	enum part part;
	bool cased, yes;
	bool before, behind; /* of TEST_FIELD: more may stand around what other has */
	bool indexed;        /* the index finds it wherever it holds */
	bool hinted;         /* it can only hold where the index finds its literal */
	uint32_t field, other;
	uint32_t users;       /* places in rules that ask it */
	struct slice text;    /* folded unless cased */
	struct slice literal; /* folded: part of every value it holds of; may be empty */
	struct decimal number;
	int64_t whole; /* the number, if is_whole */
	bool is_whole;
	struct match_regex *regex;
	struct network net;
};

/* A place in a condition. */
struct branch {
	enum expr_op op;
	uint32_t first, n; /* kids, in matcher.kids */
	uint32_t test;
	bool shared;  /* more than one place leads here */
	bool decided; /* a test that the index settles, or an OR of such: any is enough */
	float cost;   /* how often the witness holds, roughly; < 0: there is none */
};

enum { LONG_LITERAL = 4, SHORT_LITERAL = 2 };

enum need {
	NEED_EXACT = 1,  /* there are exact texts in the index */
	NEED_NUMBER = 2, /* exact numbers */
	NEED_LONG = 4,   /* literals */
	NEED_SHORT = 8,  /* literals of two or three bytes */
	NEED_FIRST = 16, /* rules wait for the field itself */
};

/* Numbers in the order they were added, one given twice in a row once. */
struct numbers {
	uint32_t *v;
	uint32_t n, cap;
};

struct match_field {
	struct slice name;
	unsigned needs;
	uint32_t tests;       /* that ask about it */
	struct numbers rules; /* that wait for the field */
	struct numbers any;   /* tests that all its texts, numbers and booleans fit */
};

/* What a test that is found is enough for. */
struct waiting {
	struct numbers rules; /* to be candidates */
	struct numbers ors;   /* branches that are decided, to hold */
};

struct match_rule {
	const struct rule *rule;
	uint32_t root;
	uint32_t
	    next; /* rule with the same root, which the first of them waits for; MATCH_NONE */
};

/* What a member's name means in an object at the end of a path. */
struct path {
	uint32_t prefix;
	uint32_t field; /* that ends here; MATCH_NONE */
	uint32_t child; /* path that goes on; MATCH_NONE */
	bool dotted;    /* the name is more than one part of the field's */
	bool used;      /* the slot is */
	uint64_t hash;
	struct slice name;
};

struct exact {
	uint64_t hash;
	uint32_t test;
	bool number;
};

struct matcher {
	struct arena arena;
	bool zoned, ready;
	struct match_field *fields;
	uint32_t field_count, field_cap;
	struct map *field_names, *prefixes, *test_keys, *branch_keys;
	struct test *tests;
	uint32_t test_count, test_cap;
	struct branch *branches;
	uint32_t branch_count, branch_cap;
	uint32_t *kids;
	size_t kid_count, kid_cap;
	struct match_rule *rules;
	uint32_t rule_count, rule_cap;
	uint32_t *always; /* rules that wait for nothing */
	uint32_t always_count;
	struct waiting *waiting; /* by test */
	struct path *paths;      /* a hash table */
	uint32_t path_slots, path_count;
	struct exact *exacts; /* a hash table, test MATCH_NONE: empty */
	uint32_t exact_slots;
	struct prefilter *longs, *shorts;
	bool keywords;          /* values without a field are looked at */
	unsigned keyword_needs; /* NEED_LONG, NEED_SHORT */
};

/* The exact text or number of a field, for the hash table. */
static inline uint64_t
exact_hash(uint32_t field, struct slice text, bool number)
{
	return map_hash(text) ^ (field * UINT64_C(0x9e3779b97f4a7c15) + number);
}

static inline uint64_t
path_hash(uint32_t prefix, struct slice name)
{
	return map_hash(name) ^ prefix * UINT64_C(0x9e3779b97f4a7c15);
}

/* match_test.c: the number of the test that a term is, shared with equal ones. */
uint32_t test_add(struct matcher *m, const struct term *t, struct finding *why);

/* match_index.c */
void index_make(struct matcher *m);

/* match_path.c: where fields are in an event. */
void paths_add(struct matcher *m, uint32_t field);
const struct path *paths_find(const struct matcher *m, uint32_t prefix, struct slice name);

/* match_regex.c */
struct match_regex *match_regex_new(struct slice text, const char *flags);
void match_regex_free(struct match_regex *r);
/* The longest text that whatever it matches has in it, but for case; may be empty. */
struct slice match_regex_literal(struct arena *a, struct slice text);
struct regex_scratch;
struct regex_scratch *regex_scratch_new(void);
void regex_scratch_free(struct regex_scratch *s);
enum held match_regex_run(
    const struct match_regex *r, struct regex_scratch *s, struct slice text);

/* match_part.c: the part of the time that a value is; false if it is none. */
bool match_part(struct match *x, struct match_value *v, enum part part, int64_t *number);

/* The time that a text is, in RFC 3339, read once for all that ask; false if it is none. */
bool match_time(struct match *x, struct match_value *v, struct instant *t);

/* Is the field one whose numbers are seconds of the epoch? */
bool match_epoch(struct slice text, struct instant *t);

struct habit_key {
	uint8_t len;
	char text[39];
	uint32_t path; /* in paths, MATCH_NONE for none */
};

enum { HABIT_KEYS = 64 };

/* The values of a field. */
struct chain_ends {
	uint32_t epoch, first, last;
	uint64_t wins; /* the object in which its whole name was a key, by serial */
};

struct place_in_event {
	uint32_t prefix; /* MATCH_NONE: nothing below is of interest but to keywords */
	uint32_t field;  /* of a list's elements */
	uint32_t first;  /* value */
	bool list, dotted;
};

struct match {
	const struct matcher *m;
	struct json *json;
	struct regex_scratch *regex;
	uint32_t epoch;
	uint64_t objects; /* serial of those with a dotted key */
	bool unsettled;   /* values have been dropped: their chains are to be made anew */
	struct match_value *values;
	uint32_t value_count, value_cap;
	struct chain_ends *ends; /* by field */
	struct buf scratch, number;
	struct recall *recall;
	uint32_t *found;    /* by test: the epoch in which the index found it */
	uint32_t *memo;     /* by test: 4 * epoch + enum held */
	uint32_t *branches; /* by branch, likewise */
	uint64_t *tried;    /* by test: the serial of the value last looked at */
	uint64_t *told;     /* by test: the serial of the value last found to fit */
	uint64_t serial;    /* of the value that the index is asked about */
	uint32_t *fitting, fitting_count; /* tests found to fit it */
	uint64_t *candidates;             /* by rule, a bit each; none between events */
	uint32_t *hits, *unknown, hit_count, unknown_count;
	struct match_stats *stats;
	uint32_t value;         /* that is being scanned */
	uint32_t address_value; /* 1 + the value whose address has been read; 0: none */
	int family;             /* of it; 0: it is none */
	uint32_t time_value;    /* 1 + the text whose time has been read; 0: none */
	bool timed;             /* it is one */
	struct instant time;
	unsigned char address[16];
	struct place_in_event places[JSON_DEPTH + 1];
	struct habit_key habit[HABIT_KEYS];
};

static inline struct match_value *
chain_first(struct match *x, uint32_t field)
{
	const struct chain_ends *e = &x->ends[field];

	return e->epoch == x->epoch ? &x->values[e->first] : NULL;
}

static inline struct match_value *
chain_next(struct match *x, const struct match_value *v)
{
	return v->next == MATCH_NONE ? NULL : &x->values[v->next];
}

/* As match_text. */
static inline struct slice
value_text(struct match *x, struct match_value *v)
{
	return v->escaped ? match_text(x, v) : v->raw;
}

/* match_value.c */
struct slice match_folded(struct match *x, struct match_value *v);
bool test_value(struct match *x, const struct test *t, struct match_value *v);

/* match_eval.c */
enum held match_test(struct match *x, uint32_t test);
enum held match_eval(struct match *x, uint32_t branch);

/* match_scan.c: ask the index; fills the candidates. */
void match_scan(struct match *x);

/*
 * match_recall.c: the tests that the index found of a value with the same field, kind and raw text;
 * NULL if it is not remembered.  What is found depends on nothing else.
 */
struct recall;
struct recall *recall_new(void);
void recall_free(struct recall *r);
const uint32_t *recall_get(struct recall *r, const struct match_value *v, uint32_t *n);
void recall_put(
    struct recall *r, const struct match_value *v, const uint32_t *tests, uint32_t n);

static inline bool
value_is_scalar(const struct match_value *v)
{
	return v->kind >= VALUE_FALSE && v->kind <= VALUE_TEXT;
}

#endif
