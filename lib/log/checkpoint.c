#include "log/checkpoint.h"

#include "base/codec.h"

/* What follows the three lines: further ones, none of them empty. */
static bool
extension_ok(struct slice rest)
{
	struct slice line;

	while (rest.len > 0)
		if (!slice_cut(&rest, '\n', &line) || line.len == 0)
			return false;
	return true;
}

int
checkpoint_get(struct slice text, struct checkpoint *c, struct diag *d)
{
	struct slice size, root, rest = text;
	struct buf bytes = { 0 };
	unsigned long long n = 0;
	bool ok;

	memset(c, 0, sizeof *c);
	ok = slice_cut(&rest, '\n', &c->origin) && c->origin.len > 0 &&
	    slice_cut(&rest, '\n', &size) && slice_u64(size, INT64_MAX, &n) == 0 &&
	    slice_cut(&rest, '\n', &root) && base64_get(root, &bytes) == 0 &&
	    bytes.len == HASH_LEN && extension_ok(rest);
	c->size = n;
	if (ok)
		memcpy(c->root.b, bytes.p, HASH_LEN);
	buf_free(&bytes);
	return ok ? 0 : diag_set(d, "checkpoint-syntax", 0);
}

void
checkpoint_put(struct buf *b, const struct checkpoint *c)
{
	buf_slice(b, c->origin);
	buf_printf(b, "\n%llu\n", (unsigned long long)c->size);
	base64_put(b, c->root.b, HASH_LEN);
	buf_byte(b, '\n');
}

int
head_get(struct slice message, struct head *h, struct diag *d)
{
	memset(h, 0, sizeof *h);
	h->message = message;
	if (note_get(message, &h->note, d) == -1)
		return -1;
	return checkpoint_get(h->note.text, &h->cp, d);
}

void
head_free(struct head *h)
{
	note_free(&h->note);
}

/*
 * The last line of type 1 under the origin's name: its key is the log's, whoever signed above it.
 * (An unknown key's line shows its type by nothing but its length.)
 */
static const struct note_line *
log_line(const struct head *h)
{
	for (size_t i = h->note.n; i-- > 0;)
		if (slice_eq(h->note.line[i].name, h->cp.origin) &&
		    h->note.line[i].blob.len == KEY_SIG)
			return &h->note.line[i];
	return NULL;
}

/* What is seen of one key's lines: a head of its origin, and the time of its last cosignature. */
struct seen {
	bool named, timed;
	int64_t time;
};

/*
 * Is the line by k?  Then verify it: 1 good, -1 bad; 0 says it is not k's.  cosigner is k's other
 * id.  k is the head's key if the line is the log's.
 */
static int
check_line(struct head *h, const struct note_line *l, const struct vkey *k,
    const struct vkey *cosigner, struct seen *seen)
{
	int64_t time;

	if (!slice_is(l->name, k->name))
		return 0;
	if (k->alg == KEY_NOTE && l->id == k->id) {
		if (!vkey_verify(k, h->note.text, l->blob, NULL))
			return -1;
		seen->named &= slice_is(h->cp.origin, k->name);
		if (l == log_line(h))
			h->key = k;
		return 1;
	}
	if (l->id != cosigner->id)
		return 0;
	if (!vkey_verify(cosigner, h->note.text, l->blob, &time))
		return -1;
	seen->timed = true;
	seen->time = time;
	return 1;
}

enum head_state
head_check(struct head *h, const struct vkey *keys, size_t n)
{
	bool other = false, bad = false;

	h->key = NULL;
	h->timed = false;
	h->time = 0;
	for (size_t k = 0; k < n; k++) {
		struct vkey cosigner = vkey_cosigner(&keys[k]);
		struct seen seen = { .named = true };

		for (size_t i = 0; i < h->note.n; i++)
			bad |= check_line(h, &h->note.line[i], &keys[k], &cosigner, &seen) < 0;
		other |= !seen.named;
		if (h->key == &keys[k]) {
			h->timed = seen.timed;
			h->time = seen.time;
		}
	}
	h->state = bad ? HEAD_BAD : h->key ? HEAD_GOOD : other ? HEAD_ORIGIN : HEAD_UNKNOWN;
	if (h->state != HEAD_GOOD) {
		h->timed = false;
		h->time = 0;
	}
	return h->state;
}

/* Append k's two signature lines over text. */
static int
sign(struct buf *b, const struct skey *k, struct slice text, int64_t time)
{
	struct slice name = slice_of(k->vkey.name);
	struct vkey cosigner = vkey_cosigner(&k->vkey);
	uint8_t blob[KEY_COSIG];

	if (skey_sign(k, text, blob) == -1)
		return -1;
	note_put_line(b, name, k->vkey.id, blob, KEY_SIG);
	if (skey_cosign(k, text, time, blob) == -1)
		return -1;
	note_put_line(b, name, cosigner.id, blob, KEY_COSIG);
	return 0;
}

int
head_put(struct buf *b, const struct skey *k, const struct skey *next, uint64_t size,
    const struct hash *root, int64_t time)
{
	struct checkpoint cp = { slice_of(k->vkey.name), size, *root };
	struct buf body = { 0 };
	int status;

	checkpoint_put(&body, &cp);
	buf_slice(b, buf_view(&body));
	buf_byte(b, '\n');
	status = sign(b, k, buf_view(&body), time);
	if (status == 0 && next != NULL)
		status = sign(b, next, buf_view(&body), time);
	buf_free(&body);
	return status;
}
