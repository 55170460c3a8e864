/*
 * scan - the strict JSON reader: a pull scanner over one value in memory.
 *
 * RFC 8259, and besides: valid UTF-8 (RFC 3629), no lone surrogate in escapes, no duplicate member
 * name (compared after unescaping, per object), no NUL even escaped, nesting of at most 64.
 * Nothing is allocated per value; numbers and strings are handed out as the text they were.
 *
 * Rules in diag, the first found, with the offset of the offending byte:
 *   json-syntax     what RFC 8259 does not have there, a BOM too; at the end: something is missing
 *   json-utf8       a byte that starts no UTF-8 character, in a string or out of it
 *   json-nul        the escape \u0000 (at its backslash), or a NUL byte anywhere
 *   json-surrogate  an escaped surrogate without its partner (at its backslash)
 *   json-duplicate  a member's name given twice in one object (at the second's opening quote)
 *   json-depth      a bracket that would open one container too many
 */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/slice.h"

enum {
	JSON_DEPTH = 64,   /* containers that may be open at once; [[...]] counts 2 */
	JSON_PADDING = 64, /* bytes behind the text that must be readable (any content) */
};

enum json_type {
	JSON_END, /* the value, and the input, is complete */
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER, /* text: its digits as given */
	JSON_STRING, /* text: between the quotes, escapes as given */
	JSON_ARRAY,  /* text: empty; the elements follow, then JSON_CLOSE */
	JSON_OBJECT, /* text: empty; the members follow, then JSON_CLOSE */
	JSON_CLOSE,  /* of the innermost open container */
};

struct json_token {
	enum json_type type;
	bool escaped;      /* a string with a backslash in it: see json_text */
	bool key_escaped;  /* likewise the member's name */
	bool key_usual;    /* this was the name here in the last outermost object too */
	struct slice key;  /* in an object: the member's name between its quotes, as given */
	struct slice text; /* see enum json_type */
	size_t offset;     /* of the value's first byte in the input */
};

/* A reader: reusable, one per thread.  Holds the key table and its position. */
struct json;

struct json *json_new(void);
void json_free(struct json *j); /* accepts NULL */

/*
 * json_begin(j, text):
 * Read text, one JSON value with white space around it at most.  text stays the caller's, must
 * outlive the reading, and JSON_PADDING bytes behind it must be readable.
 */
void json_begin(struct json *j, struct slice text);

/*
 * json_next(j, token):
 * The next value, container start, or JSON_CLOSE, in document order; a member's name comes with
 * its value.  Slices point into the text.  Returns 1 for a token, 0 with JSON_END when the value is
 * complete and nothing but white space follows, -1 when the text is refused (json_diag).
 */
int json_next(struct json *j, struct json_token *token);

/* Why json_next returned -1. */
const struct diag *json_diag(const struct json *j);

/* How many containers are open. */
unsigned json_depth(const struct json *j);

/*
 * json_skip(j, token):
 * If token opens a container, read (and check) up to and with its JSON_CLOSE, and let token->text
 * be all of it from bracket to bracket.  Returns 1, or -1 as json_next.
 */
int json_skip(struct json *j, struct json_token *token);

/* json_check(j, text, d): read all of text.  Returns 0; -1 with *d if it is refused. */
int json_check(struct json *j, struct slice text, struct diag *d);

/*
 * json_text(raw, escaped, scratch):
 * The string whose raw text (checked by the scanner) is given, escapes resolved, as UTF-8.  Borrows
 * raw where nothing was escaped, else scratch, which is reset first.
 */
struct slice json_text(struct slice raw, bool escaped, struct buf *scratch);

/*
 * json_double(number):
 * The double nearest to the checked number text (ties to even); HUGE_VAL with its sign beyond range.
 */
double json_double(struct slice number);

/* json_integer(number, v): is the number integral in value ("3", "3.0", "1e3") and in int64?  Then *v is it. */
bool json_integer(struct slice number, int64_t *v);

/*
 * json_portable(on):
 * For tests and benchmarks: take the portable path of the scanner in this process, or (false) the
 * best one for the processor, which is the default.
 */
void json_portable(bool on);

#endif
