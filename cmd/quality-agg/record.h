/*
 * record - one quality-log line, checked, as numbers.
 *
 * The fields, their kinds and which of them are required are one table (the page "quality-agg,
 * Input"); a line has one JSON object with any other members besides, so long as none, at any
 * depth, has a key that names content (see content.h).
 */
#ifndef QUALITY_RECORD_H
#define QUALITY_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"
#include "base/slice.h"

/* In the order of the table, which is the order of checks. */
enum field {
	REQUEST_ID,
	TIMESTAMP,
	MODEL_ID,
	MODEL_VERSION,
	USE_CASE,
	PROMPT_TOKENS,
	COMPLETION_TOKENS,
	LATENCY_MS,
	RETRIEVED_DOCUMENT_IDS,
	TOP_RETRIEVAL_SCORE,
	CACHE_HIT,
	FINISH_REASON,
	CONTENT_FILTERED,
	DISCLAIMER_PRESENT,
	CITATION_COUNT,
	CLINICIAN_THUMBS_UP,
	CLINICIAN_FLAGGED,
	CLINICIAN_FLAG_REASON,
	FIELDS,
};

enum kind {
	KIND_TEXT,   /* a string */
	KIND_NAME,   /* a string of 1 to 128 characters */
	KIND_TIME,   /* a string: RFC 3339 */
	KIND_COUNT,  /* an integral number, 0 to 1e15 */
	KIND_NUMBER, /* a number, 0 to 1e15 */
	KIND_SIGNED, /* a number, -1e15 to 1e15 */
	KIND_BOOL,   /* true or false */
	KIND_TEXTS,  /* a list of strings; its number is their count */
};

struct field_row {
	const char *name;
	enum kind kind;
	bool required; /* else it may be absent or null */
};

extern const struct field_row field_table[FIELDS];

struct record {
	uint32_t given;   /* bit f is set: field f is there and not null */
	uint32_t escaped; /* bit f is set: text[f] has escapes in it */
	double
	    number[FIELDS]; /* of those given: numbers, booleans as 0 and 1, counts of lists */
	struct slice text[FIELDS]; /* of those given that are a KIND_NAME: as in the line */
	struct instant time;
	bool evaluation; /* a verdict on a record that is elsewhere, and no record itself */
};

enum {
	NO_FIELD = -1,
	RECORD_NAME_MAX = 128, /* characters of a KIND_NAME */
};

/* Why a line was refused.  Static strings: nothing of the line is in it. */
struct refusal {
	const char *rule; /* a stable id */
	const char *text; /* for people */
	int field;        /* which one, or NO_FIELD */
	uint64_t member;  /* of content-key: the line's member with that key in it, from 1 */
};

/* Reads lines one by one; one to a thread. */
struct record_reader;

/* lenient: only the time is required. */
struct record_reader *record_reader_new(bool lenient);
void record_reader_free(struct record_reader *r); /* accepts NULL */

/*
 * record_read(r, line, record, why):
 * Check line, JSON_PADDING readable bytes behind it, and fill in *record.  Returns 0; -1 with *why:
 * the first of what is wrong with the line as JSON, content keys, then fields in table order.
 */
int record_read(
    struct record_reader *r, struct slice line, struct record *record, struct refusal *why);

#endif
