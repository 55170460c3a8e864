/*
 * Rows: detections as JSON, one object a line.
 */
#ifndef SIEM_RULES_MATCH_ROW_H
#define SIEM_RULES_MATCH_ROW_H

#include "match.h"

/* Where lines are: files one after the other. */
struct origin {
	char *const *files;
	unsigned count;
	uint64_t *first; /* lines before each file */
};

/* What stands behind a row's own members, made by a worker: event, held, explain.  Begins in ", ". */
void row_put_tail(struct buf *b, bool events, struct slice line);

/* A row for an event on a line. */
void row_put_event(struct buf *b, const struct running *r, const struct origin *o,
    uint64_t line, struct slice tail);

/* A row for a window, decided at a line.  event: the line's text, if it is to be shown. */
void row_put_window(struct buf *b, const struct running *r, const struct origin *o,
    const struct window_found *f, uint64_t line, struct slice event, bool explain);

#endif
