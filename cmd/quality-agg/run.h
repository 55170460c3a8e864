/*
 * run - the work of quality-agg, from the files to what is said last.
 */
#ifndef QUALITY_RUN_H
#define QUALITY_RUN_H

#include "options.h"

/* Do what o asks with the files, a NULL-ended list (none: stdin).  Returns the status so far. */
enum tool_status run(const struct options *o, char **paths);

#endif
