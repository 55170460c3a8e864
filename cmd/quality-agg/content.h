/*
 * content - keys of a quality log that name what was said rather than what was measured.
 */
#ifndef QUALITY_CONTENT_H
#define QUALITY_CONTENT_H

#include "base/slice.h"

/*
 * log_content_key(key):
 * Is one of the words prompt, response, completion, text, note, content, messages, input, output,
 * body, query a whole word of key (UTF-8, unescaped; see event/content.h)?  Unlike an audit entry a
 * quality log may have any other member, so that this list is exact and guesses no relatives.
 */
bool log_content_key(struct slice key);

#endif
