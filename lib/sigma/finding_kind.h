/*
 * finding_kind - all that can be wrong with a rule: the one table of stable ids.
 *
 * siem-rules-check(7) is this table for people, and SARIF's list of rules for machines.
 */
#ifndef SIGMA_FINDING_KIND_H
#define SIGMA_FINDING_KIND_H

#include "sigma/finding.h"

struct finding_kind {
	const char *id;
	enum severity severity; /* the worst that a finding of this kind can have */
	const char *text;       /* what it means */
	const char *mend;       /* what to do */
};

/* In the order of the page; ends in a row without id. */
extern const struct finding_kind finding_kinds[];

/* finding_kind(id): its number in finding_kinds, or -1. */
int finding_kind(const char *id);

#endif
