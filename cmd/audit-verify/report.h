/*
 * report - what audit-verify found: in words, as JSON lines, for Prometheus or for Nagios.
 */
#ifndef AUDIT_VERIFY_REPORT_H
#define AUDIT_VERIFY_REPORT_H

#include "base/out.h"
#include "base/tool.h"
#include "log/verify.h"

struct report {
	struct out *out;
	const struct report_format *format;
	const char *log, *tree; /* as they are called */
	const char *checked;    /* NULL for the log's entries, else what was checked */
	bool allow_empty;
	bool partial; /* not all entries were to be read: say how many were */
	struct verify_result result;
	/* Why nothing could be verified, if not by result; static or owned by settings. */
	const char *reason;
	struct buf first; /* the first finding in words, for what has room for one */
};

/*
 * A way to report.  found and verdict append to b; a way without found counts only.  always: the
 * verdict is given with -q too.
 */
struct report_format {
	const char *name;
	void (*found)(struct buf *b, const struct report *r, const struct verify_finding *f);
	void (*verdict)(struct buf *b, const struct report *r, enum tool_status status);
	bool always;
	int code[3]; /* exit statuses for ok, findings, could not be verified */
};

extern const struct report_format report_text, report_json, report_prometheus, report_nagios;

/* The format called name, or NULL. */
const struct report_format *report_format_of(const char *name);

/* One finding, as struct verify hands it out; arg is the report. */
void report_found(void *arg, const struct verify_finding *f);

/* The verdict, the last line, and what is to be said beside it. */
enum tool_status report_verdict(struct report *r);

/* What the formats share: they append to b. */
extern const char *const report_kind[FOUND_KINDS];
void report_put_clean(struct buf *b, struct slice s); /* without what ends or breaks a line */
void report_put_file(
    struct buf *b, const struct report *r, enum verify_place place, const char *file);
void report_put_reason(struct buf *b, const struct report *r);
void report_put_ok(struct buf *b, const struct report *r); /* behind "ok: " */
void report_put_words(struct buf *b, const struct report *r, const struct verify_finding *f);

#endif
