/*
 * What the scanner remembers of earlier lines must never be seen: a reader with a past and a fresh
 * one say the same of every line, token for token, refusals and their offsets included.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "check.h"
#include "json/scan.h"

static uint64_t
random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static unsigned
below(uint64_t *seed, unsigned n)
{
	return (unsigned)(random_next(seed) >> 20) % n;
}

static bool
same_token(const struct json_token *a, const struct json_token *b)
{
	return a->type == b->type && a->escaped == b->escaped &&
	    a->key_escaped == b->key_escaped && a->offset == b->offset &&
	    slice_eq(a->key, b->key) && a->key.p == b->key.p && slice_eq(a->text, b->text);
}

/* Returns whether the line is accepted. */
static bool
compare(struct json *used, struct slice line)
{
	struct json *fresh = json_new();
	struct json_token a, b;
	int more, more_fresh;

	json_begin(used, line);
	json_begin(fresh, line);
	do {
		more = json_next(used, &a);
		more_fresh = json_next(fresh, &b);
		if (!CHECK(more == more_fresh) || (more == 1 && !CHECK(same_token(&a, &b))))
			break;
	} while (more == 1);
	if (more == -1) {
		CHECK(strcmp(json_diag(used)->rule, json_diag(fresh)->rule) == 0);
		CHECK(json_diag(used)->offset == json_diag(fresh)->offset);
	}
	json_free(fresh);
	return more == 0;
}

static const char *const names[] = { "a", "b", "c", "latency_ms", "top_retrieval_score",
	"\\u0061", "", "a name that is longer than what one step of the scanner looks at",
	"another that is longer than all that may be remembered of one member, blanks included",
	"b\\n", "caf\xc3\xa9" };
static const char *const values[] = { "1", "null", "\"x\"", "[1,{\"a\":2}]",
	"{\"a\":{},\"b\":3}", "-0.5e3", "\"a\\\"b\"", "tru", "\"" };

enum { NAMES = sizeof names / sizeof names[0], VALUES = sizeof values / sizeof values[0] };

/* Blanks by habit, seldom others. */
static void
put_blank(struct buf *b, const char *usual, uint64_t *seed)
{
	static const char *const odd[] = { "", " ", "  ", "\t", " \r\n" };

	buf_str(b, below(seed, 40) == 0 ? odd[below(seed, 5)] : usual);
}

/* A line with the members of order, now and then one more, one less, another or a fault. */
static void
put_line(struct buf *b, const unsigned *order, unsigned n, uint64_t *seed)
{
	buf_byte(b, '{');
	for (unsigned i = 0; i < n; i++) {
		if (below(seed, 30) == 0)
			continue;
		if (b->len > 1)
			buf_byte(b, below(seed, 200) == 0 ? ';' : ',');
		put_blank(b, " ", seed);
		buf_printf(
		    b, "\"%s\"", names[below(seed, 20) == 0 ? below(seed, NAMES) : order[i]]);
		put_blank(b, "", seed);
		buf_byte(b, ':');
		put_blank(b, " ", seed);
		buf_str(b, values[below(seed, below(seed, 10) == 0 ? VALUES : VALUES - 2)]);
	}
	buf_str(b, below(seed, 50) == 0 ? ",}" : "}");
}

/* What is behind a line may be anything, so let it be what a habit would like: the line's own rest. */
static void
compare_cut(struct json *used, const struct buf *b, size_t len)
{
	compare(used, (struct slice){ b->p, len });
}

static unsigned long
test_lines(uint64_t *seed)
{
	struct json *used = json_new();
	struct buf b = { 0 };
	unsigned order[9], n = 1 + below(seed, 9);
	unsigned long accepted = 0;

	for (unsigned i = 0; i < n; i++)
		order[i] = (i * 5 + below(seed, 2)) % NAMES;
	for (int i = 0; i < 60; i++) {
		size_t len;

		buf_reset(&b);
		put_line(&b, order, n, seed);
		len = b.len;
		memset(buf_reserve(&b, 2 * JSON_PADDING), ' ', 2 * JSON_PADDING);
		accepted += compare(used, (struct slice){ b.p, len });
		compare_cut(used, &b, below(seed, (unsigned)len + 1));
	}
	buf_free(&b);
	json_free(used);
	return accepted;
}

/* More members than are remembered, and names that come again behind those. */
static void
test_many(void)
{
	struct json *used = json_new();
	struct buf b = { 0 };

	for (int round = 0; round < 12; round++) {
		buf_reset(&b);
		for (int i = 0; i < 40; i++)
			buf_printf(&b, "%s\"k%d\": %d", i == 0 ? "{" : ", ", i, i);
		buf_printf(&b, ", \"k%d\": 1}", round % 2 ? round * 3 : 40);
		buf_reserve(&b, JSON_PADDING);
		memset(b.p + b.len, 0, JSON_PADDING);
		CHECK(compare(used, buf_view(&b)) == (round % 2 == 0));
	}
	buf_free(&b);
	json_free(used);
}

int
main(void)
{
	uint64_t seed = 20260105;
	unsigned long accepted = 0;

	for (int i = 0; i < 1500; i++) {
		json_portable(i % 3 == 0);
		accepted += test_lines(&seed);
	}
	CHECK(accepted > 1500 * 60 / 20 && accepted < 1500 * 60 * 19 / 20);
	test_many();
	return check_done();
}
