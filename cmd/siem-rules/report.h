/*
 * What is said about a rule besides its query.
 */
#ifndef SIEM_RULES_REPORT_H
#define SIEM_RULES_REPORT_H

#include "base/buf.h"
#include "sigma/rule.h"
#include "term/style.h"

/* text without white space at its ends: a block scalar ends in a line end. */
struct slice report_trim(struct slice text);

/* The description; with the time zone it counts hours in, if it does. */
void report_description(struct buf *b, struct rule *r);

/* "alert_threshold" as the rule has it, else "> 10 in 5m by user_id", or "any event". */
void report_threshold(struct buf *b, const struct rule *r);

enum style report_style(enum level level);

#endif
