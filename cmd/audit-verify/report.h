/*
 * report - what audit-verify found, in words or as JSON lines.
 */
#ifndef AUDIT_VERIFY_REPORT_H
#define AUDIT_VERIFY_REPORT_H

#include "base/out.h"
#include "base/tool.h"
#include "log/verify.h"

enum format { FORMAT_TEXT, FORMAT_JSON };

struct report {
	struct out *out;
	enum format format;
	const char *log, *tree; /* as they are called */
	const char *checked;    /* NULL for the log's entries, else what was checked */
	bool allow_empty;
	struct verify_result result;
	const char *
	    reason; /* why nothing could be verified, if not by result; static or owned by main */
};

/* One finding, as struct verify hands it out; arg is the report. */
void report_found(void *arg, const char *file, const struct finding *f);

/* The verdict, the last line, and what is to be said beside it.  Returns the exit status. */
enum tool_status report_verdict(struct report *r);

#endif
