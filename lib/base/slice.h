/*
 * slice - borrowed bytes.
 *
 * A slice never owns: whoever made the bytes says how long they live.  It may hold NULs and
 * need not end in one.  {NULL, 0} is the empty slice.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *p;
	size_t len; /* bytes */
};

/* A string literal or array as a slice, without its NUL. */
#define SLICE(lit) ((struct slice){ (lit), sizeof(lit) - 1 })

/* slice_of(s): the bytes of the C string s, without its NUL. */
static inline struct slice
slice_of(const char *s)
{
	return (struct slice){ s, strlen(s) };
}

static inline bool
slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* slice_is(a, s): does a hold exactly the C string s? */
static inline bool
slice_is(struct slice a, const char *s)
{
	return slice_eq(a, slice_of(s));
}

static inline bool
slice_starts(struct slice a, struct slice prefix)
{
	return a.len >= prefix.len &&
	    (prefix.len == 0 || memcmp(a.p, prefix.p, prefix.len) == 0);
}

static inline bool
slice_ends(struct slice a, struct slice suffix)
{
	return a.len >= suffix.len &&
	    (suffix.len == 0 || memcmp(a.p + a.len - suffix.len, suffix.p, suffix.len) == 0);
}

/* slice_cmp(a, b): <0, 0, >0 in byte order (a prefix sorts first). */
int slice_cmp(struct slice a, struct slice b);

/*
 * slice_cut(rest, sep, part):
 * Split *rest at the first byte sep: *part gets what stands before it, *rest what follows.
 * Returns true; false when rest has no sep, with *part the whole and *rest empty.
 */
bool slice_cut(struct slice *rest, char sep, struct slice *part);

/*
 * slice_u64(s, max, value):
 * Read all of s as a decimal number without sign, blank or leading zero (but "0").
 * Returns 0; -1 if it is anything else or above max.
 */
int slice_u64(struct slice s, unsigned long long max, unsigned long long *value);

#endif
