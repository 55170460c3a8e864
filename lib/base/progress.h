/*
 * progress - one line on stderr while the work is long: bytes, rate, time left.
 *
 * Shown only if stderr is a terminal or it is forced, not before a second has passed (at once
 * if forced), at most ten times a second, and cleared before any message.  One at a time in a process.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* progress_start(total, force): total bytes are to come, 0 if not known. */
void progress_start(uint64_t total, bool force);

/* bytes more are done. */
void progress_add(uint64_t bytes);

/* Clear the line and show no more. */
void progress_end(void);

#endif
