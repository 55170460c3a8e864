/*
 * manifest - what a closed segment of a log was, for as long as it is kept.
 *
 * The file SEGMENT.manifest, where SEGMENT is the log's name, "-A-B": its first and last entry, 12
 * digits at least.  It is one line of JSON in exactly one form: members and spaces as manifest_put
 * writes them.  The line after the segment's last in the log holds the SHA-256 of the whole file:
 * so the manifest is under the log's signed head.  A part's name follows from the rest and is never
 * a path.
 */
#ifndef LOG_MANIFEST_H
#define LOG_MANIFEST_H

#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/digest.h"

enum {
	MANIFEST_MAX = 16 << 20,  /* bytes */
	MANIFEST_PART = 64 << 20, /* bytes of the (compressed) segment in a CMS message */
	MANIFEST_DAYS = 2192,     /* from sealing to retain_until: six years */
};

enum manifest_compression { MANIFEST_PLAIN, MANIFEST_ZSTD, MANIFEST_GZIP };

struct manifest_part {
	uint64_t bytes; /* of the file as it is kept */
	struct hash sha256;
};

struct manifest {
	struct slice origin, segment; /* of manifest_get: they live as long as the manifest */
	uint64_t first, last;         /* entries, from 0 */
	uint64_t bytes;               /* of the plain lines */
	struct hash sha256;
	struct slice head; /* the signed note at sealing: a head of last + 1 entries */
	int64_t sealed_at; /* seconds since 1970 */
	enum manifest_compression compression;
	bool encrypted;
	struct manifest_part *part;
	size_t parts;    /* 1 or more; without encryption 1 */
	struct buf text; /* of manifest_get: what the slices point into */
};

/*
 * manifest_get(text, m, d):
 * Read all of text, the file's bytes.  Returns 0; -1 with d: manifest-syntax.  manifest_free in any
 * case (a zeroed manifest is fine).
 */
int manifest_get(struct slice text, struct manifest *m, struct diag *d);
void manifest_free(struct manifest *m);

/* Append the file's bytes. */
void manifest_put(struct buf *b, const struct manifest *m);

/* Append the name of a segment whose log is called log (no directory): "audit.jsonl-...-...". */
void manifest_segment_put(struct buf *b, struct slice log, uint64_t first, uint64_t last);

/* Append the name of part number i (from 0) of m. */
void manifest_part_put(struct buf *b, const struct manifest *m, size_t i);

/* When m may be deleted, in seconds since 1970. */
int64_t manifest_retain_until(const struct manifest *m);

/*
 * manifest_line_put(b, m, sha256):
 * Append the line (with its LF) that follows the segment in the log: entry last + 1.  sha256 is
 * that of the manifest's bytes.
 */
void manifest_line_put(struct buf *b, const struct manifest *m, const struct hash *sha256);

/*
 * manifest_name_get(name, log, first, last):
 * Is name (no directory) that of a manifest, and of which log and entries?  *log is borrowed from
 * name.  Returns 0 or -1.
 */
int manifest_name_get(struct slice name, struct slice *log, uint64_t *first, uint64_t *last);

/* The same of a manifest, or of a part that is not encrypted. */
int manifest_part_get(struct slice name, struct slice *log, uint64_t *first, uint64_t *last);

/* May name be a log's whose segments have manifests: UTF-8 without control characters or "/"? */
bool manifest_log_ok(struct slice name);

#endif
