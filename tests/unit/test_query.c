#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "json/program.h"
#include "json/query.h"

/* What a program makes of a text: its values, each on a line, then "map at N" if it failed. */
static bool
collect(void *arg, struct slice json)
{
	struct buf *out = arg;

	buf_slice(out, json);
	buf_byte(out, '\n');
	return true;
}

static void
run(struct query *q, const char *text, struct buf *out)
{
	struct buf padded = { 0 };
	struct diag d = { NULL, 0 };

	buf_str(&padded, text);
	memset(buf_reserve(&padded, JSON_PADDING), '1', JSON_PADDING);
	buf_reset(out);
	if (query_each(q, buf_view(&padded), collect, out, &d) != 0)
		buf_printf(out, "%s at %zu", d.rule, d.offset);
	buf_free(&padded);
}

static bool
makes(const char *program, const char *text, const char *want)
{
	struct buf out = { 0 };
	size_t line = 77;
	struct query *q = query_new(program, &line);
	bool right;

	if (q == NULL)
		buf_printf(&out, "line %zu", line);
	else
		run(q, text, &out);
	right = slice_is(buf_view(&out), want);
	if (!right)
		printf("# %s: %.*s\n", program, (int)out.len, out.p);
	query_free(q);
	buf_free(&out);
	return right;
}

static void
test_values(void)
{
	CHECK(makes(".", "{\"a\":[1,true,null,\"x\"]}", "{\"a\":[1,true,null,\"x\"]}\n"));
	CHECK(makes(".[]", "[1,\"a\",{}]", "1\n\"a\"\n{}\n"));
	CHECK(makes("empty", "1", "") && makes("", "1", "1\n") && makes(" \n", "1", "1\n"));
	CHECK(makes("def twice: . * 2; twice", "4", "8\n"));
	CHECK(
	    makes("# a comment\n.a # and another\n", "{\"a\":\"\xc3\xa9\"}", "\"\xc3\xa9\"\n"));
	CHECK(makes(". + \"\\u0000\"", "\"a\"", "\"a\\u0000\"\n"));
	CHECK(makes("1, error(\"secret\"), 2", "null", "1\nmap at 0"));
	CHECK(makes(".a", "[\"secret\"]", "map at 0"));
	CHECK(makes("try error(\"x\") catch .", "1", "\"x\"\n"));
	CHECK(makes("[limit(3; repeat(1))]", "1", "[1,1,1]\n"));
	CHECK(makes("@sh \"\\(.)\", ltrimstr(\"a\"), ([splits(\"b\")])", "\"abc\"",
	    "\"'abc'\"\n\"bc\"\n[\"a\",\"c\"]\n"));
	/* Nobody knows it here; no word of libjq's, and no abort. */
	CHECK(makes("input_line_number", "1", "map at 0"));
}

static void
test_dates(void)
{
	CHECK(makes("todate, strftime(\"%Y\"), (gmtime|strftime(\"%d\")), date", "1425599507",
	    "\"2015-03-05T23:51:47Z\"\n\"2015\"\n\"05\"\n\"2015-03-05T23:51:47Z\"\n"));
	setenv("TZ", "America/Anchorage", 1);
	CHECK(makes("strflocaltime(\"%Y %H\")", "0", "\"1970 00\"\n"));
	CHECK(makes("todate", "1e300", "map at 0") && makes("todate", "\"a\"", "map at 0"));
	CHECK(makes("strflocaltime(\"%Y\")", "1e300", "map at 0"));
	CHECK(makes("strftime(1)", "1", "map at 0") &&
	    makes("strflocaltime(.)", "1", "map at 0"));
}

static void
test_numbers(void)
{
	CHECK(makes(".", "[9007199254740992,-9007199254740992]",
	    "[9007199254740992,-9007199254740992]\n"));
	CHECK(makes("1", "9007199254740993", "map at 0"));
	CHECK(makes("1", "{\"a\":[-9007199254740993]}", "map at 6"));
	CHECK(makes("1", "[1,99999999999999999999999999999999]", "map at 3"));
	CHECK(makes("1", "[1e400]", "map at 1") && makes("1", "[ -1e400]", "map at 2"));
	CHECK(makes(".[0] == 1e20", "[1e20]", "true\n"));
}

