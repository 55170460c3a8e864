/*
 * note - C2SP signed notes (c2sp.org/signed-note): a text, an empty line, signature lines.
 *
 * A signature line is U+2014, space, key name, space, base64(4 bytes key id || signature), LF.
 * The text is what was signed, its last LF included.  Reading checks the form alone.
 */
#ifndef LOG_NOTE_H
#define LOG_NOTE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"

enum {
	NOTE_MAX = 1 << 20, /* bytes */
	NOTE_LINES = 100,   /* signature lines */
};

struct note_line {
	struct slice whole; /* the line with its LF, borrowed from the message */
	struct slice name;  /* borrowed from the message */
	uint32_t id;
	struct slice blob; /* what follows the id, 1 byte or more; lives as long as the note */
};

struct note {
	struct slice text; /* with its last LF; borrowed from the message */
	size_t n;          /* 1 to NOTE_LINES */
	struct note_line line[NOTE_LINES];
	struct buf blobs; /* what the lines' blobs point into */
};

/*
 * note_get(message, n, d):
 * Read all of message.  Returns 0; -1 with d for what is no note: note-utf8 (a control character
 * too), note-syntax, note-size.  note_free in any case (a zeroed note is fine).
 */
int note_get(struct slice message, struct note *n, struct diag *d);
void note_free(struct note *n);

/* Append one signature line. */
void note_put_line(struct buf *b, struct slice name, uint32_t id, const void *blob, size_t len);

/* Is s UTF-8 (RFC 3629) without control characters but LF? */
bool note_text_ok(struct slice s);

#endif
