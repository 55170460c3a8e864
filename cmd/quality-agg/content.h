/*
 * content - keys that name what was said rather than what was measured.
 */
#ifndef QUALITY_CONTENT_H
#define QUALITY_CONTENT_H

#include <stdbool.h>

#include "base/slice.h"

/*
 * content_key(key):
 * Is one of the words prompt, response, completion, text, note, content, messages, input, output,
 * body, query a whole word of key (UTF-8, unescaped)?  Words end where the case rises ("promptText",
 * "HTTPBody") and at any ASCII character that is no letter.
 */
bool content_key(struct slice key);

#endif
