/*
 * verdict - one comparison of a metric with its baseline, and what is to be thought of it.
 *
 * What is compared, by which kind of test, which direction is worse and how much matters is one
 * table; --worse and --min-effect change a copy of it.
 */
#ifndef QUALITY_VERDICT_H
#define QUALITY_VERDICT_H

#include "base/instant.h"
#include "column.h"
#include "group.h"
#include "human.h"
#include "stat/proportion.h"

/* In the order of the rows. */
enum compared {
	COMPARED_LATENCY,
	COMPARED_SLOW,
	COMPARED_PROMPT_TOKENS,
	COMPARED_COMPLETION_TOKENS,
	COMPARED_TOTAL_TOKENS,
	COMPARED_SCORE,
	COMPARED_CITATIONS,
	COMPARED_CACHE_HIT,
	COMPARED_CONTENT_FILTER,
	COMPARED_DISCLAIMER,
	COMPARED_POSITIVE,
	COMPARED_FLAGGED,
	COMPARED_TRUNCATED,
	COMPARED_ERROR,
	COMPARED_FINISH,
	COMPARED_MODEL,
	COMPARED,
};

enum approach {
	APPROACH_SHIFT,  /* of the values of a column */
	APPROACH_MEAN,   /* of a column */
	APPROACH_RATE,   /* of true in a column */
	APPROACH_FINISH, /* the rate of one finish reason */
	APPROACH_SLOW,   /* the rate of latencies above the baseline's p95 */
	APPROACH_MIX,
};

struct compared_row {
	const char *name;
	enum approach approach;
	int source; /* an enum column, or an enum finish; 0 of a mix */
	enum unit unit;
};

extern const struct compared_row compared_table[COMPARED];

enum worse { WORSE_UP, WORSE_DOWN, WORSE_NONE };
extern const char *const worse_names[];

/* What may be changed of a metric. */
struct rule {
	enum worse worse;
	double min_effect;
	bool percent; /* of |baseline| */
};

void rules_init(struct rule rules[COMPARED]);

/*
 * rules_worse(rules, text): "METRIC=up|down|none"; rules_min_effect(rules, text): "METRIC=V[%],...".
 * Return NULL, or what is wrong (a static string).
 */
const char *rules_worse(struct rule rules[COMPARED], struct slice text);
const char *rules_min_effect(struct rule rules[COMPARED], struct slice text);

/* A plain decimal number, 0 or more. */
bool number_get(struct slice text, double *v);

enum test { TEST_Z, TEST_FISHER, TEST_RANK, TEST_RANK_SKETCH, TEST_WELCH, TEST_G };
extern const char *const test_names[];

/* From bad to good. */
enum verdict { REGRESSED, SUSPECT, UNDERPOWERED, HELD, IMPROVED, VERDICTS };
extern const char *const verdict_names[VERDICTS];

/* One row.  A double that is NAN stands for null. */
struct row {
	struct slice key; /* of the group (group.h) */
	enum compared metric;
	enum verdict verdict;
	enum test test;
	enum worse worse;
	uint64_t base_n, now_n;
	double base, now; /* what is shown of both sides */
	double effect;
	struct interval range;
	double min_effect;
	double p, p_holm;
	double cusum;
	bool drifts; /* cusum has reached its limit, in the run that began at since */
	struct instant since;
};

/*
 * row_judge(r, alpha):
 * The verdict of a row that is complete but for it (the page's table, "Did it regress?").
 */
enum verdict row_judge(const struct row *r, double alpha);

/* Append a row as a JSON object; cusum and cusum_since only with every. */
void row_put(struct buf *b, const struct by *by, const struct row *r, bool every);

#endif
