/*
 * markup - text within XML and HTML.
 */
#ifndef QUALITY_MARKUP_H
#define QUALITY_MARKUP_H

#include "base/buf.h"

/*
 * markup_put(b, text):
 * Append text, valid UTF-8, as character data or within a quoted attribute: & < > " ' as references; what XML 1.0
 * (section 2.2) does not have, controls above all, as U+FFFD; white space that is no blank as a blank.
 */
void markup_put(struct buf *b, struct slice text);

#endif
