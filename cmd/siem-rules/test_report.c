/* What is said about samples: TAP (testanything.org, version 13), or JUnit's XML. */
#include "term/style.h"
#include "test.h"

static const char *const doing[] = { "fires", "does not fire" };

/* Text of a rule or a path, so that it can do no harm; in TAP '#' would begin a directive. */
static void
put_clean(struct buf *b, struct slice text, bool xml)
{
	struct buf clean = { 0 };

	style_clean(&clean, text);
	for (size_t i = 0; i < clean.len; i++) {
		char c = clean.p[i];

		if (xml && c == '&')
			buf_str(b, "&amp;");
		else if (xml && c == '<')
			buf_str(b, "&lt;");
		else if (xml && c == '>')
			buf_str(b, "&gt;");
		else if (xml && c == '"')
			buf_str(b, "&quot;");
		else if (!xml && c == '#')
			buf_str(b, "\\#");
		else
			buf_byte(b, c);
	}
	buf_free(&clean);
}

static void
put_wrong(struct buf *b, const struct result *x, uint64_t i, bool xml)
{
	put_clean(b, buf_view(&x->name), xml);
	buf_printf(b, ":%llu: %s", (unsigned long long)x->lines[i], x->line_why[i]);
	if (x->line_rule[i] != NULL)
		buf_printf(b, " [%s]", x->line_rule[i]);
	buf_byte(b, '\n');
}

/* Why a result is wrong, a line each. */
static void
put_reasons(struct buf *b, const struct result *x, const char *front, bool xml)
{
	if (x->why != NULL) {
		buf_str(b, front);
		put_clean(b, buf_view(&x->name), xml);
		buf_printf(b, ": %s\n", x->why);
	}
	for (uint64_t i = 0; i < x->wrong && i < WRONG_LINES; i++) {
		buf_str(b, front);
		put_wrong(b, x, i, xml);
	}
	if (x->wrong > WRONG_LINES)
		buf_printf(b, "%sand %llu more\n", front,
		    (unsigned long long)(x->wrong - WRONG_LINES));
}

static void
put_tap(struct report *r, const struct result *x)
{
	struct buf b = { 0 };

	buf_printf(&b, "%s %llu - ", x->verdict == VERDICT_WRONG ? "not ok" : "ok",
	    (unsigned long long)r->count);
	put_clean(&b, buf_view(&x->name), false);
	if (x->verdict == VERDICT_SKIPPED)
		buf_str(&b, " # SKIP no such file\n");
	else
		buf_printf(&b, " %s\n", doing[x->kind]);
	put_reasons(&b, x, "# ", false);
	out_put(r->out, buf_view(&b));
	buf_free(&b);
}

static void
put_junit(struct report *r, const struct result *x)
{
	struct buf *b = &r->cases;

	buf_str(b, "  <testcase classname=\"");
	put_clean(b, rule_key(x->rule), true);
	buf_str(b, "\" name=\"");
	put_clean(b, buf_view(&x->name), true);
	buf_printf(b, " %s\"", doing[x->kind]);
	if (x->verdict == VERDICT_OK) {
		buf_str(b, "/>\n");
	} else if (x->verdict == VERDICT_SKIPPED) {
		buf_str(b, "><skipped message=\"no such file\"/></testcase>\n");
	} else {
		buf_printf(b, "><failure message=\"not as it should be\">");
		put_reasons(b, x, "", true);
		buf_str(b, "</failure></testcase>\n");
	}
}

void
report_result(struct report *r, const struct result *x)
{
	r->count++;
	r->failed += x->verdict == VERDICT_WRONG;
	r->skipped += x->verdict == VERDICT_SKIPPED;
	if (r->junit)
		put_junit(r, x);
	else
		put_tap(r, x);
}

static const char *const kinds[] = {
	[CLAUSE_AND] = "and",
	[CLAUSE_OR] = "or",
	[CLAUSE_NOT] = "not",
	[CLAUSE_SELECT] = "selection",
	[CLAUSE_ID] = "identifier",
	[CLAUSE_FIELD] = "field",
	[CLAUSE_KEYWORD] = "keyword",
	[CLAUSE_FILTER] = "filter",
};

static void
put_part(struct report *r, const struct rule *rule, const char *kind, struct slice text,
    const char *how)
{
	struct buf b = { 0 };

	if (!r->junit)
		buf_str(&b, "# coverage: ");
	put_clean(&b, slice_of(rule->file), r->junit);
	buf_printf(&b, ":%u: %s", rule->at.line, kind);
	if (text.len > 0) {
		buf_byte(&b, ' ');
		put_clean(&b, text, r->junit);
	}
	buf_printf(&b, " %s in any sample\n", how);
	if (r->junit)
		buf_slice(&r->uncovered, buf_view(&b));
	else
		out_put(r->out, buf_view(&b));
	buf_free(&b);
}

static const char *
never(unsigned marks)
{
	static const char *const words[] = { "is never decided", "is never false",
		"is never true", NULL };

	return words[marks & 3];
}

void
report_coverage(struct report *r, const struct bench *b)
{
	const struct slice none = { NULL, 0 };

	if (!r->coverage)
		return;
	for (uint32_t i = 0; i < b->part_count; i++) {
		const struct bench_part *p = &b->parts[i];

		for (uint32_t k = 0; k < p->count; k++) {
			const struct clause *c = explain_part(p->explain, k);

			if (never(p->marks[k]) != NULL)
				put_part(r, p->rule, kinds[c->kind],
				    c->kind <= CLAUSE_NOT ? none : c->text, never(p->marks[k]));
		}
	}
	for (uint32_t i = 0; i < b->correlation_count; i++)
		if (b->fired[i] == 0)
			put_part(r, b->correlations[i], "correlation", none, "is never true");
}

void
report_end(struct report *r)
{
	if (!r->junit) {
		out_printf(r->out, "1..%llu\n", (unsigned long long)r->count);
		return;
	}
	out_printf(r->out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n <testsuite "
	    "name=\"siem-rules\" tests=\"%llu\" failures=\"%llu\" errors=\"0\" "
	    "skipped=\"%llu\">\n",
	    (unsigned long long)r->count, (unsigned long long)r->failed,
	    (unsigned long long)r->skipped);
	out_put(r->out, buf_view(&r->cases));
	if (r->coverage) {
		out_str(r->out, "  <system-out>");
		out_put(r->out, buf_view(&r->uncovered));
		out_str(r->out, "</system-out>\n");
	}
	out_str(r->out, " </testsuite>\n</testsuites>\n");
	buf_free(&r->cases);
	buf_free(&r->uncovered);
}
