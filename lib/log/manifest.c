#include "log/manifest.h"

#include <stdlib.h>

#include "base/codec.h"
#include "base/instant.h"
#include "base/mem.h"
#include "log/note.h"

enum { DAY = 86400 };

static const char suffix[] = ".manifest";

static const struct {
	const char *json, *ending;
} compressions[] = {
	[MANIFEST_PLAIN] = { "null", "" },
	[MANIFEST_ZSTD] = { "\"zstd\"", ".zst" },
	[MANIFEST_GZIP] = { "\"gzip\"", ".gz" },
};

/* A string of JSON: what is in it is UTF-8. */
static void
put_string(struct buf *b, struct slice s)
{
	buf_byte(b, '"');
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '\n')
			buf_str(b, "\\n");
		else if (s.p[i] == '"' || s.p[i] == '\\')
			buf_printf(b, "\\%c", s.p[i]);
		else
			buf_byte(b, s.p[i]);
	buf_byte(b, '"');
}

static void
put_time(struct buf *b, const char *key, int64_t s)
{
	buf_printf(b, ", \"%s\": \"", key);
	instant_put(b, (struct instant){ s, 0 }, 0);
	buf_byte(b, '"');
}

static void
put_digest(struct buf *b, uint64_t bytes, const struct hash *sha256)
{
	buf_printf(b, ", \"bytes\": %llu, \"sha256\": \"", (unsigned long long)bytes);
	hex_put(b, sha256->b, HASH_LEN);
	buf_byte(b, '"');
}

int64_t
manifest_retain_until(const struct manifest *m)
{
	return m->sealed_at + (int64_t)MANIFEST_DAYS * DAY;
}

void
manifest_segment_put(struct buf *b, struct slice log, uint64_t first, uint64_t last)
{
	buf_slice(b, log);
	buf_printf(b, "-%012llu-%012llu", (unsigned long long)first, (unsigned long long)last);
}

void
manifest_part_put(struct buf *b, const struct manifest *m, size_t i)
{
	buf_slice(b, m->segment);
	buf_str(b, compressions[m->compression].ending);
	if (m->encrypted)
		buf_printf(b, ".cms.%03zu", i + 1);
}

static void
put_part(struct buf *b, const struct manifest *m, size_t i)
{
	struct buf name = { 0 };

	manifest_part_put(&name, m, i);
	buf_str(b, i == 0 ? "{\"file\": " : ", {\"file\": ");
	put_string(b, buf_view(&name));
	put_digest(b, m->part[i].bytes, &m->part[i].sha256);
	buf_byte(b, '}');
	buf_free(&name);
}

void
manifest_put(struct buf *b, const struct manifest *m)
{
	buf_str(b, "{\"manifest\": \"audit-hash/1\", \"origin\": ");
	put_string(b, m->origin);
	buf_str(b, ", \"segment\": ");
	put_string(b, m->segment);
	buf_printf(b, ", \"first_entry\": %llu, \"last_entry\": %llu",
	    (unsigned long long)m->first, (unsigned long long)m->last);
	put_digest(b, m->bytes, &m->sha256);
	buf_str(b, ", \"head\": ");
	put_string(b, m->head);
	put_time(b, "sealed_at", m->sealed_at);
	put_time(b, "retain_until", manifest_retain_until(m));
	buf_printf(b, ", \"compression\": %s, \"encryption\": %s, \"parts\": [",
	    compressions[m->compression].json, m->encrypted ? "\"cms\"" : "null");
	for (size_t i = 0; i < m->parts; i++)
		put_part(b, m, i);
	buf_str(b, "]}\n");
}

void
manifest_line_put(struct buf *b, const struct manifest *m, const struct hash *sha256)
{
	buf_printf(b,
	    "{\"log_event\": \"seal\", \"first_entry\": %llu, \"last_entry\": %llu, "
	    "\"manifest_sha256\": \"",
	    (unsigned long long)m->first, (unsigned long long)m->last);
	hex_put(b, sha256->b, HASH_LEN);
	buf_str(b, "\"}\n");
}

