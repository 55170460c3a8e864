/*
 * pattern - strings with wildcards, as Sigma writes them (specification 2.1, "Special values").
 *
 * A pattern is UTF-8 text in which two bytes that UTF-8 never has stand for the wildcards.
 */
#ifndef SIGMA_PATTERN_H
#define SIGMA_PATTERN_H

#include "base/buf.h"

#define PATTERN_MANY '\xFF' /* '*': any run of characters */
#define PATTERN_ONE '\xFE'  /* '?': one character */

/*
 * pattern_get(text, out):
 * Append text as a pattern: '*' and '?' are wildcards, "\*", "\?" and "\\" are the characters
 * themselves, any other backslash stands for itself.
 */
void pattern_get(struct slice text, struct buf *out);

/* Does p have a wildcard? */
bool pattern_wild(struct slice p);

/* Is p nothing but '*'? */
bool pattern_any(struct slice p);

/*
 * pattern_glob(glob, name):
 * Does glob, in which only '*' is special, fit all of name?  Time is at most glob.len * name.len.
 */
bool pattern_glob(struct slice glob, struct slice name);

#endif
