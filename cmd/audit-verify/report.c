#include "report.h"

#include <errno.h>
#include <string.h>

#include "base/codec.h"
#include "base/instant.h"
#include "base/utf8.h"
#include "json/write.h"

static const char *const kind_name[FOUND_KINDS] = {
	[FOUND_MODIFIED] = "modified",
	[FOUND_DELETED] = "deleted",
	[FOUND_INSERTED] = "inserted",
	[FOUND_MOVED] = "moved",
	[FOUND_DUPLICATED] = "duplicated",
	[FOUND_TRUNCATED] = "truncated",
	[FOUND_TORN] = "torn",
	[FOUND_TILE_DAMAGED] = "tile-damaged",
	[FOUND_HEAD_DAMAGED] = "head-damaged",
	[FOUND_ROLLBACK] = "rollback",
	[FOUND_FORK] = "fork",
};

static const char no_entry[] = "no entry to check";

/* A path may hold anything: in a line of text, and in JSON, it must not. */
static void
put_clean(struct buf *b, struct slice s)
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

static void
put_file(struct buf *b, const struct report *r, const char *file)
{
	struct buf path = { 0 };

	if (file == NULL)
		buf_str(&path, r->log);
	else if (file[0] == '\0')
		buf_str(&path, r->tree);
	else
		buf_printf(&path, "%s/%s", r->tree, file);
	put_clean(b, buf_view(&path));
	buf_free(&path);
}

