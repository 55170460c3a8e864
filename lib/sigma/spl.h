/*
 * spl - rules as Splunk searches.
 *
 * A query is a base search and, where search cannot say a part exactly (a regular expression, '?', a
 * literal '*', case, a part of the time, a control character), that part widened in the base search
 * and exactly in one "| where".  Parentheses stand wherever AND and OR meet, because Splunk's manual
 * and its practice disagree on which binds tighter.  Text in where guards against absent fields.
 */
#ifndef SIGMA_SPL_H
#define SIGMA_SPL_H

#include "base/buf.h"
#include "sigma/rule.h"

enum {
	SPL_MAX = 16 << 20,       /* bytes of one query */
	SPL_STEPS = 10 * 1000000, /* operands looked at for one query */
};

/* Why a rule could not be rendered. */
struct refusal {
	struct place at;
	const char *file; /* of the place: a correlation's base rule may stand in another */
	const char *id, *text;
};

/*
 * spl_put(arena, rule, out, why):
 * Append the query of a rule, in one line.  The pipeline has been applied, and references are
 * resolved.  Returns 0; -1 with *why and out as it was.
 */
int spl_put(struct arena *a, const struct rule *r, struct buf *out, struct refusal *why);

/* Does the query of r look at the clock of the search's owner? */
bool spl_local_time(struct rule *r);

enum { SPL_PARTS = 100 }; /* parts of times that one rule may ask for */

/* A query in the making.  The rest is for the files that make up spl. */
struct spl {
	struct arena *arena;
	const struct rule *reported;
	const struct rule *rule; /* whose fields are named: reported, or one that it rests on */
	struct buf *out;
	struct refusal why; /* id: NULL if nothing went wrong yet */
	struct map *taken;  /* names that are the rules'; NULL until a helper is asked for */
	struct {
		enum part part;
		const struct field *field;
		struct slice name;
	} parts[SPL_PARTS]; /* that where asks for */
	size_t part_count;
	uint64_t steps;
};

/* The base search of a detection rule, and the where behind it. */
void spl_detection(struct spl *s, const struct rule *r);

/* The same for a query, whose fields are those of s->rule. */
void spl_events(struct spl *s, struct expr *query);

/* The query of a correlation. */
void spl_correlation(struct spl *s, const struct rule *r);

/* The name of a part of a field's time, which an eval before the where makes. */
struct slice spl_part(struct spl *s, enum part part, const struct field *f, struct place at);

/* Account for n operands looked at; false, with a refusal, if that is too much. */
bool spl_step(struct spl *s, uint64_t n);

void spl_refuse(struct spl *s, struct place at, const char *id, const char *text);

/*
 * spl_judge(e):
 * Learn, once, for e and all below it:
 *   exact    search can say it
 *   wide     what search can say to keep all its events is nothing
 *   narrow   search can say nothing that keeps only its events
 *   timed    it asks for a part of the time
 */
void spl_judge(struct expr *e);

/* Append e, which is judged and not wide, as a search. */
void spl_search(struct spl *s, const struct expr *e);

/* Append e as a where expression. grouped: it stands between ANDs. */
void spl_where(struct spl *s, const struct expr *e, bool grouped);

/* The time of an event is what timestamp stands for. */
bool spl_is_time(const struct field *f);

/* Field names: in search, by and table; in where.  A control character is refused. */
void spl_field(struct spl *s, const struct field *f, struct place at);
void spl_eval_field(struct spl *s, const struct field *f, struct place at);
bool spl_bare(struct slice name);

/*
 * The name of a field of ours, which is none that the reported rule or any that it rests on names;
 * number, if not 0, is put behind it.  Lives as long as the arena.
 */
struct slice spl_helper(struct spl *s, const char *name, uint32_t number);

/* A name as search, by and table have it, and as where has it. */
void spl_name(struct spl *s, struct slice name, struct place at);
void spl_eval_name(struct spl *s, struct slice name, struct place at);

/* Names of ours are none that r names. */
void spl_take(struct spl *s, const struct rule *r);

/* Append text with '?' for what may not stand raw. */
void spl_clean(struct buf *b, struct slice text);

/* The timespan of c, as bin and relative_time have it. */
void spl_span(struct buf *b, const struct correlation *c);

/* Text in double quotes, the same in search and in where. */
void spl_quote(struct buf *b, struct slice text);

/* Is c one that may not stand raw in a query? */
bool spl_control(uint32_t c);

#endif
