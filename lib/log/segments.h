/*
 * segments - the files that hold a log, oldest first, read as one run of lines.
 *
 * All lines are numbered through from 0.  A stream can be read once only: its leaves are kept in an
 * unnamed temporary file, and a second reading takes them from there.
 */
#ifndef LOG_SEGMENTS_H
#define LOG_SEGMENTS_H

#include <stddef.h>

#include "base/digest.h"
#include "log/parcel.h"
#include "log/source.h"

struct segment {
	const char *name; /* as it is called in messages; borrowed */
	int fd;           /* open for reading, at its begin; -1: not to be read */
	enum source_form form;
	uint64_t bytes; /* read so many, and to the end of that line: a log may be growing */

	const struct parcel *parcel; /* the manifest it is given by, or NULL */
	bool present; /* its entries are there, encrypted: no one here can read them */
	bool
	    waiting; /* the tile that would tell whether the log names the manifest is not there */

	/* Known after a reading. */
	uint64_t first, lines; /* its first line and how many */
	bool torn;             /* its last line has no LF */
	enum source_end end;   /* SOURCE_MORE: behind what bytes allowed */
	uint64_t extra;        /* bytes behind the compressed ones */

	struct source *source; /* while the segments are open */
	int spool;             /* leaves of a stream; -1 for none */
};

struct segments {
	struct segment *segment; /* the caller's */
	size_t n;
	unsigned jobs;
	void *arg;
	/* Segment i begins.  May be NULL. */
	void (*begin)(void *arg, size_t i);
	/* Its next lines.  False stops. */
	bool (*take)(void *arg, const struct hash *leaves, size_t n);
	/* It has ended.  May be NULL. */
	void (*end)(void *arg, size_t i);
	size_t at; /* the segment that was being read last */
};

/* Make the n segments ready for reading; segments_close in any case, the descriptors stay open. */
void segments_open(struct segment *segment, size_t n);
void segments_close(struct segment *segment, size_t n);

/* Read all.  Returns 1; 0 if take stopped it; -1 with errno, and at says where. */
int segments_read(struct segments *s);

/* An empty file without a name, in TMPDIR or /tmp, to read and write; -1 with errno. */
int segments_spool(void);

/* The segment that holds a line; of one behind all, the last that has any. */
size_t segments_place(const struct segment *segment, size_t n, uint64_t line);

#endif
