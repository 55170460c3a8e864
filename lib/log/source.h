/*
 * source - the bytes of a log segment, however it is kept: plain, gzip, zstd, or a stream.
 *
 * What it is shows in its first bytes: gzip (RFC 1952) or zstd (RFC 8878), all members and frames,
 * skippable ones passed over; anything else is plain.  Memory is bounded: a zstd frame whose window
 * is over 32 MiB is not read.  Reading counts as progress (base/progress.h).
 */
#ifndef LOG_SOURCE_H
#define LOG_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum source_end {
	SOURCE_MORE,     /* not at the end yet */
	SOURCE_WHOLE,    /* all came out */
	SOURCE_TRAILING, /* so it did, and bytes follow that are no member or frame */
	SOURCE_BROKEN,   /* the compressed data is damaged or cut short */
	SOURCE_WINDOW,   /* zstd with a window over 32 MiB */
};

struct source;

enum source_form {
	SOURCE_ANY,    /* as its first bytes say */
	SOURCE_PLAIN,  /* whatever they say: the first record of a log may be any bytes */
	SOURCE_PACKED, /* broken if they do not say that it is compressed */
};

/* Read fd, which stays the caller's, from where it stands. */
struct source *source_open(int fd, enum source_form form);
void source_free(struct source *s); /* accepts NULL */

/* Give back what reading takes; there is nothing to read then before source_rewind. */
void source_rest(struct source *s);

/*
 * source_read(s, p, n):
 * Put up to n > 0 bytes into p.  Returns how many; 0 at the end, for which see source_end; -1 with
 * errno (EINTR: a held signal cuts it short, base/lines.h).
 */
ssize_t source_read(struct source *s, void *p, size_t n);
enum source_end source_end(const struct source *s);

/* With SOURCE_TRAILING: how many bytes follow. */
uint64_t source_extra(const struct source *s);

/* Do the first bytes of the regular file fd say that it is plain?  Does not move it. */
bool source_looks_plain(int fd);

/* Can it be read once more?  source_rewind does so: 0, or -1 with errno. */
bool source_can_rewind(const struct source *s);
int source_rewind(struct source *s);

#endif