static void
test_depth(void)
{
	CHECK(makes("reduce range(63) as $i (.; [.]) | length", "[1]", "1\n"));
	CHECK(makes("1, reduce range(64) as $i (.; [.])", "1",
	    "1\n[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
	    "1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n"));
	CHECK(makes("1, reduce range(65) as $i (.; [.])", "1", "1\nmap at 0"));
	CHECK(makes("reduce range(65) as $i (.; {a: 1, b: .})", "1", "map at 0"));
	CHECK(makes("reduce range(5000) as $i (.; {a: [.]})", "1", "map at 0"));
}

static void
test_compile_errors(void)
{
	CHECK(makes(".a |", "1", "line 1") && makes("\n\n.a | secret\n", "1", "line 3"));
	CHECK(makes(".\n| )", "1", "line 2") && makes("\"abc", "1", "line 1"));
	CHECK(makes("$x", "1", "line 1") && makes("f(1)", "1", "line 1"));
}

/* Each is seen wherever it calls; a program that uses one is refused at its line. */
static void
test_off(void)
{
	static const char *const words[] = { "debug", "stderr", "input", "inputs", "env",
		"halt", "halt_error", "modulemeta", "input_filename", "get_search_list",
		"get_prog_origin", "get_jq_origin", "_input", "$ENV", "$__loc__",
		"$__prog_args" };
	static const char *const frames[] = { "%", "\n%", "1, %", "[%]", "{a: %}", "{(%): 1}",
		"\"\\(%)\"", "\"a\\\"\\(\"\\(%)\")\"", ".[%:3]", "def f: %; f",
		"@json \"x\\(1 + %)\"", "% | .", "%.a", "# a \"\n%",
		"{a: 1 | if . then 1, %, 2 else 3 end}", "{a: (1, %, 3)}", "\"#\" | %",
		"\"\\u\\(%)\"", "\"\\\\\" , %", "reduce % as $x (0; 1)", ". as [$a] | %",
		"try %", "%?", "-%", "1e5, %", "{a: .b.c, d: %}", "limit(1;%)", "..|%", "1.%",
		"{\"a\": 1 } | %", "% # comment", "[1, % , 2]", "{a: {b: 1}, c: %}" };
	struct buf program = { 0 };
	size_t line;

	for (size_t w = 0; w < sizeof words / sizeof words[0]; w++)
		for (size_t f = 0; f < sizeof frames / sizeof frames[0]; f++) {
			line = 0;
			buf_reset(&program);
			for (const char *p = frames[f]; *p != '\0'; p++)
				if (*p == '%')
					buf_str(&program, words[w]);
				else
					buf_byte(&program, *p);
			if (!CHECK(!program_is_tame(buf_cstr(&program), &line) && line >= 1 &&
				line <= 2))
				printf("# %s\n", buf_cstr(&program));
		}
	buf_free(&program);
	CHECK(makes("import \"a\" as $x; .", "1", "line 1"));
	CHECK(makes("import \"a\" as x {search: \"/\"}; .", "1", "line 1"));
	CHECK(makes("include \"x\"; .", "1", "line 1") && makes("\n\ninputs", "1", "line 3"));
	CHECK(makes("debug(\"x\")", "1", "line 1") && makes("halt_error(3)", "1", "line 1"));
	CHECK(makes("$ ENV", "1", "line 1") && makes("$ # c\nENV", "1", "line 2"));
	CHECK(makes("env.PATH", "1", "line 1") && makes("$ENV.PATH", "1", "line 1"));
	CHECK(makes(". input", "1", "line 1") && makes("{$ENV}", "1", "line 1"));
	CHECK(makes("{a: if 1 then 1 else 2 end, input}", "1", "line 1"));
	CHECK(!program_is_tame("{a: if 1 then 2, input, 3 else 4 end}", &line));
	CHECK(!program_is_tame("{a: def f: 1, input; f}", &line) && line == 1);
	/* A comment that ends elsewhere in a later jq. */
	CHECK(makes("# \\\n\"\ninput # \"", "1", "line 1"));
	CHECK(makes("# \\\r\n\"\ninput # \"", "1", "line 1"));
	CHECK(makes("# \rinput", "1", "line 1"));
}

