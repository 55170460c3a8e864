/*
 * The verdict for machines that watch: a textfile for Prometheus's node_exporter (its text format,
 * version 0.0.4), and a line for Nagios (its plugin guidelines).
 */
#include "report.h"

/* A label's value: backslash, quote and LF are escaped. */
static void
put_label(struct buf *b, const char *value)
{
	struct buf clean = { 0 };

	report_put_clean(&clean, slice_of(value));
	for (size_t i = 0; i < clean.len; i++) {
		if (clean.p[i] == '\\' || clean.p[i] == '"')
			buf_byte(b, '\\');
		buf_byte(b, clean.p[i]);
	}
	buf_free(&clean);
}

static void
put_about(struct buf *b, const char *name, const char *help)
{
	buf_printf(b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void
put_gauge(struct buf *b, const struct report *r, const char *name, const char *kind)
{
	buf_printf(b, "%s{", name);
	if (kind != NULL)
		buf_printf(b, "kind=\"%s\",", kind);
	buf_str(b, "log=\"");
	put_label(b, tool_file(r->log));
	buf_str(b, "\"} ");
}

static void
put_prometheus(struct buf *b, const struct report *r, enum tool_status status)
{
	static const char is[] = "audit_log_verify_status", entries[] = "audit_log_entries",
			  findings[] = "audit_log_findings",
			  time[] = "audit_log_head_timestamp_seconds";
	const struct verify_result *v = &r->result;

	put_about(b, is, "0 intact, 1 findings, 2 could not be verified.");
	put_gauge(b, r, is, NULL);
	buf_printf(b, "%d\n", (int)status);
	if (status == TOOL_TROUBLE)
		return;
	put_about(b, entries, "Entries under the signed head.");
	put_gauge(b, r, entries, NULL);
	buf_printf(b, "%llu\n", (unsigned long long)v->entries);
	put_about(b, findings, "Findings by kind.");
	for (size_t i = 0; i < FOUND_KINDS; i++) {
		put_gauge(b, r, findings, report_kind[i]);
		buf_printf(b, "%llu\n", (unsigned long long)v->kinds[i]);
	}
	if (!v->timed)
		return;
	put_about(b, time, "Signed time of the head, in seconds since 1970.");
	put_gauge(b, r, time, NULL);
	buf_printf(b, "%lld\n", (long long)v->time);
}

/* What is told of findings: the first one. */
static void
put_findings(struct buf *b, const struct report *r)
{
	const struct verify_result *v = &r->result;

	buf_printf(b, "%llu finding%s: ", (unsigned long long)v->findings,
	    v->findings == 1 ? "" : "s");
	buf_slice(b, buf_view(&r->first));
}

static void
put_nagios(struct buf *b, const struct report *r, enum tool_status status)
{
	static const char *const word[] = { "OK", "CRITICAL", "UNKNOWN" };
	const struct verify_result *v = &r->result;
	struct buf text = { 0 };

	if (status == TOOL_TROUBLE) {
		report_put_reason(&text, r);
	} else if (status == TOOL_NO) {
		put_findings(&text, r);
	} else
		report_put_ok(&text, r);
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] == '|')
			text.p[i] = '/';
	buf_printf(b, "AUDITLOG %s - ", word[status]);
	buf_slice(b, buf_view(&text));
	if (status != TOOL_TROUBLE)
		buf_printf(b, " | entries=%llu findings=%llu", (unsigned long long)v->entries,
		    (unsigned long long)v->findings);
	buf_byte(b, '\n');
	buf_free(&text);
}

const struct report_format report_prometheus = {
	.name = "prometheus",
	.verdict = put_prometheus,
	.always = true,
	.code = { 0, 1, 2 },
};

const struct report_format report_nagios = {
	.name = "nagios",
	.verdict = put_nagios,
	.always = true,
	.code = { 0, 2, 3 },
};