bool
manifest_log_ok(struct slice name)
{
	return name.len > 0 && note_text_ok(name) && memchr(name.p, '\n', name.len) == NULL &&
	    memchr(name.p, '/', name.len) == NULL;
}

/* Take the number behind the last '-' off s: 12 digits, or more that do not begin with 0. */
static int
cut_number(struct slice *s, uint64_t *number)
{
	const char *dash = s->len == 0 ? NULL : memrchr(s->p, '-', s->len);
	struct slice digits;
	unsigned long long n;

	if (dash == NULL)
		return -1;
	digits = (struct slice){ dash + 1, (size_t)(s->p + s->len - dash - 1) };
	if (digits.len < 12)
		return -1;
	while (digits.len <= 12 && digits.len > 1 && digits.p[0] == '0') {
		digits.p++;
		digits.len--;
	}
	if (slice_u64(digits, INT64_MAX, &n) == -1)
		return -1;
	*number = n;
	s->len = (size_t)(dash - s->p);
	return 0;
}

/* "LOG-A-B" */
static int
segment_get(struct slice name, struct slice *log, uint64_t *first, uint64_t *last)
{
	*log = name;
	if (cut_number(log, last) == -1 || cut_number(log, first) == -1)
		return -1;
	return *first <= *last && manifest_log_ok(*log) ? 0 : -1;
}

int
manifest_name_get(struct slice name, struct slice *log, uint64_t *first, uint64_t *last)
{
	if (!slice_ends(name, SLICE(suffix)))
		return -1;
	name.len -= sizeof suffix - 1;
	return segment_get(name, log, first, last);
}

int
manifest_part_get(struct slice name, struct slice *log, uint64_t *first, uint64_t *last)
{
	static const char *const endings[] = { suffix, ".zst", ".gz" };

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (slice_ends(name, slice_of(endings[i]))) {
			name.len -= strlen(endings[i]);
			break;
		}
	return segment_get(name, log, first, last);
}

/* What is left of the text, as long as it is in the one form; else NULL. */
struct reader {
	struct slice rest;
	bool bad;
	struct buf *text; /* strings go there; never moves */
};

static bool
literal(struct reader *r, const char *s)
{
	struct slice want = slice_of(s);

	if (r->bad || !slice_starts(r->rest, want))
		return false;
	r->rest.p += want.len;
	r->rest.len -= want.len;
	return true;
}

static void
expect(struct reader *r, const char *s)
{
	if (!literal(r, s))
		r->bad = true;
}

/* A string behind its key; what is escaped more than it must be shows when it is written again. */
static struct slice
get_string(struct reader *r, const char *key)
{
	size_t from = r->text->len, i = 0;

	expect(r, key);
	expect(r, "\"");
	for (; !r->bad && i < r->rest.len && r->rest.p[i] != '"'; i++) {
		char c = r->rest.p[i];

		if (c == '\\' && ++i < r->rest.len)
			c = r->rest.p[i] == 'n' ? '\n' : r->rest.p[i];
		buf_byte(r->text, c);
	}
	if (!r->bad && i < r->rest.len) {
		r->rest.p += i;
		r->rest.len -= i;
	}
	expect(r, "\"");
	return (struct slice){ r->text->p + from, r->text->len - from };
}

static uint64_t
get_number(struct reader *r, const char *key)
{
	struct slice digits;
	unsigned long long n = 0;

	expect(r, key);
	digits = (struct slice){ r->rest.p, 0 };
	while (digits.len < r->rest.len && r->rest.p[digits.len] >= '0' &&
	    r->rest.p[digits.len] <= '9')
		digits.len++;
	if (r->bad || slice_u64(digits, INT64_MAX, &n) == -1)
		r->bad = true;
	else
		r->rest = (struct slice){ digits.p + digits.len, r->rest.len - digits.len };
	return n;
}

