/*
 * stencil - lines that look like one before, read in one go.
 *
 * Who writes a log writes the same members in the same order with the same blanks.  All that stands between the
 * values of a line is remembered, and of a line that has it again only the values are looked at, each as its
 * field's kind has it nearly always: strings of plain ASCII, numbers of few digits.  Such a line is valid JSON
 * without a duplicate or content key, for the first one was; the record is what record_read makes of it.
 * Whatever is otherwise is left to record_read: that a line is not taken here says nothing about it.
 */
#ifndef QUALITY_STENCIL_H
#define QUALITY_STENCIL_H

#include "record.h"
#include "json/scan.h"

enum {
	STENCIL_WORDS = 4,    /* of 8 bytes, of what stands before a value */
	STENCIL_MEMBERS = 32, /* of a line */
	STENCIL_PATIENCE = 4, /* lines otherwise before another is learnt */
};

struct stencil_member {
	uint64_t word[STENCIL_WORDS], mask[STENCIL_WORDS];
	uint8_t len, field; /* field: FIELDS for one that is none */
};

struct stencil {
	struct stencil_member member[STENCIL_MEMBERS];
	unsigned members; /* 0: nothing is known */
	unsigned misses;  /* lines in a row that did not look like it */
	bool fits;        /* did the last one, but for a value? */
	char day[8];      /* the last date, "2026-01-", and the day of it */
	char day_rest[3];
	int64_t
	    day_start; /* when that began, in seconds from 1970; INT64_MIN: there was none */
	struct json *json;
};

void stencil_init(struct stencil *s);
void stencil_free(struct stencil *s);

/*
 * stencil_read(s, text, record):
 * Read a line from the front of text, 64 readable bytes behind it, to its LF or the end of text.  Returns its
 * length with the LF, and *record is filled in; 0 if it is to be read by record_read.
 */
size_t stencil_read(struct stencil *s, struct slice text, struct record *record);

/* A line was accepted that stencil_read did not take: learn from it, if that is due. */
void stencil_learn(struct stencil *s, struct slice line);

#endif
