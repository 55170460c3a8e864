/*
 * rule - one document of a rule file, read and checked.
 *
 * Sigma specification 2.1.0: detection rules, correlation rules and filters.  What is wrong goes to
 * the findings, all of it; siem-rules(1) lists the ids.
 */
#ifndef SIGMA_RULE_H
#define SIGMA_RULE_H

#include "sigma/expr.h"
#include "sigma/node.h"

enum rule_kind { RULE_DETECTION, RULE_CORRELATION, RULE_FILTER };

enum level {
	LEVEL_NONE,
	LEVEL_INFORMATIONAL,
	LEVEL_LOW,
	LEVEL_MEDIUM,
	LEVEL_HIGH,
	LEVEL_CRITICAL
};

struct logsource {
	struct slice category, product, service; /* empty: not given */
};

enum correlation_type {
	CORR_EVENT_COUNT,
	CORR_VALUE_COUNT,
	CORR_TEMPORAL,
	CORR_TEMPORAL_ORDERED,
	CORR_VALUE_SUM,
	CORR_VALUE_AVG,
	CORR_VALUE_PERCENTILE,
};

/*
 * One rule that a correlation refers to, and what the correlation looks at in an event of it: group[i]
 * is what group_by[i] stands for there, value[i] what values[i] does, aliases and the pipeline of that
 * very rule applied.  They are fields of the rule referred to; of a correlation its own group_by has
 * the same name, if it has.
 */
struct reference {
	struct slice word; /* its name or id */
	struct place at;
	struct rule *rule; /* NULL: not found */
	struct field **group, **value;
};

/* "aliases": what a name made up stands for in the events of some of the rules. */
struct alias {
	struct field *field; /* of the correlation */
	struct place at;
	uint32_t n;
	struct alias_part {
		struct slice word, name; /* a rule as in rules, and its field */
		struct place at;
		const struct rule *rule; /* NULL: not found */
	} * parts;
	struct alias *next;
};

/* "gt: 10" */
struct bound {
	enum compare compare;
	struct slice number; /* decimal text */
};

/*
 * A correlation holds in a window and group if all its bounds hold of its value: how many events
 * (event_count) or different values or tuples of values[] there are (value_count), their sum, average
 * or percentile, how many of rules[] have been seen (temporal), how many of them in their order from
 * the first on (temporal_ordered: each by an event of its own, later than the one before).  temporal
 * types have either bounds or seen, which holds when what it says of TERM_RULEs is true; for
 * temporal_ordered seen is an AND of all of rules[] (or a single TERM_RULE), in order.
 */
struct correlation {
	enum correlation_type type;
	struct place type_at, at; /* at: of the key "correlation" */
	struct reference *rules;
	uint32_t rule_count;
	struct field **group_by; /* fields of the correlation: how the groups are called */
	struct place *group_at;
	uint32_t group_count;
	struct alias *aliases;
	struct slice timespan; /* as written */
	uint64_t span;         /* so many units */
	char unit;             /* s m h d w M y */
	struct bound bounds[6];
	uint32_t bound_count;
	struct place condition_at;
	struct expr *seen;     /* of temporal types without bounds */
	bool seen_text;        /* it was written, not made from rules: */
	struct slice text;     /* so */
	struct field **values; /* that value_* looks at; fields of the correlation */
	uint32_t value_count;
	struct slice percentile; /* decimal, over 0 to 100; "50" if not given */
	bool generate;
};

/* A member of a detection's map: one field under some modifiers, without "neq". */
struct item {
	struct expr *expr; /* a tree of its own */
	struct field *field;
	struct item *next;
};

/* A value under "expand" that has placeholders. */
struct placeholder {
	struct expr *expr; /* a term that has .placeholder set until values are filled in */
	const struct chain *chain;
	struct field *field;
	struct slice text; /* as the rule has it */
	struct place at;
	struct placeholder *next;
};

struct rule {
	enum rule_kind kind;
	const char *file; /* its name, for messages */
	uint32_t file_number, document;
	struct place at;          /* of the document */
	bool broken;              /* a finding says that it is wrong */
	bool referred;            /* by a correlation, without "generate: true" */
	const struct rule *lacks; /* a filter for it that is broken: it may not run without */
	struct node *root;
	struct slice title, id, name, description, response, alert_threshold, timezone;
	struct place id_at, name_at;
	enum level level;
	struct logsource logsource;
	struct field *fields; /* all that are named in it */
	uint32_t field_count;
	struct field **table; /* "fields": what to show */
	uint32_t table_count;
	struct place table_at;
	struct expr *query;    /* NULL for a correlation, or if broken; with its filters */
	struct clause *clause; /* the same, as it was written */
	uint32_t filter_count; /* how many there are in the query */
	struct item *items;
	struct placeholder *placeholders;
	struct correlation *correlation;
	enum { TIMED_UNKNOWN, TIMED_NO, TIMED_YES } timed; /* for spl_local_time */
	unsigned chain;    /* correlations that rest on one another from here; 0: not known */
	struct rule *next; /* in the set, in file order */
};

/*
 * rule_read(arena, findings, doc):
 * Read the document doc (which is not empty).  The rule's file is the caller's to fill in.
 */
struct rule *rule_read(struct arena *a, struct findings *f, const struct document *doc);

/* The rule's field called name. */
struct field *rule_field(struct arena *a, struct rule *r, struct slice name);

/* "HIGH" and so on; "" for LEVEL_NONE. */
const char *level_text(enum level level);

/* list_twice(f, list): a warning for each scalar that the list has already. */
void list_twice(struct findings *f, const struct node *list);

/* What rule_read is made of: the plain members, the detection section, and the correlation section. */
void members_read(struct findings *f, struct rule *r);
void detection_read(struct arena *a, struct findings *f, struct rule *r, bool cut);
void correlation_read(struct arena *a, struct findings *f, struct rule *r);

/* What a condition that condition_get has refused is called to people, by the rule of its diag. */
const char *detection_condition_text(const char *rule);

/*
 * detection_filter(arena, filter, target):
 * Add the filter, which is not broken, to the query of target, in whose fields it is built anew.
 */
void detection_filter(struct arena *a, const struct rule *filter, struct rule *target);

#endif
