/*
 * ruleset - all rules that are loaded, and what is wrong with them.
 */
#ifndef SIGMA_RULESET_H
#define SIGMA_RULESET_H

#include "sigma/rule.h"

enum {
	RULESET_BYTES = 256 << 20, /* of rule text in all */
	RULESET_NODES = 2000000, /* of YAML in all; what goes beyond is refused file by file */
	RULESET_CHAIN = 64,      /* correlations that may rest on one another */
};

struct ruleset {
	struct arena arena;
	struct findings found;
	struct rule *first, *last; /* in the order they came */
	const char **files;        /* names by number */
	uint32_t file_count;
	size_t count; /* rules */
	uint64_t bytes, nodes;
};

void ruleset_init(struct ruleset *s);

/*
 * ruleset_add(s, name, text):
 * Read a file's text, in which all documents are rules; findings have its number.  text may go when
 * this returns.
 */
void ruleset_add(struct ruleset *s, const char *name, struct slice text);

/* ruleset_refuse(s, name, id, text): a file that could not be taken, as a finding in its line 1. */
void ruleset_refuse(struct ruleset *s, const char *name, const char *id, const char *text);

/*
 * ruleset_close(s):
 * When all files are in: find what correlations refer to, and ids and names used twice; add the
 * filters to the rules that they are for; put the findings in order.
 *
 * A filter is for the detection rules that it names, or any, of those whose logsource has all that
 * the filter's has; its condition has to hold besides the rule's (specification 2.1, "Sigma Filters").
 */
void ruleset_close(struct ruleset *s);

/* Is r to be reported itself: no filter, and no correlation has it as a part or one says "generate: true"? */
bool rule_reported(const struct rule *r);

/*
 * rule_source(r): the logsource of r, for a correlation that of the first rule it rests on; NULL if
 * that is not known.
 */
const struct logsource *rule_source(const struct rule *r);

/* rule_key(r): the name, else the id, else the title. */
struct slice rule_key(const struct rule *r);

/* rule_level(r): its level; a correlation without one has the highest of its rules. */
enum level rule_level(const struct rule *r);

void ruleset_free(struct ruleset *s);

#endif
