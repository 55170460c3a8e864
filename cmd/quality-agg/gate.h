/*
 * gate - what --baseline and --fail-if ask for, and the exit status that they lead to.
 */
#ifndef QUALITY_GATE_H
#define QUALITY_GATE_H

#include "base/tool.h"
#include "compare.h"
#include "json/query.h"

struct gate {
	char *baseline;      /* path; NULL: none */
	const char *fail_if; /* jq program; NULL: none */
	struct compare_options compare;
	bool require_power;
};

/* The query of --fail-if; NULL, said, if it does not compile. */
struct query *gate_query(const char *program);

/*
 * gate_cells(q, r, detail, failed):
 * Ask q about the dictionary of every cell of r: failed[i] becomes whether it yields anything but false and
 * null for the i-th in order of output.  TOOL_NO if any does, TOOL_TROUBLE if q ends in an error; both said.
 */
enum tool_status gate_cells(struct query *q, const struct result *r, bool detail, bool *failed);

/* What the verdicts come to, said where they are not plain. */
enum tool_status gate_verdicts(const struct comparison *c, const struct gate *g);

#endif
