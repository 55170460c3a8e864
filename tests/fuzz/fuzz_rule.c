/*
 * A rule file, whatever it is, is read, checked and rendered without harm.
 *
 * Properties: a condition that parses is printed as text that parses to the same tree; nothing of a
 * rule leaves its quotes in a query: outside of strings and names in quotes, every command is one
 * of ours, and no control character stands anywhere; a finding's place is in the file.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "sigma/condition.h"
#include "sigma/finding_kind.h"
#include "sigma/pipeline.h"
#include "sigma/ruleset.h"
#include "sigma/spl.h"
#include "term/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A pipeline of everything, for files that are none. */
static const char usual[] =
    "vars: {a: [x, 'y*'], b: 1}\n"
    "transformations:\n"
    "- {type: value_placeholders}\n"
    "- {type: wildcard_placeholders, include: [c]}\n"
    "- {type: field_name_mapping, mapping: {x: [y, 'c-ip'], user: u, h: 'h{}'}}\n"
    "- {type: add_condition, conditions: {y: [1, 'a b']}}\n"
    "- {type: field_name_mapping, mapping: {y: [x, z]}}\n";

static void
must(bool held, const char *what)
{
	if (held)
		return;
	fprintf(stderr, "fuzz_rule: %s\n", what);
	abort();
}

static void
try_condition(struct slice text)
{
	struct arena a = { 0 };
	struct diag d = { 0 };
	struct condition *c = condition_get(&a, text, &d), *again;
	struct buf b = { 0 };

	if (c == NULL) {
		must(d.rule != NULL && d.offset <= text.len,
		    "a refused condition has its place");
	} else {
		condition_put(&b, c);
		if (b.len <= CONDITION_MAX) {
			again = condition_get(&a, buf_view(&b), &d);
			must(again != NULL && condition_eq(c, again),
			    "a printed condition parses to the same tree");
		}
	}
	buf_free(&b);
	arena_free(&a);
}

/* The length of what is quoted by q at the start of s. */
static size_t
quoted(struct slice s, char q)
{
	for (size_t i = 1; i < s.len; i++) {
		if (s.p[i] == '\\' && q == '"')
			i++;
		else if (s.p[i] == q)
			return i + 1;
	}
	must(false, "a quote is closed");
	return s.len;
}

static bool
is_command(struct slice s)
{
	static const char *const commands[] = { " where ", " eval ",
		" bin _time span=", " stats ", " eventstats ", " streamstats ", " sort 0 ",
		" rename ", " table ", " multisearch [" };

	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (slice_starts(s, slice_of(commands[i])))
			return true;
	return false;
}

static void
check_query(struct slice q)
{
	size_t open = 0;

	for (size_t i = 0; i < q.len; i++) {
		struct slice rest = { q.p + i, q.len - i };
		uint32_t c = 0;
		unsigned n = utf8_get(rest.p, rest.p + rest.len, &c);

		must(n > 0 && !spl_control(c), "no control character stands in a query");
		if (c == '"' || c == '\'') {
			size_t step = quoted(rest, (char)c);
			const char *end = rest.p + step;

			for (const char *p = rest.p; p < end; p += n) {
				n = utf8_get(p, end, &c);
				must(n > 0 && !spl_control(c),
				    "no control character in a string");
			}
			i += step - 1;
			continue;
		}
		must(c < 0x80 && strchr("`$;#\\", (int)c) == NULL,
		    "only our syntax outside of quotes");
		if (c == '|')
			must(is_command((struct slice){ rest.p + 1, rest.len - 1 }),
			    "only our commands");
		open += c == '(';
		must(c != ')' || open-- > 0, "parentheses match");
	}
	must(open == 0, "parentheses match");
}

static void
check_findings(const struct ruleset *set, struct slice text)
{
	for (size_t i = 0; i < set->found.n; i++) {
		const struct finding *x = &set->found.v[i];

		must(x->at.line >= 1 && x->at.line <= text.len + 1,
		    "a finding's line is in the file");
		must(x->at.column >= 1 && x->at.column <= text.len + 2,
		    "a finding's column is in the file");
		must(x->text != NULL && finding_kind(x->id) >= 0, "a finding says what it is");
		must(i == 0 || set->found.v[i - 1].at.line <= x->at.line,
		    "findings are in order");
	}
}

static void
render(struct ruleset *set)
{
	struct buf query = { 0 };

	for (struct rule *r = set->first; r != NULL; r = r->next) {
		struct refusal why;

		if (r->broken)
			continue;
		buf_reset(&query);
		if (spl_put(&set->arena, r, &query, &why) == 0)
			check_query(buf_view(&query));
		else
			must(finding_kind(why.id) >= 0 && query.len == 0,
			    "a refusal says why and leaves nothing");
	}
	buf_free(&query);
}

static void
show(const struct ruleset *set)
{
	struct buf b = { 0 };

	for (const struct rule *r = set->first; r != NULL; r = r->next)
		style_clean(&b, rule_key(r));
	for (size_t i = 0; i < b.len; i++)
		must((unsigned char)b.p[i] >= 0x20 && b.p[i] != 0x7F, "what is shown is clean");
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice text = { (const char *)data, len };
	struct ruleset set;
	struct findings found = { 0 };
	struct pipeline *p;

	try_condition(text);
	ruleset_init(&set);
	found.arena = &set.arena;
	ruleset_add(&set, "rule.yml", text);
	ruleset_close(&set);
	check_findings(&set, text);
	p = pipeline_read(&set.arena, &found, text);
	if (p == NULL)
		p = pipeline_read(&set.arena, &found, slice_of(usual));
	must(p != NULL, "a pipeline that is right is read");
	if (p != NULL)
		for (struct rule *r = set.first; r != NULL; r = r->next)
			pipeline_apply(p, &set.arena, &set.found, r, false);
	render(&set);
	show(&set);
	findings_free(&found);
	ruleset_free(&set);
	return 0;
}
