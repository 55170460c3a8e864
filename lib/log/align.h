/*
 * align - what was done to a log: its lines' hashes against the sealed leaves.
 *
 * Lines are added in order and compared with the leaves one by one.  Where they differ, the next
 * ALIGN_WINDOW lines are read ahead and aligned with as many leaves (log/diff.h); a stretch longer
 * than that is found again by an index of the leaves, a sample of them in a log of over a million
 * lines.  What has no partner ends up in gaps; in the end every line of a gap is looked for among
 * all leaves, which tells moved and duplicated lines from new ones.
 *
 * Memory is bounded whatever the log and the damage (some 40 MB at the very worst, next to nothing
 * for a few differences), and so is time: O(n log n).  The bounds cost exactness only where
 * hundreds of thousands of lines were changed: beyond ALIGN_LINES lines without partner, further
 * ones are not looked for elsewhere, and behind ALIGN_GAPS gaps the rest is one gap.
 */
#ifndef LOG_ALIGN_H
#define LOG_ALIGN_H

#include "base/digest.h"

enum {
	ALIGN_WINDOW = 1 << 14,
	ALIGN_LINES = 1 << 18,
	ALIGN_GAPS = 1 << 18,
};

enum finding_kind {
	FOUND_MODIFIED,   /* other bytes stand in its place */
	FOUND_DELETED,    /* sealed, and not in the file */
	FOUND_INSERTED,   /* in the file, and never sealed */
	FOUND_MOVED,      /* sealed, and standing somewhere else */
	FOUND_DUPLICATED, /* sealed, and standing once more */
	FOUND_TRUNCATED,  /* deleted, from there to the end */
	FOUND_TORN,       /* the last line of a segment, without its LF */
	/* The others are not of align's making (log/verify.h). */
	FOUND_TRAILING,
	FOUND_UNREADABLE,
	FOUND_TILE_DAMAGED,
	FOUND_HEAD_DAMAGED,
	FOUND_PART_DAMAGED,
	FOUND_MANIFEST_DAMAGED,
	FOUND_RETENTION,
	FOUND_ROLLBACK,
	FOUND_FORK,
	FOUND_STALE,
	FOUND_KINDS,
};

/* Lines of all segments, numbered through, against the sealed leaves. */
struct finding {
	enum finding_kind kind;
	uint64_t line;  /* from 1; of what is missing: where it would stand */
	uint64_t entry; /* from 0; of an inserted line: the one before which it stands */
	uint64_t count; /* entries, of an inserted run lines */
	uint64_t
	    at; /* the entry before which a line stands that is not in place, or ALIGN_NONE */
	uint64_t copy; /* modified: the entry whose copy stands there now, or ALIGN_NONE */
	bool lost; /* modified: the tile of these leaves is lost, nothing finer can be said */
};

#define ALIGN_NONE UINT64_MAX

struct align_source {
	void *arg;
	/* Sealed leaf i; false if no one knows it any more. */
	bool (*leaf)(void *arg, uint64_t i, struct hash *leaf);
	/*
	 * Lines that stand where the unknown leaves i and following should: width(arg, i) of them,
	 * where i is a multiple of 256.  Returns true if they are those; leaf then knows them.
	 * May be NULL.
	 */
	bool (*offer)(void *arg, uint64_t i, const struct hash *leaves);
	unsigned (*width)(void *arg, uint64_t i);
};

struct align;

/* Align with sealed leaves.  The source must live as long. */
struct align *align_new(uint64_t sealed, const struct align_source *source);

/*
 * align_begin(a): the next line is the first of a segment.  So if it is one of the n leaves in
 * starts (rising; borrowed), where segments are said to begin, and all lines so far have their
 * place, then the leaves before that one have no line.  starts may lie: they are only looked at.
 */
void align_begin(struct align *a, const uint64_t *starts, size_t n);

/* The next n lines. */
void align_add(struct align *a, const struct hash *lines, size_t n);

/* The last line that was added has no LF. */
void align_torn(struct align *a);

/*
 * align_spare(a, line): if none of the lines from line on (from 0) is a sealed one, and all leaves
 * behind those before it are missing, then these lines are not sealed yet and take no one's place.
 */
void align_spare(struct align *a, uint64_t line);

/*
 * align_end(a, found, arg):
 * There are no more lines.  Calls found for every finding, in the order of lines.  Returns the
 * number of lines behind the last sealed one: they are not sealed yet, which is no finding, and a
 * torn one among them is none either.
 */
uint64_t align_end(
    struct align *a, void (*found)(void *arg, const struct finding *), void *arg);

/* After align_end: was there so much damage that the bounds above took hold? */
bool align_coarse(const struct align *a);

void align_free(struct align *a); /* accepts NULL */

#endif
