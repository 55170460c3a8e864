/*
 * bundles - is a log what its signed head says, by the entry bundles in its tree (log/bundle.h)?
 *
 * For logs that others made: an entry may be any bytes, LF too, and there is no file of lines.
 */
#ifndef LOG_BUNDLES_H
#define LOG_BUNDLES_H

#include "log/verify.h"

struct bundles {
	int tree;                /* directory, open for reading */
	const struct head *head; /* HEAD_GOOD */
	void *arg;
	void (*found)(void *arg, const struct verify_finding *f);
};

/* Check all entries.  r has what is known of the head; findings, read, missing and state are added. */
void bundles_verify(const struct bundles *b, struct verify_result *r);

#endif
