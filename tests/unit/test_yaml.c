/* YAML documents as nodes: types, numbers, places, and what ends a file. */
#include "check.h"
#include "sigma/node.h"

struct load {
	struct arena arena;
	struct findings found;
	struct documents *reader;
	struct document doc;
};

static int
begin(struct load *l, struct slice text)
{
	*l = (struct load){ 0 };
	l->found.arena = &l->arena;
	l->reader = documents_open(&l->arena, &l->found, text);
	return documents_next(l->reader, &l->doc);
}

static void
end(struct load *l)
{
	documents_free(l->reader);
	findings_free(&l->found);
	arena_free(&l->arena);
}

/* The type of a plain scalar, and its number. */
static bool
resolves(const char *text, enum node_type type, const char *number)
{
	struct buf doc = { 0 }, b = { 0 };
	struct load l;
	const struct node *n;
	bool right;

	buf_printf(&doc, "k: %s\n", text);
	begin(&l, buf_view(&doc));
	n = node_get(l.doc.root, "k");
	right = n != NULL && node_type(n) == type;
	if (right && number != NULL)
		right = node_number(n, &b) == 0 && slice_is(buf_view(&b), number);
	if (!right)
		printf("# %s: type %d, %.*s\n", text, n != NULL ? (int)node_type(n) : -1,
		    (int)b.len, b.len > 0 ? b.p : "");
	end(&l);
	buf_free(&doc);
	buf_free(&b);
	return right;
}

static void
test_types(void)
{
	CHECK(resolves("yes", TYPE_BOOL, NULL) && resolves("Off", TYPE_BOOL, NULL));
	CHECK(resolves("TRUE", TYPE_BOOL, NULL) && resolves("tRUE", TYPE_TEXT, NULL));
	CHECK(resolves("y", TYPE_TEXT, NULL) && resolves("'yes'", TYPE_TEXT, NULL));
	CHECK(resolves("", TYPE_NULL, NULL) && resolves("~", TYPE_NULL, NULL));
	CHECK(resolves("NULL", TYPE_NULL, NULL) && resolves("nULL", TYPE_TEXT, NULL));
	CHECK(
	    resolves("2024-01-31", TYPE_DATE, NULL) && resolves("2024-1-31", TYPE_TEXT, NULL));
	CHECK(resolves("2024-01-31 10:00:00", TYPE_DATE, NULL));
	CHECK(resolves("2024-01-31T10:00:00.5Z", TYPE_DATE, NULL));
	CHECK(resolves("2024-01-31x", TYPE_TEXT, NULL));
	CHECK(resolves("1e3", TYPE_TEXT, NULL) && resolves("089", TYPE_TEXT, NULL));
	CHECK(resolves("0o17", TYPE_TEXT, NULL) && resolves("1.2.3", TYPE_TEXT, NULL));
	CHECK(resolves("+", TYPE_TEXT, NULL) && resolves(".", TYPE_TEXT, NULL));
	CHECK(resolves("1:60", TYPE_TEXT, NULL) && resolves("0:10", TYPE_TEXT, NULL));
	CHECK(resolves("_1", TYPE_TEXT, NULL) && resolves("-.5", TYPE_TEXT, NULL));
}

static void
test_integers(void)
{
	CHECK(resolves("0", TYPE_INT, "0") && resolves("-0", TYPE_INT, "0"));
	CHECK(resolves("+12", TYPE_INT, "12") && resolves("-12", TYPE_INT, "-12"));
	CHECK(resolves("010", TYPE_INT, "8") && resolves("-010", TYPE_INT, "-8"));
	CHECK(resolves("0x1F", TYPE_INT, "31") && resolves("0b1_01", TYPE_INT, "5"));
	CHECK(resolves("1_000", TYPE_INT, "1000"));
	CHECK(resolves("12:30:45", TYPE_INT, "45045") && resolves("-1:30", TYPE_INT, "-90"));
	CHECK(resolves(
	    "123456789012345678901234567890", TYPE_INT, "123456789012345678901234567890"));
	CHECK(
	    resolves("0xffffffffffffffffffffffff", TYPE_INT, "79228162514264337593543950335"));
	CHECK(resolves("1000000000", TYPE_INT, "1000000000"));
	CHECK(resolves("1000000000000000000000", TYPE_INT, "1000000000000000000000"));
}

