/*
 * column - what is kept of a record: numbers, in the order of the page's --detail.
 */
#ifndef QUALITY_COLUMN_H
#define QUALITY_COLUMN_H

#include "record.h"
#include "stat/state.h"

enum column {
	COLUMN_LATENCY,
	COLUMN_PROMPT_TOKENS,
	COLUMN_COMPLETION_TOKENS,
	COLUMN_TOTAL_TOKENS, /* of records that have both */
	COLUMN_CITATIONS,
	COLUMN_SCORE,     /* not null; zeros too */
	COLUMN_DOCUMENTS, /* how many were retrieved */
	COLUMN_CACHE_HIT, /* from here on 0 and 1 */
	COLUMN_CONTENT_FILTERED,
	COLUMN_DISCLAIMER,
	COLUMN_THUMBS_UP,
	COLUMN_FLAGGED,
	COLUMNS,
	COLUMN_RATES = COLUMN_CACHE_HIT, /* the first of those */
};

extern const char *const column_names[COLUMNS];

/* What a finish_reason is, in the order of --detail (names in order). */
enum finish {
	FINISH_CONTENT_FILTER,
	FINISH_ERROR,
	FINISH_LENGTH,
	FINISH_OTHER,
	FINISH_STOP,
	FINISH_TOOL_CALLS,
	FINISHES,
};

extern const char *const finish_names[FINISHES];

/* The finish reason that text, unescaped, means: case, blanks, '_' and '-' make no difference. */
enum finish finish_get(struct slice text);

#endif
