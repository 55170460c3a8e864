/*
 * content - names of members that hold what people and models wrote.
 *
 * Prompts, responses and notes are where health information is; a member that names such content
 * is refused under a rule of its own, at any depth.
 */
#ifndef EVENT_CONTENT_H
#define EVENT_CONTENT_H

#include "base/slice.h"

/*
 * content_key(key):
 * Is one of the whole words of key (UTF-8, unescaped) a word for content: prompt, response,
 * completion, text, note, content, message, input, output, body, query and their like, in singular
 * or plural?  Words end at anything but a letter, and where case says so: "rawPromptText",
 * "LLM_PROMPT", "HTTPBody" and "text2" have one, "context" and "notebook" have none.
 */
bool content_key(struct slice key);

/*
 * key_has_word(key, words, n, plurals):
 * Is one of the n words (small letters), or with plurals its plural, a whole word of key?
 */
bool key_has_word(struct slice key, const char *const *words, size_t n, bool plurals);

#endif
