/*
 * baseline - what the present is compared with: logs or states, read as the input is, but without its
 * limits of time.
 */
#ifndef QUALITY_BASELINE_H
#define QUALITY_BASELINE_H

#include "result.h"
#include "source.h"

struct baseline {
	struct aggregate_options options; /* the source borrows them */
	struct source source;
	struct result result;
};

/*
 * baseline_read(b, path, o, by, max_bad):
 * Read all of path, a log or states, with the options of the input, by the fields of the input.  Returns
 * TOOL_OK; TOOL_NO if more than max_bad lines were refused or --strict stopped it; TOOL_TROUBLE, said,
 * if there is nothing to compare with.  b is to be freed in any case.
 */
enum tool_status baseline_read(struct baseline *b, char *path,
    const struct aggregate_options *o, const struct by *by, uint64_t max_bad);

/* Accepts a zeroed one. */
void baseline_free(struct baseline *b);

#endif