static void
put_json(struct buf *b, const char *key, struct slice value)
{
	struct buf clean = { 0 };

	put_clean(&clean, value);
	buf_printf(b, ", \"%s\": ", key);
	json_put_string(b, buf_view(&clean), JSON_UTF8);
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

/* The time up to which what is missing is known to have been there; "" if no one signed one. */
static void
put_existed(struct buf *b, const struct report *r, enum finding_kind kind)
{
	const struct verify_result *v = &r->result;
	bool longer = kind == FOUND_ROLLBACK;
	struct instant t = { longer ? v->longer_time : v->time, 0 };

	if ((longer || kind == FOUND_TRUNCATED) && (longer ? v->longer_timed : v->timed))
		instant_put(b, t, 0);
}

static void
put_range(struct buf *b, uint64_t entry, uint64_t count)
{
	buf_printf(b, "entry %llu", (unsigned long long)entry);
	if (count > 1)
		buf_printf(b, "-%llu", (unsigned long long)(entry + count - 1));
}

/* What there is to say behind the kind of a finding. */
static void
put_words(struct buf *b, const struct finding *f, struct slice existed)
{
	unsigned long long count = f->count;
	const char *s = count == 1 ? "" : "s";

	switch (f->kind) {
	case FOUND_INSERTED:
		buf_printf(b, ": entry %llu, %llu line%s stand%s before it",
		    (unsigned long long)f->entry, count, s, count == 1 ? "s" : "");
		break;
	case FOUND_HEAD_DAMAGED:
		buf_str(b, ": the signature by a known key is not of this head");
		break;
	case FOUND_FORK: buf_str(b, ": a signed head of the same size has another root"); break;
	default: buf_str(b, ": "); put_range(b, f->entry, f->count);
	}
	if (f->kind == FOUND_TRUNCATED || f->kind == FOUND_DELETED)
		buf_printf(b, ", %llu missing", count);
	if (f->kind == FOUND_ROLLBACK)
		buf_printf(b, ", %llu sealed and not under this head", count);
	if (f->copy != ALIGN_NONE) {
		buf_str(b, ", now a copy of ");
		put_range(b, f->copy, f->count);
	}
	if (f->lost)
		buf_str(b, ", somewhere in this range: its tile is lost");
	if (existed.len > 0)
		buf_printf(b, ", existed until %.*s", (int)existed.len, existed.p);
}

static void
put_text(struct buf *b, const struct report *r, const char *file, const struct finding *f,
    struct slice existed)
{
	put_file(b, r, file);
	if (f->line > 0)
		buf_printf(b, ":%llu", (unsigned long long)f->line);
	buf_printf(b, ": %s", kind_name[f->kind]);
	put_words(b, f, existed);
}

static void
put_row(struct buf *b, const struct report *r, const char *file, const struct finding *f,
    struct slice existed)
{
	struct buf path = { 0 };
	bool entries = f->entry != ALIGN_NONE;

	put_file(&path, r, file);
	buf_printf(b, "{\"kind\": \"%s\"", kind_name[f->kind]);
	put_json(b, "file", buf_view(&path));
	put_number(b, "line", f->line > 0, f->line);
	put_number(b, "entry", entries, f->entry);
	put_number(b, "count", entries, f->count);
	if (f->copy != ALIGN_NONE)
		put_number(b, "copy_of", true, f->copy);
	if (existed.len > 0)
		put_json(b, "existed_until", existed);
	buf_byte(b, '}');
	buf_free(&path);
}

void
report_found(void *arg, const char *file, const struct finding *f)
{
	struct report *r = arg;
	struct buf line = { 0 }, existed = { 0 };

	put_existed(&existed, r, f->kind);
	(r->format == FORMAT_JSON ? put_row : put_text)(&line, r, file, f, buf_view(&existed));
	buf_byte(&line, '\n');
	out_put(r->out, buf_view(&line));
	buf_free(&line);
	buf_free(&existed);
}

/* Why it could not be verified. */
static void
put_reason(struct buf *b, const struct report *r)
{
	const struct verify_result *v = &r->result;

	if (r->reason != NULL) {
		put_clean(b, slice_of(r->reason));
		return;
	}
	put_file(b, r, v->file);
	buf_str(b, ": ");
	buf_str(b, v->reason != NULL ? v->reason : strerror(v->error));
}

static void
put_key(struct buf *b, uint32_t key)
{
	buf_printf(b, "%08x", (unsigned)key);
}

static void
put_text_verdict(struct buf *b, const struct report *r, enum tool_status status)
{
	const struct verify_result *v = &r->result;

	if (status == TOOL_TROUBLE) {
		buf_str(b, "cannot verify: ");
		put_reason(b, r);
	} else if (status == TOOL_NO) {
		buf_printf(b, "TAMPERED: %llu findings", (unsigned long long)v->findings);
	} else {
		buf_str(b, "ok: ");
		if (r->checked != NULL)
			buf_str(b, r->checked);
		else
			buf_printf(b, "%llu entries", (unsigned long long)v->entries);
		buf_str(b, ", root ");
		hex_put(b, v->root.b, HASH_LEN);
		buf_str(b, ", ");
		put_clean(b, buf_view(&v->origin));
		buf_str(b, ", key ");
		put_key(b, v->key);
		buf_str(b, ", anchors 0");
	}
}

static void
put_json_verdict(struct buf *b, const struct report *r, enum tool_status status)
{
	static const char *const word[] = { "ok", "tampered", "cannot-verify" };
	const struct verify_result *v = &r->result;
	struct buf text = { 0 };

	buf_printf(b, "{\"verdict\": \"%s\"", word[status]);
	put_number(b, "entries", v->head, v->entries);
	if (v->head) {
		hex_put(&text, v->root.b, HASH_LEN);
		put_json(b, "root", buf_view(&text));
		put_json(b, "origin", buf_view(&v->origin));
		buf_reset(&text);
		put_key(&text, v->key);
		put_json(b, "key", buf_view(&text));
	} else {
		buf_str(b, ", \"root\": null, \"origin\": null, \"key\": null");
	}
	put_number(b, "findings", true, v->findings);
	if (status == TOOL_TROUBLE) {
		buf_reset(&text);
		put_reason(&text, r);
		put_json(b, "reason", buf_view(&text));
	}
	buf_byte(b, '}');
	buf_free(&text);
}

/* What the system refused is said on stderr, too. */
static void
say_reason(const struct report *r)
{
	struct buf text = { 0 };

	put_reason(&text, r);
	warn("%s", buf_cstr(&text));
	buf_free(&text);
}

/* What is no finding, on stderr. */
static void
say_notes(const struct report *r)
{
	const struct verify_result *v = &r->result;

	if (v->unsealed > 0)
		note_at(r->log, v->lines - v->unsealed + 1, "%llu unsealed line%s",
		    (unsigned long long)v->unsealed, v->unsealed == 1 ? "" : "s");
	if (v->missing > 0)
		note_at(r->tree, 0, "%llu tile%s missing, made anew from what is below",
		    (unsigned long long)v->missing, v->missing == 1 ? "" : "s");
	if (v->coarse)
		note_at(r->log, 0, "too many differences to tell all apart");
}

enum tool_status
report_verdict(struct report *r)
{
	const struct verify_result *v = &r->result;
	enum tool_status status = v->findings > 0 ? TOOL_NO : TOOL_OK;
	struct buf line = { 0 };

	if (r->reason == NULL && v->state == VERIFY_DONE && status == TOOL_OK &&
	    v->entries == 0 && r->checked == NULL && !r->allow_empty)
		r->reason = no_entry;
	if (r->reason != NULL || v->state == VERIFY_CANNOT)
		status = TOOL_TROUBLE;
	say_notes(r);
	if (status == TOOL_TROUBLE && v->reason == NULL && r->reason != no_entry &&
	    v->error != EINTR) /* a signal speaks for itself */
		say_reason(r);
	if (status == TOOL_OK && tool_quiet())
		return status;
	(r->format == FORMAT_JSON ? put_json_verdict : put_text_verdict)(&line, r, status);
	buf_byte(&line, '\n');
	out_put(r->out, buf_view(&line));
	buf_free(&line);
	return status;
}
