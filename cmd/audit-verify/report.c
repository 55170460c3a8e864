#include "report.h"

#include <errno.h>
#include <string.h>

#include "base/utf8.h"

const char *const report_kind[FOUND_KINDS] = {
	[FOUND_MODIFIED] = "modified",
	[FOUND_DELETED] = "deleted",
	[FOUND_INSERTED] = "inserted",
	[FOUND_MOVED] = "moved",
	[FOUND_DUPLICATED] = "duplicated",
	[FOUND_TRUNCATED] = "truncated",
	[FOUND_TORN] = "torn",
	[FOUND_TRAILING] = "trailing",
	[FOUND_UNREADABLE] = "unreadable",
	[FOUND_TILE_DAMAGED] = "tile-damaged",
	[FOUND_HEAD_DAMAGED] = "head-damaged",
	[FOUND_PART_DAMAGED] = "part-damaged",
	[FOUND_MANIFEST_DAMAGED] = "manifest-damaged",
	[FOUND_RETENTION] = "retention",
	[FOUND_ROLLBACK] = "rollback",
	[FOUND_FORK] = "fork",
	[FOUND_STALE] = "stale",
};

static const char no_entry[] = "no entry to check";

const struct report_format *
report_format_of(const char *name)
{
	static const struct report_format *const formats[] = { &report_text, &report_json,
		&report_prometheus, &report_nagios };

	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

/* A path may hold anything: in a line of text, and in JSON, it must not. */
void
report_put_clean(struct buf *b, struct slice s)
{
	const char *end = s.p + s.len;
	unsigned n;

	for (const char *p = s.p; p < end; p += n) {
		n = utf8_get(p, end, NULL);
		if (n == 0 || (unsigned char)*p < 0x20 || *p == 0x7f) {
			buf_byte(b, '?');
			n = 1;
		} else {
			buf_add(b, p, n);
		}
	}
}

void
report_put_file(
    struct buf *b, const struct report *r, enum verify_place place, const char *file)
{
	struct buf path = { 0 };

	if (place != AT_TREE)
		buf_str(&path, tool_file(file));
	else if (file[0] == '\0')
		buf_str(&path, r->tree);
	else
		buf_printf(&path, "%s/%s", r->tree, file);
	report_put_clean(b, buf_view(&path));
	buf_free(&path);
}

void
report_put_reason(struct buf *b, const struct report *r)
{
	const struct verify_result *v = &r->result;
	struct buf file = { 0 };

	if (r->reason != NULL) {
		report_put_clean(b, slice_of(r->reason));
		return;
	}
	buf_slice(&file, buf_view(&v->file));
	report_put_file(b, r, v->place, buf_cstr(&file));
	buf_str(b, ": ");
	if (v->reason.len > 0)
		buf_slice(b, buf_view(&v->reason));
	else
		buf_str(b, strerror(v->error));
	buf_free(&file);
}

void
report_found(void *arg, const struct verify_finding *f)
{
	struct report *r = arg;
	struct buf line = { 0 };

	if (r->first.len == 0)
		report_put_words(&r->first, r, f);
	if (r->format->found == NULL)
		return;
	r->format->found(&line, r, f);
	out_put(r->out, buf_view(&line));
	buf_free(&line);
}

/* What the system refused is said on stderr, too. */
static void
say_reason(const struct report *r)
{
	struct buf text = { 0 };

	report_put_reason(&text, r);
	warn("%s", buf_cstr(&text));
	buf_free(&text);
}

/* What is no finding, on stderr. */
static void
say_notes(const struct report *r)
{
	const struct verify_result *v = &r->result;

	if (v->unsealed > 0)
		note_at(tool_file(v->unsealed_file), v->unsealed_line, "%llu unsealed line%s",
		    (unsigned long long)v->unsealed, v->unsealed == 1 ? "" : "s");
	if (v->missing > 0)
		note_at(r->tree, 0, "%llu tile%s missing, made anew from what is below",
		    (unsigned long long)v->missing, v->missing == 1 ? "" : "s");
	if (v->untold > 0)
		note_at(r->tree, 0, "%llu older head%s not compared: the tiles are missing",
		    (unsigned long long)v->untold, v->untold == 1 ? "" : "s");
	if (v->coarse)
		note_at(tool_file(r->log), 0, "too many differences to tell all apart");
}

enum tool_status
report_verdict(struct report *r)
{
	const struct verify_result *v = &r->result;
	enum tool_status status = v->findings > 0 ? TOOL_NO : TOOL_OK;
	struct buf line = { 0 };

	if (r->reason == NULL && v->state == VERIFY_DONE && status == TOOL_OK && v->read == 0 &&
	    r->checked == NULL && !r->allow_empty)
		r->reason = no_entry;
	if (r->reason != NULL || v->state == VERIFY_CANNOT)
		status = TOOL_TROUBLE;
	say_notes(r);
	if (status == TOOL_TROUBLE && v->reason.len == 0 && r->reason != no_entry &&
	    v->error != EINTR) /* a signal speaks for itself */
		say_reason(r);
	if (status == TOOL_OK && tool_quiet() && !r->format->always)
		return status;
	r->format->verdict(&line, r, status);
	out_put(r->out, buf_view(&line));
	buf_free(&line);
	return status;
}
