/* Findings and verdict in words. */
#include "base/codec.h"
#include "base/instant.h"
#include "report.h"

static void
put_range(struct buf *b, uint64_t entry, uint64_t count)
{
	buf_printf(b, "entry %llu", (unsigned long long)entry);
	if (count > 1)
		buf_printf(b, "-%llu", (unsigned long long)(entry + count - 1));
}

/* What there is to say behind the kind of a finding. */
static void
put_rest(struct buf *b, const struct verify_finding *f)
{
	unsigned long long count = f->count, bytes = f->bytes;
	const char *s = count == 1 ? "" : "s";

	if (f->kind == FOUND_INSERTED)
		buf_printf(b, ": entry %llu, %llu line%s stand%s before it",
		    (unsigned long long)f->entry, count, s, count == 1 ? "s" : "");
	else if (f->entry != ALIGN_NONE) {
		buf_str(b, ": ");
		put_range(b, f->entry, f->count);
	}
	if (f->kind == FOUND_TRUNCATED || f->kind == FOUND_DELETED)
		buf_printf(b, ", %llu missing", count);
	if (f->kind == FOUND_ROLLBACK)
		buf_printf(b, ", %llu sealed and not under this head", count);
	if (f->kind == FOUND_UNREADABLE)
		buf_printf(b, "%s the compressed data is damaged from here on",
		    f->entry != ALIGN_NONE ? "," : ":");
	if (f->kind == FOUND_TRAILING)
		buf_printf(b, ": %llu byte%s behind the compressed data", bytes,
		    bytes == 1 ? "" : "s");
	if (f->words != NULL)
		buf_printf(b, "%s %s", f->entry != ALIGN_NONE ? "," : ":", f->words);
	if (f->copy != ALIGN_NONE) {
		buf_str(b, ", now a copy of ");
		put_range(b, f->copy, f->count);
	}
	if (f->lost)
		buf_str(b, ", somewhere in this range: its tile is lost");
	if (f->timed) {
		buf_str(b, ", existed until ");
		instant_put(b, (struct instant){ f->time, 0 }, 0);
	}
}

void
report_put_words(struct buf *b, const struct report *r, const struct verify_finding *f)
{
	report_put_file(b, r, f->place, f->file);
	if (f->line > 0)
		buf_printf(b, ":%llu", (unsigned long long)f->line);
	buf_printf(b, ": %s", report_kind[f->kind]);
	put_rest(b, f);
}

/* Two signed notes that contradict each other are a proof: for a person to keep. */
static void
put_note(struct buf *b, struct slice note)
{
	if (note.len == 0)
		return;
	buf_slice(b, note);
	buf_byte(b, '\n');
}

static void
put_found(struct buf *b, const struct report *r, const struct verify_finding *f)
{
	report_put_words(b, r, f);
	buf_byte(b, '\n');
	put_note(b, f->theirs);
	put_note(b, f->ours);
}

void
report_put_ok(struct buf *b, const struct report *r)
{
	const struct verify_result *v = &r->result;

	if (r->checked != NULL)
		buf_str(b, r->checked);
	else
		buf_printf(b, "%llu entries", (unsigned long long)v->entries);
	buf_str(b, ", root ");
	hex_put(b, v->root.b, HASH_LEN);
	buf_str(b, ", ");
	report_put_clean(b, buf_view(&v->origin));
	buf_printf(b, ", key %08x, anchors %zu", (unsigned)v->key, v->anchors);
	if (r->partial)
		buf_printf(b, ", read %llu", (unsigned long long)v->read);
}

static void
put_verdict(struct buf *b, const struct report *r, enum tool_status status)
{
	if (status == TOOL_TROUBLE) {
		buf_str(b, "cannot verify: ");
		report_put_reason(b, r);
	} else if (status == TOOL_NO) {
		buf_printf(
		    b, "TAMPERED: %llu findings", (unsigned long long)r->result.findings);
	} else {
		buf_str(b, "ok: ");
		report_put_ok(b, r);
	}
	buf_byte(b, '\n');
}

const struct report_format report_text = {
	.name = "text",
	.found = put_found,
	.verdict = put_verdict,
	.code = { 0, 1, 2 },
};
