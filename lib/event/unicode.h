/*
 * unicode - what a code point is, without asking the locale.
 *
 * Unicode 14.0 (the table is made by unicode.py); code points assigned later are no letters here.
 */
#ifndef EVENT_UNICODE_H
#define EVENT_UNICODE_H

#include <stdint.h>

#include "base/slice.h"

struct unicode_range {
	uint32_t first, last;
};

extern const struct unicode_range unicode_letters[];
extern const size_t unicode_letters_count;

/* Is it outside ASCII, and a letter or a mark (general category L* or M*)? */
bool unicode_letter(uint32_t point);

/*
 * unicode_unseen(point):
 * Is it a control character (Cc), or one that steers or hides text without showing itself: the
 * property Default_Ignorable_Code_Point, which has in it every Bidi_Control character, the
 * zero-width ones, soft hyphen, tags, variation selectors and the Hangul fillers?
 */
bool unicode_unseen(uint32_t point);

#endif
