/* Findings and verdict as JSON, one object a line. */
#include "base/codec.h"
#include "base/instant.h"
#include "report.h"
#include "json/write.h"

static void
put_string(struct buf *b, const char *key, struct slice value)
{
	buf_printf(b, ", \"%s\": ", key);
	json_put_string(b, value, JSON_UTF8);
}

/* The same of what may hold any bytes. */
static void
put_clean(struct buf *b, const char *key, struct slice value)
{
	struct buf clean = { 0 };

	report_put_clean(&clean, value);
	put_string(b, key, buf_view(&clean));
	buf_free(&clean);
}

static void
put_number(struct buf *b, const char *key, bool known, uint64_t value)
{
	if (known)
		buf_printf(b, ", \"%s\": %llu", key, (unsigned long long)value);
	else
		buf_printf(b, ", \"%s\": null", key);
}

static void
put_found(struct buf *b, const struct report *r, const struct verify_finding *f)
{
	bool entries = f->entry != ALIGN_NONE;
	struct buf text = { 0 };

	report_put_file(&text, r, f->place, f->file);
	buf_printf(b, "{\"kind\": \"%s\"", report_kind[f->kind]);
	put_string(b, "file", buf_view(&text));
	put_number(b, "line", f->line > 0, f->line);
	put_number(b, "entry", entries, f->entry);
	put_number(b, "count", entries, f->count);
	if (f->copy != ALIGN_NONE)
		put_number(b, "copy_of", true, f->copy);
	if (f->kind == FOUND_TRAILING)
		put_number(b, "bytes", true, f->bytes);
	if (f->timed) {
		buf_reset(&text);
		instant_put(&text, (struct instant){ f->time, 0 }, 0);
		put_string(b, "existed_until", buf_view(&text));
	}
	if (f->ours.len > 0)
		put_string(b, "head", f->ours);
	if (f->theirs.len > 0)
		put_string(b, "other_head", f->theirs);
	buf_str(b, "}\n");
	buf_free(&text);
}

static void
put_head(struct buf *b, const struct verify_result *v)
{
	struct buf text = { 0 };

	if (!v->head) {
		buf_str(b, ", \"root\": null, \"origin\": null, \"key\": null");
		return;
	}
	hex_put(&text, v->root.b, HASH_LEN);
	put_string(b, "root", buf_view(&text));
	put_clean(b, "origin", buf_view(&v->origin));
	buf_reset(&text);
	buf_printf(&text, "%08x", (unsigned)v->key);
	put_string(b, "key", buf_view(&text));
	buf_free(&text);
}

static void
put_verdict(struct buf *b, const struct report *r, enum tool_status status)
{
	static const char *const word[] = { "ok", "tampered", "cannot-verify" };
	const struct verify_result *v = &r->result;
	struct buf text = { 0 };

	buf_printf(b, "{\"verdict\": \"%s\"", word[status]);
	put_number(b, "entries", v->head, v->entries);
	put_head(b, v);
	put_number(b, "findings", true, v->findings);
	if (r->partial)
		put_number(b, "read", true, v->read);
	if (status == TOOL_TROUBLE) {
		report_put_reason(&text, r);
		put_string(b, "reason", buf_view(&text));
	}
	buf_str(b, "}\n");
	buf_free(&text);
}

const struct report_format report_json = {
	.name = "json",
	.found = put_found,
	.verdict = put_verdict,
	.code = { 0, 1, 2 },
};
