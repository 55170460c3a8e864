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

/* One rule that a correlation refers to. */
struct reference {
	struct slice word; /* its name or id */
	struct place at;
	struct rule *rule; /* NULL: not found */
};

/* "gt: 10" */
struct bound {
	enum compare compare;
	struct slice number; /* decimal text */
};

struct correlation {
	enum correlation_type type;
	struct place type_at;
	struct reference *rules;
	uint32_t rule_count;
	struct field **group_by;
	uint32_t group_count;
	struct slice timespan; /* as written */
	uint64_t span;         /* so many units */
	char unit;             /* s m h d w M y */
	struct bound bounds[6];
	uint32_t bound_count;
	struct field *field;                         /* that value_* looks at; NULL for none */
	const struct node *fields;                   /* a list of them */
	const struct node *aliases, *text_condition; /* NULL for none */
	bool generate;
};

struct rule {
	enum rule_kind kind;
	const char *file; /* its name, for messages */
	uint32_t file_number, document;
	struct place at; /* of the document */
	bool broken;     /* a finding says that it is wrong */
	bool referred;   /* by a correlation, without "generate: true" */
	bool filtered;   /* a filter is for it */
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
	struct expr *query; /* NULL for a correlation, or if broken */
	struct correlation *correlation;
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

/* What rule_read is made of: the detection section, and the correlation section. */
void detection_read(struct arena *a, struct findings *f, struct rule *r, bool cut);
void correlation_read(struct arena *a, struct findings *f, struct rule *r);

#endif