static struct hash
get_hash(struct reader *r, const char *key)
{
	struct slice hex = get_string(r, key);
	struct hash h = { { 0 } };

	if (hex_get(hex, h.b, HASH_LEN) == -1)
		r->bad = true;
	return h;
}

static int64_t
get_time(struct reader *r, const char *key)
{
	struct instant t = { 0, 0 };

	if (instant_get(get_string(r, key), &t, NULL) == -1)
		r->bad = true;
	return t.s;
}

static enum manifest_compression
get_compression(struct reader *r)
{
	expect(r, ", \"compression\": ");
	for (int c = MANIFEST_PLAIN; c <= MANIFEST_GZIP; c++)
		if (literal(r, compressions[c].json))
			return (enum manifest_compression)c;
	r->bad = true;
	return MANIFEST_PLAIN;
}

static void
get_parts(struct reader *r, struct manifest *m)
{
	size_t cap = 0;

	expect(r, ", \"parts\": [");
	do {
		struct manifest_part part;

		get_string(r, m->parts == 0 ? "{\"file\": " : ", {\"file\": ");
		part.bytes = get_number(r, ", \"bytes\": ");
		part.sha256 = get_hash(r, ", \"sha256\": ");
		expect(r, "}");
		if (r->bad)
			return;
		if (m->parts == cap) {
			cap = 2 * cap + 4;
			m->part = xrealloc(m->part, cap, sizeof *m->part);
		}
		m->part[m->parts++] = part;
	} while (!literal(r, "]}\n"));
}

static void
get_members(struct reader *r, struct manifest *m)
{
	expect(r, "{\"manifest\": \"audit-hash/1\"");
	m->origin = get_string(r, ", \"origin\": ");
	m->segment = get_string(r, ", \"segment\": ");
	m->first = get_number(r, ", \"first_entry\": ");
	m->last = get_number(r, ", \"last_entry\": ");
	m->bytes = get_number(r, ", \"bytes\": ");
	m->sha256 = get_hash(r, ", \"sha256\": ");
	m->head = get_string(r, ", \"head\": ");
	m->sealed_at = get_time(r, ", \"sealed_at\": ");
	get_time(r, ", \"retain_until\": ");
	m->compression = get_compression(r);
	expect(r, ", \"encryption\": ");
	m->encrypted = literal(r, "\"cms\"");
	if (!m->encrypted)
		expect(r, "null");
	get_parts(r, m);
}

/* Is it what it says of itself, and written in no other way? */
static bool
sound(const struct manifest *m, struct slice text)
{
	uint64_t first, last;
	struct buf again = { 0 };
	struct slice log;
	bool ok;

	if (segment_get(m->segment, &log, &first, &last) == -1 || first != m->first ||
	    last != m->last || (!m->encrypted && m->parts != 1) || !note_text_ok(m->head) ||
	    !note_text_ok(m->origin) || m->origin.len == 0 || m->head.len == 0 ||
	    m->sealed_at < 0 || m->sealed_at > INT64_C(250000000000))
		return false;
	manifest_put(&again, m);
	ok = slice_eq(buf_view(&again), text);
	buf_free(&again);
	return ok;
}

int
manifest_get(struct slice text, struct manifest *m, struct diag *d)
{
	struct reader r = { text, text.len > MANIFEST_MAX, &m->text };

	memset(m, 0, sizeof *m);
	buf_reserve(&m->text, (r.bad ? 0 : text.len) + 1);
	get_members(&r, m);
	if (r.bad || r.rest.len > 0 || !sound(m, text))
		return diag_set(d, "manifest-syntax", text.len - r.rest.len);
	return 0;
}

void
manifest_free(struct manifest *m)
{
	free(m->part);
	m->part = NULL;
	m->parts = 0;
	buf_free(&m->text);
}
