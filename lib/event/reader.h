/*
 * reader - a JSON object as an entry, its names checked.
 *
 * A format says which names it reads and where they stand (reader_name); the reader does the rest,
 * the same for all: the strict scan of all of the text, members given twice in two spellings,
 * names of content at any depth, names that are not known.
 */
#ifndef EVENT_READER_H
#define EVENT_READER_H

#include "event/guard.h"

struct format;

/* Reusable, one per thread. */
struct reader;

/* A reader of records in format (event/format.h), which can be read. */
struct reader *reader_new(const struct format *format);
void reader_free(struct reader *r); /* accepts NULL */

/*
 * reader_name(r, in, key, field):
 * For a format to call: field is read from the member key of the object that is the member in of the
 * record, or of the record itself if in is NULL.  Several names may mean one field.  The strings
 * are borrowed and must outlive r.
 */
void reader_name(struct reader *r, const char *in, const char *key, enum field field);

/*
 * reader_get(r, text, e, why):
 * Read text, with JSON_PADDING readable bytes behind it, into e, whose values borrow text and r
 * until the next call.  Values are not judged: that is the guard's.  Returns 0; -1 with *why, the
 * first that holds of: what the scanner refuses, or json-duplicate, or json-object; content-key;
 * unknown-key.  A member that is not in the schema is named by its place in the record (that of
 * the record's member it is in, if it is deeper).
 */
int reader_get(struct reader *r, struct slice text, struct entry *e, struct refusal *why);

#endif
