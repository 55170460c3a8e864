/*
 * pack - a segment's lines as the files in which it is kept: compressed, cut, encrypted.
 *
 * Each file is written under its name and ".tmp" and synced; when all are there they are read back and
 * must hold what was written, and only then get their names.
 */
#ifndef LOG_PACK_H
#define LOG_PACK_H

#include <sys/types.h>

#include "log/manifest.h"
#include "log/recipients.h"

struct pack_options {
	int dir; /* where the files go */
	enum manifest_compression compression;
	const struct recipients *to; /* NULL: not encrypted */
	mode_t mode;
};

/*
 * pack_segment(o, fd, bytes, m):
 * Pack the first bytes of fd, whole lines.  m has origin, segment, compression and encrypted set; it
 * gets bytes, sha256 and its parts.  Without compression and encryption the segment's own file is the
 * part, and none is written.  Returns 0; -1 with errno (EILSEQ: what was read back is not what was
 * written; EPROTO: a library failed), and no file of this name left.
 */
int pack_segment(const struct pack_options *o, int fd, uint64_t bytes, struct manifest *m);

/*
 * pack_check(dir, m, suffix): are the parts in dir, suffix behind their names, what m says, by bytes
 * and SHA-256?  Returns 1, 0 or -1 with errno.
 */
int pack_check(int dir, const struct manifest *m, const char *suffix);

#endif
