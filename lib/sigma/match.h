/*
 * match - which rules an event fits.
 *
 * All rules compile into one structure: fields are numbered, the tests that rules make are shared,
 * and an index finds those that hold of an event in one pass over its values (sigma/prefilter.h).
 * Each rule waits for a few tests without which it cannot hold; only rules that have met one are
 * evaluated.
 *
 * Text: whole value, case folded (sigma/fold.h) unless cased; a number or boolean is its JSON text.
 * A list's elements are values, at any depth of lists.  A dotted field: in each object the key that
 * is all of it, else that of its first part and what is behind, through lists.
 */
#ifndef SIGMA_MATCH_H
#define SIGMA_MATCH_H

#include "base/diag.h"
#include "base/instant.h"
#include "sigma/rule.h"

enum { MATCH_NONE = UINT32_MAX };

struct matcher;

/* zoned: parts of a time are those of the process's TZ (tzset(3) has been called), not UTC. */
struct matcher *matcher_new(bool zoned);

/*
 * matcher_add(m, r, why):
 * Add a detection rule, which has to outlive m.  Returns its number, from 0 in the order added;
 * MATCH_NONE with *why (at, id, text) if it cannot run.
 */
uint32_t matcher_add(struct matcher *m, const struct rule *r, struct finding *why);

/* matcher_expr: the same for a condition by itself, which no event is searched for: see match_holds. */
uint32_t matcher_expr(struct matcher *m, const struct expr *e, struct finding *why);

/* The number of a field, by which match_first finds its values. */
uint32_t matcher_field(struct matcher *m, struct slice name);

/* When all are in: make the index. */
void matcher_ready(struct matcher *m);

uint32_t matcher_count(const struct matcher *m); /* rules added */
void matcher_free(struct matcher *m);            /* accepts NULL */

/* What one thread needs to search events. */
struct match;

struct match *match_new(const struct matcher *m, bool timed);
void match_free(struct match *x); /* accepts NULL */

/*
 * match_read(x, line, d):
 * Read an event.  line stays the caller's until the next event, with JSON_PADDING readable bytes
 * behind it.  Returns 0; -1 with *d if it is refused: json-*, json-object.
 */
int match_read(struct match *x, struct slice line, struct diag *d);

/*
 * match_find(x, rules):
 * The numbers of the rules that fit the event, ascending; borrowed until the next.  Returns how many.
 */
size_t match_find(struct match *x, const uint32_t **rules);

/* Those that could not be decided: a regular expression hit its limit. */
size_t match_undecided(const struct match *x, const uint32_t **rules);

enum held { HELD_NO, HELD_YES, HELD_UNKNOWN };

/* match_holds(x, e): does e, of matcher_expr, hold of the event?  After match_find. */
enum held match_holds(struct match *x, uint32_t e);

/* A value of the event. */
enum match_kind {
	VALUE_NULL,
	VALUE_FALSE,
	VALUE_TRUE,
	VALUE_NUMBER,
	VALUE_TEXT,
	VALUE_OBJECT,
	VALUE_LIST
};

struct match_value {
	struct slice raw; /* as in the event, a text without its quotes */
	struct slice text, folded;
	uint32_t next, field;
	enum match_kind kind;
	bool escaped, has_text, has_folded;
	uint8_t depth;
};

/* The values of a field in the order of the event: match_first, then match_next until NULL. */
struct match_value *match_first(struct match *x, uint32_t field);
struct match_value *match_next(struct match *x, const struct match_value *v);

/* The text of a text, number or boolean, escapes resolved. */
struct slice match_text(struct match *x, struct match_value *v);

/* match_stats: of rule number i, what was counted since match_new(m, true). */
struct match_stats {
	uint64_t evaluated, matched, ns;
};
const struct match_stats *match_stats(const struct match *x);

/* Why a rule holds or does not: its clauses, as written. */
struct explain;

/* explain_new(m, c): for a rule's clause, before matcher_ready; NULL if it cannot run. */
struct explain *explain_new(struct matcher *m, const struct clause *c);

/* explain_put(b, x, e): append it as JSON, of the event match_find was called for. */
void explain_put(struct buf *b, struct match *x, const struct explain *e);
void explain_free(struct explain *e); /* accepts NULL */

/*
 * explain_mark(x, e, marks):
 * For each part of e, itself first, then its parts one after the other with theirs, set in marks[i]
 * bit 0 if it holds and bit 1 if it does not.  explain_parts: how many there are; explain_part: the i-th.
 */
void explain_mark(struct match *x, const struct explain *e, unsigned char *marks);
uint32_t explain_parts(const struct explain *e);
const struct clause *explain_part(const struct explain *e, uint32_t i);

#endif
