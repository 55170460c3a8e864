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

/* A row's last member: the event, without white space around it.  Begins in ", ". */
void row_put_line(struct buf *b, struct slice line);

/* A row for an event on a line.  tail: what a worker has put behind the row's own members. */
void row_put_event(struct buf *b, const struct running *r, const struct origin *o,
    uint64_t line, struct slice tail);

/* A row for a window, decided at a line.  event: the line's text, if it is to be shown. */
void row_put_window(struct buf *b, const struct running *r, const struct origin *o,
    const struct window_found *f, uint64_t line, struct slice event, bool explain);

#endif
