/*
 * export - a log's lines as the entry bundles that other clients read.
 */
#ifndef LOG_EXPORT_H
#define LOG_EXPORT_H

#include <sys/types.h>

#include "log/records.h"
#include "log/sealed.h"

struct export
{
	struct sealed *sealed;
	struct records *records;
	mode_t mode;
	/* Of the entries from first to last (both included) only, in order: NULL for all, as bundles. */
	int (*entry)(void *arg, uint64_t index, struct slice line);
	void *arg;
	uint64_t first, last;

	uint64_t at;           /* the entry that was looked at last */
	enum tile_state state; /* with "tile", of sealed->tree.bad */
	/*
	 * "lines": they do not fit the tiles at entry at; "missing": they end before it; "tile";
	 * "records": see there; "stopped": entry did not return 0; NULL: errno.
	 */
	const char *why;
};

/* Every line is compared with its leaf, which is authenticated.  Returns 0, or -1 with e->why. */
int export_lines(struct export *e);

#endif
