/*
 * What the files of "siem-rules test" share.
 */
#ifndef SIEM_RULES_TEST_H
#define SIEM_RULES_TEST_H

#include "sigma/match.h"
#include "sigma/window.h"
#include "tool.h"

/* A detection rule that the rule under test is, or rests on. */
struct bench_part {
	const struct rule *rule;
	struct explain *explain; /* NULL: no clause */
	unsigned char *marks;    /* see explain_mark */
	uint32_t count;
};

/* One rule and all that it rests on, ready to be fed. */
struct bench {
	const struct rule *rule;
	struct window_options options;
	struct matcher *matcher;
	struct windows *windows;
	struct bench_part *parts;
	uint32_t part_count;
	const struct rule **correlations; /* by order in windows */
	uint32_t correlation_count;
	uint32_t *fired; /* how often each has been */
	struct match *match;
	struct collector *collector;
	struct feed *feed;
	bool hit; /* the rule has fired since this was cleared */
};

/* bench_open(b, r, zoned, why): returns 0; -1 with *why if the rule cannot run. */
int bench_open(struct bench *b, const struct rule *r, bool zoned, struct finding *why);
void bench_close(struct bench *b);

/* Start a new stream of events. */
void bench_begin(struct bench *b);

/* One event: sets hit if the rule fires at it.  Returns 0; -1 with *d if it is none. */
int bench_event(struct bench *b, struct slice line, uint64_t number, struct diag *d);

/* The end of the stream: likewise. */
void bench_end(struct bench *b);

enum sample { SAMPLE_HIT, SAMPLE_MISS };
enum verdict { VERDICT_OK, VERDICT_WRONG, VERDICT_SKIPPED };

enum { WRONG_LINES = 10 };

/* What came of one file of samples. */
struct result {
	const struct rule *rule;
	enum sample kind;
	enum verdict verdict;
	struct buf name;             /* the file's */
	const char *why;             /* for all of it; NULL: see lines */
	uint64_t lines[WRONG_LINES]; /* those that are wrong */
	const char *line_why[WRONG_LINES], *line_rule[WRONG_LINES];
	uint64_t wrong, events;
};

/*
 * sample_run(b, folder, kind, single, result):
 * Find the rule's file of samples of that kind, in folder (may be NULL), beside the rule's file or in
 * samples/ there, and run it.  single: the file has no other rule to report.  Returns TOOL_TROUBLE if
 * it is there and cannot be read.
 */
enum tool_status sample_run(
    struct bench *b, const char *folder, enum sample kind, bool single, struct result *result);

/* Reports. */
struct report {
	struct out *out;
	bool junit, coverage;
	uint64_t count, failed, skipped;
	struct buf cases, uncovered; /* of JUnit */
};

void report_result(struct report *r, const struct result *x);
void report_coverage(struct report *r, const struct bench *b);
void report_end(struct report *r);

#endif
