/*
 * archive - closing a segment: its parts and its manifest, made while no one appends.
 *
 * The order is such that being killed anywhere leaves a log that is whole: parts, each under a
 * temporary name until it is synced; the manifest, which from then on is followed by the next append
 * (it renames the log and opens the new one with the manifest's line, log/append.h); at last the
 * plain segment goes, if it is no part.  What a run that was cut short leaves is removed by the next.
 */
#ifndef LOG_ARCHIVE_H
#define LOG_ARCHIVE_H

#include "log/append.h"
#include "log/pack.h"

struct archive {
	/* Set by the caller; dir holds the log and is open for reading. */
	int dir;
	const char *base; /* the log's name in it */
	enum manifest_compression compression;
	const struct recipients *to;
	mode_t mode;
	int64_t now;
	uint64_t before; /* entries under the head before the log was locked */

	/* Set by archive_between. */
	bool nothing; /* there is no entry to be closed */
	struct buf
	    resumed; /* name of the manifest whose sealing had been cut short, or empty */
	struct buf manifest; /* name of the one made */
	const char *rule;    /* what went wrong: segment-exists, or system with error */
	int error;
};

/* For append_between; arg is the archive. */
int archive_between(void *arg, const struct append_state *state);

/*
 * archive_tidy(a): remove the plain files of those segments that are kept as other parts, all of which
 * are there and right.  To be called under no lock, after the log has gone on.  Returns 0, or -1 with
 * errno.
 */
int archive_tidy(const struct archive *a);

/*
 * archive_read(dir, name, m, sha256): read the manifest name.  Returns 0; -1 with errno (EBADMSG: it is
 * none).  manifest_free in any case.
 */
int archive_read(int dir, const char *name, struct manifest *m, struct hash *sha256);

void archive_free(struct archive *a);

#endif