static void
test_on(void)
{
	CHECK(
	    makes(".input", "{\"input\":5}", "5\n") && makes("..|.env?", "{\"env\":5}", "5\n"));
	CHECK(makes(
	    "{env: 1, input: 2 , debug : 3}", "1", "{\"env\":1,\"input\":2,\"debug\":3}\n"));
	CHECK(makes("{input}", "{\"input\":5}", "{\"input\":5}\n"));
	CHECK(makes(
	    "{a, input, \"env\": 3}", "{\"input\":5}", "{\"a\":null,\"input\":5,\"env\":3}\n"));
	CHECK(makes("{a: (.input, 2) , input}", "{\"input\":5}",
	    "{\"a\":5,\"input\":5}\n{\"a\":2,\"input\":5}\n"));
	CHECK(
	    makes(". as {input: $x, $env} | [$x, $env]", "{\"input\":5,\"env\":6}", "[5,6]\n"));
	CHECK(makes("\"input $ENV env \\\"debug\\\" \\\\\", .[\"halt\"]", "{\"halt\":5}",
	    "\"input $ENV env \\\"debug\\\" \\\\\"\n5\n"));
	CHECK(makes("1 as $input | 2 as $env | [$input, $env]", "1", "[1,2]\n"));
	CHECK(makes("# input env\n.a # \"debug\n", "{\"a\":5}", "5\n"));
	CHECK(
	    makes("\"\\(.input | \"halt \\(.)\") env\"", "{\"input\":5}", "\"halt 5 env\"\n"));
	CHECK(makes(".\"input\", .\"in\\(\"put\")\"", "{\"input\":5}", "5\n5\n"));
	CHECK(makes(
	    "def inputted: 1; inputted, 1e5 + 0, .5, 1.5e+1 + 0", "1", "1\n100000\n0.5\n15\n"));
	CHECK(makes("{if: 1, end: 2, input: 3}", "1", "{\"if\":1,\"end\":2,\"input\":3}\n"));
}

/* The standard streams stay silent, whatever the program and the input do. */
static void
test_silence(void)
{
	static const char *const programs[] = { ".a", "error(.)", "secret", "(", "\"secret",
		"debug", "stderr", "import \"secret\" as $x; .", "@secret", "{a: secret}",
		"halt_error" };
	FILE *f = tmpfile();
	int err, out;
	long said;

	fflush(stdout);
	fflush(stderr);
	out = dup(STDOUT_FILENO);
	err = dup(STDERR_FILENO);
	dup2(fileno(f), STDOUT_FILENO);
	dup2(fileno(f), STDERR_FILENO);
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
		struct buf b = { 0 };
		size_t line;
		struct query *q = query_new(programs[i], &line);

		if (q != NULL)
			run(q, "[\"secret\"]", &b);
		query_free(q);
		buf_free(&b);
	}
	fflush(stdout);
	fflush(stderr);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(out);
	close(err);
	fseek(f, 0, SEEK_END);
	said = ftell(f);
	CHECK(said == 0);
	fclose(f);
}

static bool
stop(void *arg, struct slice json)
{
	(void)json;
	return --*(int *)arg > 0;
}

static void
test_early_stop(void)
{
	size_t line;
	struct query *q = query_new("range(10), error", &line);
	char text[1 + JSON_PADDING] = "1";
	struct buf out = { 0 };
	struct diag d = { NULL, 0 };
	int left = 3;

	CHECK(query_each(q, (struct slice){ text, 1 }, stop, &left, &d) == 0 && left == 0);
	CHECK(d.rule == NULL);
	run(q, "1", &out);
	CHECK_BYTES(out.p, out.len, "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\nmap at 0");
	run(q, "{", &out);
	CHECK_BYTES(out.p, out.len, "map at 0");
	run(q, "1", &out);
	CHECK(out.len > 20);
	query_free(q);
	query_free(NULL);
	buf_free(&out);
}

/* A ~/.jq that is read would define f. */
static void
test_home(void)
{
	char dir[] = "/tmp/test-query.XXXXXX", path[64];
	FILE *f;

	CHECK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof path, "%s/.jq", dir);
	if (!CHECK((f = fopen(path, "w")) != NULL))
		return;
	CHECK(fputs("def f: \"from home\";\n", f) >= 0);
	fclose(f);
	setenv("HOME", dir, 1);
	setenv("PHI", "secret", 1);
	CHECK(makes("f", "1", "line 1"));
	CHECK(getenv("HOME") == NULL && getenv("PHI") == NULL);
	unlink(path);
	rmdir(dir);
}

int
main(void)
{
	test_home();
	test_values();
	test_dates();
	test_numbers();
	test_depth();
	test_compile_errors();
	test_off();
	test_on();
	test_silence();
	test_early_stop();
	return check_done();
}
