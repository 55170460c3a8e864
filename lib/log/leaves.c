#include "log/leaves.h"

#include <stdlib.h>

#include "base/lines.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "log/tree.h"

enum {
	BATCH = 256,       /* lines hashed at a time */
	CHUNK = 128 * 1024 /* bytes: so many empty lines have 4 MiB of hashes */
};

struct batch {
	struct hash *leaf;
	size_t n, cap;
};

struct run {
	const struct leaves *leaves;
	struct source *source;
	struct sha256 *line; /* of a long one, as it comes */
	bool begun, torn, full;
	uint64_t bytes;
};

static void *
make(void *arg)
{
	(void)arg;
	return xzalloc(1, sizeof(struct batch));
}

static void
drop(void *arg, void *result)
{
	struct batch *b = result;

	(void)arg;
	free(b->leaf);
	free(b);
}

static void
hash(struct batch *b, const struct slice *lines, size_t n)
{
	if (b->n + n > b->cap) {
		b->cap = 2 * b->cap + n;
		b->leaf = xrealloc(b->leaf, b->cap, sizeof *b->leaf);
	}
	tree_leaves(lines, n, b->leaf + b->n);
	b->n += n;
}

static void
work(void *arg, struct chunk *c)
{
	struct slice line[BATCH], rest = c->text;
	struct batch *b = c->result;
	size_t n = 0;

	(void)arg;
	b->n = 0;
	while (chunk_next(&rest, &line[n]))
		if (++n == BATCH) {
			hash(b, line, n);
			n = 0;
		}
	hash(b, line, n);
}

static void
on_long(void *arg, struct slice piece)
{
	struct run *r = arg;

	if (!r->begun) {
		sha256_begin(r->line);
		sha256_add(r->line, "", 1); /* the prefix of a leaf */
		r->begun = true;
	}
	sha256_add(r->line, piece.p, piece.len);
}

static bool
take_long(struct run *r)
{
	struct hash leaf;

	sha256_end(r->line, &leaf);
	r->begun = false;
	return r->leaves->take(r->leaves->arg, &leaf, 1);
}

static ssize_t
read_source(void *arg, void *p, size_t n)
{
	struct run *r = arg;

	return source_read(r->source, p, n);
}

static bool
take(void *arg, struct chunk *c)
{
	struct run *r = arg;
	struct batch *b = c->result;

	if (c->torn && source_end(r->source) != SOURCE_WHOLE) {
		if (c->too_long)
			return true; /* not a line, but where one broke off */
		b->n--;
		c->torn = false;
	}
	r->torn = c->torn;
	r->bytes += c->too_long ? c->length + 1 : c->text.len;
	if (c->too_long ? !take_long(r) : !r->leaves->take(r->leaves->arg, b->leaf, b->n))
		return false;
	r->full = r->bytes >= r->leaves->bytes;
	return !r->full;
}

int
leaves_run(const struct leaves *l, struct source *s, bool *torn)
{
	struct run r = { .leaves = l, .source = s, .line = sha256_new() };
	struct parallel p = {
		.jobs = l->jobs,
		.max = LINES_MAX,
		.chunk = CHUNK,
		.arg = &r,
		.make = make,
		.drop = drop,
		.work = work,
		.take = take,
		.on_long = on_long,
		.read = read_source,
	};
	int status = parallel_run(&p, -1);

	sha256_free(r.line);
	*torn = r.torn;
	return status == 0 && r.full ? 1 : status;
}
