/*
 * human - numbers for people: four digits that count, thousands apart, percent for rates.
 */
#ifndef QUALITY_HUMAN_H
#define QUALITY_HUMAN_H

#include "base/buf.h"
#include "group.h"
#include "stat/proportion.h"

enum unit { UNIT_COUNT, UNIT_MS, UNIT_RATE, UNIT_NUMBER };

/* Append v; NAN (null) is "-". */
void human_put(struct buf *b, enum unit unit, double v);

/* Append v as an axis has it whose marks are step apart. */
void human_tick(struct buf *b, enum unit unit, double v, double step);

/* Append a difference, with its sign; that of rates in percentage points, "pp". */
void human_difference(struct buf *b, enum unit unit, double v);

/* Append "-1.5 to +3 ms"; nothing for NAN. */
void human_interval(struct buf *b, enum unit unit, struct interval v);

/* Append a p value: "<0.001" or three digits. */
void human_p(struct buf *b, double p);

/* What is said of a part of a key that is no string: "null", "false" or "true". */
struct slice key_word(int kind);

/* Append "model_id=m use_case=u", the parts of a key; "all" if it has none. */
void human_key(struct buf *b, const struct by *by, struct slice key);

/* Append t as a date, and its time where a bucket is not whole days. */
void human_time(struct buf *b, struct instant t, int64_t every);

#endif
