#include "log/note.h"

#include "base/codec.h"
#include "log/key.h"

static const char dash[] = "\xe2\x80\x94 ";

/* One signature line without its LF.  Its blob is put at the end of blobs, and *at says where. */
static int
get_line(struct slice line, struct note_line *l, struct buf *blobs)
{
	struct slice rest = line;
	const unsigned char *id;
	size_t at = blobs->len;

	if (!slice_starts(line, slice_of(dash)))
		return -1;
	rest.p += sizeof dash - 1;
	rest.len -= sizeof dash - 1;
	if (!slice_cut(&rest, ' ', &l->name) || l->name.len == 0 || rest.len == 0)
		return -1;
	if (memchr(l->name.p, '+', l->name.len) != NULL || base64_get(rest, blobs) == -1)
		return -1;
	if (blobs->len - at < 5)
		return -1;
	id = (const unsigned char *)blobs->p + at;
	l->id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
	l->blob.len = blobs->len - at - 4; /* and its place when blobs moves no more */
	return 0;
}

static void
place_blobs(struct note *n)
{
	const char *p = n->blobs.p;

	for (size_t i = 0; i < n->n; i++) {
		n->line[i].blob.p = p + 4;
		p += 4 + n->line[i].blob.len;
	}
}

static int
get_lines(struct slice rest, struct note *n, struct diag *d, const char *start)
{
	struct slice line;

	while (rest.len > 0) {
		size_t at = (size_t)(rest.p - start);

		if (n->n == NOTE_LINES)
			return diag_set(d, "note-size", at);
		if (!slice_cut(&rest, '\n', &line) ||
		    get_line(line, &n->line[n->n], &n->blobs) == -1)
			return diag_set(d, "note-syntax", at);
		n->line[n->n++].whole = (struct slice){ line.p, line.len + 1 };
	}
	place_blobs(n);
	return 0;
}

/* Where the text ends: behind the first LF of the last "\n\n"; 0 if there is none. */
static size_t
find_text(struct slice message)
{
	for (size_t i = message.len; i >= 2; i--)
		if (message.p[i - 1] == '\n' && message.p[i - 2] == '\n')
			return i - 1;
	return 0;
}

int
note_get(struct slice message, struct note *n, struct diag *d)
{
	size_t text;

	memset(n, 0, sizeof *n);
	if (message.len > NOTE_MAX)
		return diag_set(d, "note-size", NOTE_MAX);
	if (!note_text_ok(message))
		return diag_set(d, "note-utf8", 0);
	text = find_text(message);
	if (text == 0 || text + 1 == message.len)
		return diag_set(d, "note-syntax", message.len);
	n->text = (struct slice){ message.p, text };
	return get_lines(
	    (struct slice){ message.p + text + 1, message.len - text - 1 }, n, d, message.p);
}

void
note_free(struct note *n)
{
	buf_free(&n->blobs);
	n->n = 0;
}

void
note_put_line(struct buf *b, struct slice name, uint32_t id, const void *blob, size_t len)
{
	const uint8_t head[4] = { (uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8),
		(uint8_t)id };
	struct buf bytes = { 0 };

	buf_add(&bytes, head, sizeof head);
	buf_add(&bytes, blob, len);
	buf_str(b, dash);
	buf_slice(b, name);
	buf_byte(b, ' ');
	base64_put(b, bytes.p, bytes.len);
	buf_byte(b, '\n');
	buf_free(&bytes);
}
