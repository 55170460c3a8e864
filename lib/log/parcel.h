/*
 * parcel - a closed segment as its manifest describes it (log/manifest.h), with the parts beside it.
 */
#ifndef LOG_PARCEL_H
#define LOG_PARCEL_H

#include "log/manifest.h"

struct parcel {
	struct buf path; /* of the manifest, a C string */
	bool good;       /* it could be read as one: the rest is known */
	struct manifest manifest;
	struct hash leaf; /* of the line that must follow the segment in the log */
};

/*
 * parcel_open(path):
 * Read the manifest at path.  Returns NULL with errno if the file cannot be read.
 */
struct parcel *parcel_open(const char *path);
void parcel_free(struct parcel *s); /* accepts NULL */

/* Append the path of part number i, with a NUL behind it: beside the manifest. */
void parcel_part_put(struct buf *b, const struct parcel *s, size_t i);

enum part_state {
	PART_ERROR = -1, /* could not be read: errno; ENOENT if it is missing */
	PART_GOOD,
	PART_OTHER, /* not of the bytes that the manifest says */
};

/* Compare the bytes of part i, path, with the manifest. */
enum part_state parcel_part_check(const struct parcel *s, size_t i, const char *path);

#endif
