/*
 * What the files of "siem-rules match" share.
 */
#ifndef SIEM_RULES_MATCH_H
#define SIEM_RULES_MATCH_H

#include "sigma/match.h"
#include "sigma/window.h"
#include "tool.h"

/* A --logsource; empty: not given. */
struct wanted_source {
	struct slice category, product, service;
};

enum explain_mode { EXPLAIN_NONE, EXPLAIN_FOUND, EXPLAIN_ALL };

struct match_options {
	struct sources sources; /* of rules */
	char **files;           /* events; NULL-terminated */
	unsigned file_count;
	const char *output, *stats, *pipeline, *zone;
	struct wanted_source *wanted;
	size_t wanted_count;
	enum explain_mode explain;
	bool events, strict, allow_empty, progress;
	unsigned jobs;
	size_t max_line;
	struct window_options window;
};

void match_options_get(struct match_options *o, int argc, char **argv);

/* A rule that runs. */
struct running {
	const struct rule *rule;
	uint32_t number; /* in the matcher; MATCH_NONE for a correlation */
	bool reported;
	struct buf head; /* of its rows: up to its lines */
	struct explain *explain;
	struct match_stats stats;
};

/* All of them, in load order. */
struct rules {
	struct ruleset set;
	struct matcher *matcher;
	struct windows *windows; /* NULL: no correlation */
	struct running *v;
	uint32_t count;
	uint32_t *by_number; /* of the matcher, to index in v */
};

/*
 * rules_load(rules, o):
 * Read, map and compile.  What cannot run is said.  Returns TOOL_TROUBLE if there is any such; *none if
 * no rule is left.
 */
enum tool_status rules_load(struct rules *r, const struct match_options *o, bool *none);
void rules_free(struct rules *r);

/* zone_set(zone): let local time be that of a zone of tzdata; false if there is none of that name. */
bool zone_set(const char *zone);

struct match_totals {
	uint64_t events, refused, detections;
};

/* match_run(o, rules, out, totals): search all files. */
enum tool_status match_run(const struct match_options *o, struct rules *rules, struct out *out,
    struct match_totals *totals);

#endif
