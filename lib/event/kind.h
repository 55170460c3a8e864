/*
 * kind - the grammars of an entry's values (audit-entry(5), KINDS).
 *
 * Each takes a whole value as UTF-8, without quotes and escapes, of any bytes: what is no
 * well-formed UTF-8 fits nothing.  None allocates, and none looks at the locale.
 */
#ifndef EVENT_KIND_H
#define EVENT_KIND_H

#include "base/buf.h"

enum {
	TOKEN_MAX = 128, /* code points */
	LABEL_MAX = 64,  /* code points */
	LABEL_WORDS = 4,
	PATH_MAX_BYTES = 128,
	PATHS_MAX = 256, /* paths to a list */
};

/*
 * kind_token(text, plain):
 * 1 to TOKEN_MAX code points, each an ASCII letter or digit, one of . _ : / @ + - # ~ = ' \ | $, or
 * a letter or mark outside ASCII.  *plain (may be NULL) says whether text, if it fits, may stand
 * between quotes in JSON as it is: ASCII without a backslash.  So for the others.
 */
bool kind_token(struct slice text, bool *plain);

/* kind_word(text, plain): token characters, 1 to LABEL_MAX. */
bool kind_word(struct slice text, bool *plain);

/* kind_label(text, plain): at most LABEL_WORDS words of token characters with one space between, LABEL_MAX in all. */
bool kind_label(struct slice text, bool *plain);

/*
 * kind_path(text): [A-Za-z][A-Za-z0-9_]* joined by '.', each part after the first perhaps ending
 * in "[x]" (a FHIR choice element), at most PATH_MAX_BYTES.
 */
bool kind_path(struct slice text);

/* kind_ip(text): what inet_pton(3) reads as an IPv4 or IPv6 address. */
bool kind_ip(struct slice text);

/*
 * kind_time(text, utc):
 * Read an RFC 3339 time (base/instant.h) and append the same instant to utc with 'T', 'Z' and the
 * fraction digits given.
 */
bool kind_time(struct slice text, struct buf *utc);

#endif
