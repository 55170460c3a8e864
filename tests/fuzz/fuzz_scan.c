/*
 * The scanner on any lines, one reader for all of them.  Properties:
 *   - both paths, and a reader without a past, give the same tokens, or the same rule and offset,
 *     whatever stands behind the text
 *   - a refusal's offset lies in the text or at its end, and json_check says the same
 *   - the canonical form of what is accepted is accepted, is ASCII, and is its own canonical form
 *   - a string written anew, in either style, reads back as the same string
 *   - a number written from its double reads back as that double
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "json/canon.h"
#include "json/scan.h"
#include "json/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(bool held)
{
	if (!held)
		abort();
}

/* A copy in memory that ends behind its padding, which goes on as the tail would have it. */
static struct slice
copy(const uint8_t *data, size_t len, const char *tail)
{
	size_t n = strlen(tail);
	char *p = malloc(len + JSON_PADDING);

	must(p != NULL);
	if (len > 0)
		memcpy(p, data, len);
	for (size_t i = 0; i < JSON_PADDING; i++)
		p[len + i] = tail[i % n];
	return (struct slice){ p, len };
}

static bool
same_token(const struct json_token *a, const struct json_token *b)
{
	return a->type == b->type && a->escaped == b->escaped &&
	    a->key_escaped == b->key_escaped && a->offset == b->offset &&
	    slice_eq(a->key, b->key) && slice_eq(a->text, b->text);
}

static bool
same_diag(const struct diag *a, const struct diag *b)
{
	if (a->rule == NULL || b->rule == NULL)
		return a->rule == b->rule;
	return strcmp(a->rule, b->rule) == 0 && a->offset == b->offset;
}

/* Returns what json_next ended with. */
static int
check_paths(struct json *fast, struct json *slow, struct slice a, struct slice b)
{
	struct json_token s, t;
	int r, q;

	json_portable(false);
	json_begin(fast, a);
	json_portable(true);
	json_begin(slow, b);
	do {
		r = json_next(fast, &s);
		q = json_next(slow, &t);
		must(r == q && json_depth(fast) == json_depth(slow));
		if (r >= 0)
			must(same_token(&s, &t));
	} while (r > 0);
	must(same_diag(json_diag(fast), json_diag(slow)));
	must((r < 0) == (json_diag(fast)->rule != NULL));
	must(json_diag(fast)->offset <= a.len);
	json_portable(false);
	return r;
}

static void
check_string(struct json *j, struct slice text, enum json_style style)
{
	struct buf written = { 0 }, back = { 0 };
	struct json_token t;

	json_put_string(&written, text, style);
	memset(buf_reserve(&written, JSON_PADDING), '"', JSON_PADDING);
	json_begin(j, buf_view(&written));
	must(json_next(j, &t) == 1 && t.type == JSON_STRING && json_next(j, &t) == 0);
	json_begin(j, buf_view(&written));
	json_next(j, &t);
	must(slice_eq(json_text(t.text, t.escaped, &back), text));
	buf_free(&written);
	buf_free(&back);
}

static void
check_number(struct slice number)
{
	double v = json_double(number);
	struct buf b = { 0 };
	int64_t i;

	if (isfinite(v)) {
		json_put_double(&b, v);
		must(json_double(buf_view(&b)) == v);
	}
	if (json_integer(number, &i))
		must((double)i == v);
	buf_free(&b);
}

static void
check_values(struct json *j, struct json *other, struct slice text)
{
	struct buf scratch = { 0 };
	struct json_token t;

	json_begin(j, text);
	while (json_next(j, &t) > 0) {
		if (t.type == JSON_NUMBER)
			check_number(t.text);
		if (t.type != JSON_STRING)
			continue;
		check_string(other, json_text(t.text, t.escaped, &scratch), JSON_ASCII);
		check_string(other, json_text(t.text, t.escaped, &scratch), JSON_UTF8);
	}
	buf_free(&scratch);
}

static void
check_canon(struct json *j, struct slice text)
{
	struct buf once = { 0 }, twice = { 0 };
	struct diag d = { NULL, 0 };

	if (json_canon(j, text, &once, &d) != 0) {
		must(strcmp(d.rule, "range") == 0 && once.len == 0);
	} else {
		for (size_t i = 0; i < once.len; i++)
			must(once.p[i] >= ' ' && once.p[i] < 0x7f);
		memset(buf_reserve(&once, JSON_PADDING), '0', JSON_PADDING);
		must(json_canon(j, buf_view(&once), &twice, &d) == 0);
		must(slice_eq(buf_view(&once), buf_view(&twice)));
	}
	buf_free(&once);
	buf_free(&twice);
}

static void
check_line(struct json *fast, struct json *slow, const uint8_t *data, size_t len)
{
	static const char *const tails[] = { "\"", "0", "]}", ",\"", "u", "\x80\xbf", "e+1",
		":", " " };
	struct slice a = copy(data, len, "\"");
	struct json *fresh = json_new();
	struct diag d = { NULL, 0 };
	int r = -1;

	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
		struct slice b = copy(data, len, tails[i]);

		if (i == 1)
			check_paths(fast, fresh, a, b);
		r = check_paths(fast, slow, a, b);
		free((char *)(uintptr_t)b.p);
	}
	must(json_check(slow, a, &d) == r && same_diag(&d, json_diag(fast)));
	if (r == 0) {
		check_values(fast, slow, a);
		check_canon(slow, a);
	}
	json_free(fresh);
	free((char *)(uintptr_t)a.p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct json *fast = json_new(), *slow = json_new();
	size_t from = 0;

	for (size_t i = 0; i <= len; i++)
		if (i == len || data[i] == '\n') {
			check_line(fast, slow, data + from, i - from);
			from = i + 1;
		}
	json_free(fast);
	json_free(slow);
	return 0;
}
