/*
 * records - the lines of a log's files, oldest first, plain or compressed, one after another.
 */
#ifndef LOG_RECORDS_H
#define LOG_RECORDS_H

#include <stddef.h>

#include "base/digest.h"

enum { RECORDS_RUN = 256 };

struct records {
	const int *fd; /* n regular files, the live log last; they are read from their begin */
	size_t n;
	bool skip_long;  /* lines over 65,535 bytes, which no head can cover, are left out */
	size_t at;       /* the one that was read last */
	const char *why; /* records_each returned -1: what is wrong with it; NULL: errno */
};

/*
 * records_each(r, take, arg):
 * Hand all whole lines (without LF) to take, 1 to RECORDS_RUN at a time; what it returns but 0 ends it.
 * A last line without LF is left out if it is the live log's.  Returns 1; 0 if take ended it; -1 if a
 * file cannot be read (r->at, r->why: "unreadable" compressed data, "torn", "line-length").
 */
typedef int record_take(void *arg, const struct slice *line, size_t n);
int records_each(struct records *r, record_take *take, void *arg);

/*
 * The entries that the first line may be, in a log of size entries whose tree is in directory tree:
 * found[0..n), the likeliest first, n at most RECORDS_FIRST.  Lines is how many there are in all.
 * Nothing is proved by it.
 */
enum { RECORDS_FIRST = 3 };
size_t records_first(int tree, uint64_t size, uint64_t lines, uint64_t found[RECORDS_FIRST]);

/* How many whole lines there are.  Returns 0; -1 as records_each. */
int records_count(struct records *r, uint64_t *lines);

#endif