static void
test_floats(void)
{
	CHECK(resolves("1.50", TYPE_FLOAT, "1.5") && resolves("2.0", TYPE_FLOAT, "2"));
	CHECK(resolves(".5", TYPE_FLOAT, "0.5") && resolves("1.", TYPE_FLOAT, "1"));
	CHECK(resolves("1.0e+3", TYPE_FLOAT, "1000") && resolves("1_0.5", TYPE_FLOAT, "10.5"));
	CHECK(
	    resolves("1:30.5", TYPE_FLOAT, "90.5") && resolves("-1:30.5", TYPE_FLOAT, "-90.5"));
	CHECK(resolves(".inf", TYPE_FLOAT, NULL) && !resolves(".inf", TYPE_FLOAT, "inf"));
	CHECK(resolves("-.INF", TYPE_FLOAT, NULL) && resolves(".NaN", TYPE_FLOAT, NULL));
	CHECK(!resolves("1.0e+999", TYPE_FLOAT, "inf"));
}

static bool
is_at(struct place p, uint32_t line, uint32_t column)
{
	return p.line == line && p.column == column;
}

static void
test_places(void)
{
	static const char text[] =
	    "a: b\n\xC3\xA4: 'c d'\n\"q\\n\": |\n  x\n  y\nz: [1, {u: v}]\n";
	struct load l;
	const struct node *root, *n;

	CHECK(begin(&l, SLICE(text)) == 1 && l.found.n == 0 && !l.doc.cut);
	root = l.doc.root;
	CHECK(is_at(root->at, 1, 1) && root->count == 4);
	n = node_get(root, "a");
	CHECK(is_at(n->at, 1, 4) && n->shift == 0 && n->plain);
	n = node_get(root, "\xC3\xA4");
	CHECK(is_at(n->at, 2, 4) && n->shift == 1 && !n->plain);
	CHECK(is_at(node_place(n, 2), 2, 7));
	CHECK(is_at(node_key(root, "q\n")->at, 3, 1) && node_key(root, "q\n")->shift == -1);
	n = node_get(root, "q\n");
	CHECK(slice_is(n->text, "x\ny\n") && n->shift == -1 && is_at(node_place(n, 2), 5, 3));
	n = node_get(root, "z");
	CHECK(n->kind == NODE_LIST && n->count == 2 && is_at(n->first->next->value->at, 6, 8));
	CHECK(documents_next(l.reader, &l.doc) == 0 && l.found.n == 0);
	end(&l);
}

static bool
stops(struct slice text, const char *id, uint32_t line, uint32_t column, bool cut)
{
	struct load l;
	int more = begin(&l, text);
	bool right;

	while (more == 1 && !l.doc.cut)
		more = documents_next(l.reader, &l.doc);
	right = l.found.n > 0 && strcmp(l.found.v[l.found.n - 1].id, id) == 0 &&
	    is_at(l.found.v[l.found.n - 1].at, line, column) && l.doc.cut == cut;
	if (!right && l.found.n > 0)
		printf("# %s %u:%u\n", l.found.v[0].id, l.found.v[0].at.line,
		    l.found.v[0].at.column);
	end(&l);
	return right;
}

static void
test_stops(void)
{
	CHECK(stops(SLICE("a: [1, 2\n"), "yaml-syntax", 2, 1, true));
	CHECK(stops(SLICE("a: 1\n...\n]\n"), "yaml-syntax", 3, 1, false));
	CHECK(stops(SLICE("a: 1\nb: \xFF\n"), "yaml-utf8", 2, 4, true));
	CHECK(stops(SLICE("a: \xED\xA0\x80\n"), "yaml-utf8", 1, 4, true));
	CHECK(stops(SLICE("\xC3\xA4: \0"), "yaml-nul", 1, 4, true));
	CHECK(stops(SLICE("a: 1\n---\nb: \x01"), "yaml-control", 3, 4, true));
	CHECK(stops(SLICE("a: 1\n--- \x01"), "yaml-control", 2, 5, true));
	CHECK(stops(SLICE("\xEF\xBB\xBF"
			  "a: \x01"),
	    "yaml-control", 1, 4, true));
	CHECK(stops(SLICE("a: &a 1\nb: *c\n"), "yaml-alias", 2, 4, false));
	CHECK(stops(SLICE("a: 1\na: 2\n"), "yaml-duplicate", 2, 1, false));
}

static void
test_many_keys(void)
{
	struct buf b = { 0 };
	struct load l;

	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "k%d: 1\n", i);
	buf_str(&b, "k5: 2\nk999: 3\n");
	CHECK(begin(&l, buf_view(&b)) == 1 && l.doc.root->count == 1002);
	CHECK(l.found.n == 2 && l.found.v[0].at.line == 1001 && l.found.v[1].at.line == 1002);
	end(&l);
	buf_free(&b);
}

int
main(void)
{
	test_types();
	test_integers();
	test_floats();
	test_places();
	test_stops();
	test_many_keys();
	return check_done();
}
