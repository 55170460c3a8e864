#include "log/memo.h"

#include "base/codec.h"

static const char first_line[] = "audit-verify state 1";
static const char family[] = "audit-verify state ";

/* The rest of the next line, which must begin with name and a space. */
static int
field(struct slice *rest, const char *name, struct slice *value)
{
	struct slice line, word;

	if (!slice_cut(rest, '\n', &line))
		return -1;
	slice_cut(&line, ' ', &word);
	*value = line;
	return slice_is(word, name) ? 0 : -1;
}

static int
get_number(struct slice *rest, const char *name, uint64_t *n)
{
	struct slice value;
	unsigned long long v;

	if (field(rest, name, &value) == -1 || slice_u64(value, INT64_MAX, &v) == -1)
		return -1;
	*n = v;
	return 0;
}

static int
get_hash(struct slice *rest, const char *name, struct hash *h)
{
	struct slice value;

	if (field(rest, name, &value) == -1 || value.len != 2 * HASH_LEN)
		return -1;
	for (size_t i = 0; i < value.len; i++)
		if (value.p[i] >= 'A' && value.p[i] <= 'F')
			return -1; /* we do not write them: a bit was flipped */
	return hex_get(value, h->b, HASH_LEN);
}

static int
get_fields(struct slice rest, struct memo *s)
{
	struct slice origin;
	struct hash sum;

	if (field(&rest, "origin", &origin) == -1 || origin.len == 0)
		return -1;
	buf_slice(&s->origin, origin);
	if (get_number(&rest, "size", &s->size) == -1 ||
	    get_hash(&rest, "root", &s->root) == -1 ||
	    get_number(&rest, "run", &s->run) == -1 || get_hash(&rest, "sha256", &sum) == -1)
		return -1;
	return rest.len == 0 ? 0 : -1;
}

int
memo_get(struct slice text, struct memo *s, struct diag *d)
{
	struct slice rest = text, line;
	struct hash sum, want;
	size_t body;

	if (!slice_cut(&rest, '\n', &line) || !slice_is(line, first_line))
		return diag_set(d,
		    slice_starts(line, slice_of(family)) ? "state-version" : "state-damaged",
		    0);
	if (get_fields(rest, s) == -1)
		return diag_set(d, "state-damaged", 0);
	body = text.len - (sizeof "sha256 " - 1) - 2 * HASH_LEN - 1;
	rest = (struct slice){ text.p + body, text.len - body };
	sha256((struct slice){ text.p, body }, &sum);
	if (get_hash(&rest, "sha256", &want) == -1 || !hash_eq(&sum, &want))
		return diag_set(d, "state-damaged", body);
	return 0;
}

void
memo_put(struct buf *b, const struct memo *s)
{
	size_t start = b->len;
	struct hash sum;

	buf_printf(b, "%s\norigin ", first_line);
	buf_slice(b, buf_view(&s->origin));
	buf_printf(b, "\nsize %llu\nroot ", (unsigned long long)s->size);
	hex_put(b, s->root.b, HASH_LEN);
	buf_printf(b, "\nrun %llu\n", (unsigned long long)s->run);
	sha256((struct slice){ b->p + start, b->len - start }, &sum);
	buf_str(b, "sha256 ");
	hex_put(b, sum.b, HASH_LEN);
	buf_byte(b, '\n');
}

void
memo_free(struct memo *s)
{
	buf_free(&s->origin);
}
