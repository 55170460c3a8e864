/* Proofs as files. */
#include "base/codec.h"
#include "log/proof.h"

static const char mark[] = "c2sp.org/tlog-proof@v1";

/* "WORD NUMBER" */
static int
get_number(struct slice line, struct slice word, uint64_t *number)
{
	unsigned long long n;

	if (!slice_starts(line, word))
		return -1;
	line.p += word.len;
	line.len -= word.len;
	if (slice_u64(line, INT64_MAX, &n) == -1)
		return -1;
	*number = n;
	return 0;
}

static int
get_hash(struct slice line, struct hash *h)
{
	struct buf bytes = { 0 };
	int status = base64_get(line, &bytes);

	if (status == 0 && bytes.len == HASH_LEN)
		memcpy(h->b, bytes.p, HASH_LEN);
	else
		status = -1;
	buf_free(&bytes);
	return status;
}

/* Hashes, one a line, to an empty line; the rest is the head. */
static int
get_rest(struct slice text, struct slice rest, struct proof_file *f, struct diag *d)
{
	struct slice line;

	for (;;) {
		size_t offset = (size_t)(rest.p - text.p);

		if (!slice_cut(&rest, '\n', &line))
			return diag_set(d, "proof-syntax", offset);
		if (line.len == 0)
			break;
		if (f->proof.n == PROOF_MAX || get_hash(line, &f->proof.hash[f->proof.n]) == -1)
			return diag_set(d, "proof-syntax", offset);
		f->proof.n++;
	}
	f->head = rest;
	return rest.len > 0 ? 0 : diag_set(d, "proof-syntax", text.len);
}

/* The line "extra": anything, as long as it is base64. */
static int
skip_extra(struct slice line)
{
	struct buf bytes = { 0 };
	int status = base64_get((struct slice){ line.p + 6, line.len - 6 }, &bytes);

	buf_free(&bytes);
	return status;
}

int
tlog_proof_get(struct slice text, struct proof_file *f, struct diag *d)
{
	struct slice rest = text, line;

	memset(f, 0, sizeof *f);
	if (!slice_cut(&rest, '\n', &line) || !slice_is(line, mark) ||
	    !slice_cut(&rest, '\n', &line))
		return diag_set(d, "proof-syntax", 0);
	if (slice_starts(line, SLICE("extra ")) &&
	    (skip_extra(line) == -1 || !slice_cut(&rest, '\n', &line)))
		return diag_set(d, "proof-syntax", (size_t)(line.p - text.p));
	if (get_number(line, SLICE("index "), &f->number) == -1)
		return diag_set(d, "proof-syntax", (size_t)(line.p - text.p));
	return get_rest(text, rest, f, d);
}

int
witness_body_get(struct slice text, struct proof_file *f, struct diag *d)
{
	struct slice rest = text, line;

	memset(f, 0, sizeof *f);
	if (!slice_cut(&rest, '\n', &line) || get_number(line, SLICE("old "), &f->number) == -1)
		return diag_set(d, "proof-syntax", 0);
	return get_rest(text, rest, f, d);
}

static void
put_rest(struct buf *b, const struct proof_file *f)
{
	for (size_t i = 0; i < f->proof.n; i++) {
		base64_put(b, f->proof.hash[i].b, HASH_LEN);
		buf_byte(b, '\n');
	}
	buf_byte(b, '\n');
	buf_slice(b, f->head);
}

void
tlog_proof_put(struct buf *b, const struct proof_file *f)
{
	buf_printf(b, "%s\nindex %llu\n", mark, (unsigned long long)f->number);
	put_rest(b, f);
}

void
witness_body_put(struct buf *b, const struct proof_file *f)
{
	buf_printf(b, "old %llu\n", (unsigned long long)f->number);
	put_rest(b, f);
}
