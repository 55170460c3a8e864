/*
 * style - whether and how to colour what a person looks at.
 *
 * Select Graphic Rendition of ECMA-48 section 8.3.117, the eight standard colours only.
 */
#ifndef TERM_STYLE_H
#define TERM_STYLE_H

#include "base/buf.h"

enum style { STYLE_NONE, STYLE_BOLD, STYLE_DIM, STYLE_RED, STYLE_YELLOW, STYLE_GREEN };

/*
 * style_wanted(when, fd, on):
 * Set *on for the argument of --color (NULL: not given): "always", "never", or "auto", which is a
 * terminal at fd without NO_COLOR in the environment (no-color.org) and with a TERM that is not
 * "dumb".  Returns 0; -1 if when is anything else.
 */
int style_wanted(const char *when, int fd, bool *on);

/* What turns a style on, and what turns all off; "" for STYLE_NONE. */
const char *style_begin(enum style style);
const char *style_end(enum style style);

/*
 * style_unicode(fd): may what is written to fd hold any character?  What is no terminal takes UTF-8; a terminal
 * does if LC_ALL, LC_CTYPE or LANG, the first of them that is set, says so.
 */
bool style_unicode(int fd);

/* The longest start of clean text that takes at most columns. */
struct slice style_cut(struct slice text, size_t columns);

/* The columns of the terminal at fd; 0 if it is none. */
unsigned style_width(int fd);

/* Its rows, likewise. */
unsigned style_height(int fd);

/*
 * style_clean(b, text):
 * Append text so that it can do a terminal no harm: each control or direction character, and each
 * byte that is no UTF-8, as '?'; a run of white space and line ends as one blank.
 */
void style_clean(struct buf *b, struct slice text);

/* The columns that clean text takes: 0 for a combining character, 2 for a wide one (UAX 11). */
size_t style_columns(struct slice text);

#endif
