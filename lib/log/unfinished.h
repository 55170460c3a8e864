/*
 * unfinished - a part or a manifest whose sealing was cut short, or is under way.
 *
 * Parts get their names before the log is renamed: in between, the same lines stand in both, and who
 * verifies all that is there would find them twice.  The log's own are the ones that count.
 */
#ifndef LOG_UNFINISHED_H
#define LOG_UNFINISHED_H

#include "base/slice.h"

/*
 * unfinished(tree, fd, log, name):
 * Is name (no directory) that of a part or a manifest of log's entries A to B, and does the live log,
 * open at fd, itself still begin with these, as the tree in directory tree says?  The tiles are not
 * authenticated and only some lines looked at: whoever passes over it must verify the log.
 */
bool unfinished(int tree, int fd, struct slice log, struct slice name);

/*
 * unfinished_part(part, fd, log, name):
 * The same by the lines of the part itself, open at part, whatever there is of the tree: a new
 * log after sealing does not begin as the segment did, but with a line about it.
 */
bool unfinished_part(int part, int fd, struct slice log, struct slice name);

#endif
