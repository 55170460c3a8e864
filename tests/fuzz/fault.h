/*
 * fault - one input as it is, and again with calls that fail.
 *
 * A harness that is linked with fault.c defines trial() in place of LLVMFuzzerTestOneInput.  Between
 * fault_on and fault_off the linker has led the system calls and the allocations of all that is
 * linked here to fault.c (FAULTS in the Makefile), which counts them.  Then the trial is had again,
 * with one call failing (EIO, ENOSPC), all from one on failing, or one cut short or interrupted; and
 * in a process of its own with an allocation failing, OpenSSL's, zlib's and zstd's too.  What call
 * and how follows from the input's bytes; replay.c has many of them, evenly.
 *
 * The law: a trial under faults gives the answer of the one without, or cannot say; where reading
 * is cut short, or a call interrupted, it gives that answer; out of memory it may also end with
 * status 2.  No descriptor is left open, and afterwards the trial without faults is what it was.
 */
#ifndef FUZZ_FAULT_H
#define FUZZ_FAULT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/slice.h"

#define MUST(cond)                                                                             \
	do                                                                                     \
		if (!(cond))                                                                   \
			fault_broken(__FILE__, __LINE__);                                      \
	while (0)

/* Say where, and what failed, and abort. */
_Noreturn void fault_broken(const char *file, int line);

enum { CANNOT = 0, ANSWER = 1 };

/* CANNOT, or ANSWER with all of what was answered added to it. */
uint64_t trial(struct slice input);
uint64_t answer_add(uint64_t answer, struct slice what);
uint64_t answer_number(uint64_t answer, uint64_t n);

/* The answer, of which only verdict (1 to 255) has to stay the same when a call fails. */
uint64_t answer_verdict(uint64_t answer, uint8_t verdict);

void fault_on(void);
void fault_off(void);

/*
 * Has a call of this trial failed, not just been cut short or interrupted?  After fault_over no
 * other one does, and none counts.
 */
bool fault_hit(void);
bool fault_any(void); /* or been that */
void fault_over(void);

#endif
