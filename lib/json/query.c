#include "json/query.h"

#include <jq.h>
#include <stdlib.h>

#include "base/mem.h"
#include "json/program.h"
#include "json/value.h"

struct query {
	jq_state *jq;
	struct json *json;
	struct buf out, scratch;
};

/*
 * libjq 1.6 aborts when strftime meets a number that is no time, as in 1e300|todate, or a format
 * that is no string, and leaks what else it refuses.  There is no line break in this: lines are to
 * be those of the program.
 */
static const char prelude[] =
    "def _strftime($f): strftime($f); def _strflocaltime($f): strflocaltime($f); "
    "def _format: if type == \"string\" then . else error(\"\") end; "
    "def _broken_down: if type == \"array\" and length >= 6 and all(.[]; type == \"number\") "
    "then . else error(\"\") end; "
    "def strftime($f): ($f|_format) as $f | "
    "if type == \"number\" then gmtime else _broken_down end | _strftime($f); "
    "def strflocaltime($f): ($f|_format) as $f | "
    "if type == \"number\" then localtime else _broken_down end | _strflocaltime($f); "
    "def todateiso8601: strftime(\"%Y-%m-%dT%H:%M:%SZ\"); "
    "def todate: todateiso8601; def date: todate; ";

/* libjq's own messages, which repeat the program or the input, stop here. */
static void
note_line(void *arg, jv message)
{
	static const char mark[] = " at <top-level>, line ";
	size_t *line = arg;

	message = jq_format_error(message);
	if (jv_get_kind(message) == JV_KIND_STRING && *line == 0) {
		const char *at = strstr(jv_string_value(message), mark);

		if (at != NULL)
			*line = strtoul(at + sizeof mark - 1, NULL, 10);
	}
	jv_free(message);
}

static void
swallow(void *arg, jv message)
{
	(void)arg;
	jv_free(message);
}

/* Ends the process, where all of them end that are out of memory.  libjq keeps a handler a thread. */
static void
no_memory(void *arg)
{
	(void)arg;
	free(xmalloc(SIZE_MAX));
}

/* Nothing of it is for a program to see; local time is UTC, the same everywhere. */
static void
clear_environment(void)
{
	clearenv();
	setenv("TZ", "UTC0", 1);
}

/* Without HOME a later libjq asks the user database where ~/.jq may be; here it is nowhere. */
static bool
compile(jq_state *jq, const char *program)
{
	struct buf whole = { 0 };
	bool compiled;

	buf_str(&whole, prelude);
	buf_str(&whole, program[strspn(program, " \t\r\n")] == '\0' ? "." : program);
	setenv("HOME", "/dev/null", 1);
	compiled = jq_compile(jq, buf_cstr(&whole)) != 0;
	clear_environment();
	buf_free(&whole);
	return compiled;
}

struct query *
query_new(const char *program, size_t *line)
{
	struct query *q;
	bool compiled;

	if (!program_is_tame(program, line))
		return NULL;
	clear_environment();
	jv_nomem_handler(no_memory, NULL);
	q = xzalloc(1, sizeof *q);
	if ((q->jq = jq_init()) == NULL)
		no_memory(NULL);
	jq_set_nomem_handler(q->jq, no_memory, NULL); /* jq_next() makes it the thread's */
	*line = 0;
	jq_set_error_cb(q->jq, note_line, line);
	jq_set_debug_cb(q->jq, swallow, NULL);
	jq_set_attr(q->jq, jv_string("JQ_LIBRARY_PATH"), jv_array());
	compiled = compile(q->jq, program);
	jq_set_error_cb(q->jq, swallow, NULL);
	q->json = json_new();
	if (!compiled) {
		query_free(q);
		return NULL;
	}
	return q;
}

void
query_free(struct query *q)
{
	if (q == NULL)
		return;
	jq_teardown(&q->jq);
	json_free(q->json);
	buf_free(&q->out);
	buf_free(&q->scratch);
	free(q);
}

/* Takes v over.  Returns what fn does; *failed: it cannot be handed out. */
static bool
hand_out(
    struct query *q, jv v, bool (*fn)(void *arg, struct slice json), void *arg, bool *failed)
{
	buf_reset(&q->out);
	*failed = !value_put(v, &q->out);
	jv_free(v);
	if (*failed)
		return false;
	memset(buf_reserve(&q->out, JSON_PADDING), 0, JSON_PADDING);
	return fn(arg, buf_view(&q->out));
}

int
query_each(struct query *q, struct slice text, bool (*fn)(void *arg, struct slice json),
    void *arg, struct diag *d)
{
	bool more = true, failed = false;
	jv v;

	jv_nomem_handler(no_memory, NULL);
	if (value_get(q->json, text, &q->scratch, &v, d) != 0)
		return -1;
	jq_start(q->jq, v, 0);
	while (more) {
		v = jq_next(q->jq);
		if (jv_is_valid(v)) {
			more = hand_out(q, v, fn, arg, &failed);
		} else {
			failed = jv_invalid_has_msg(jv_copy(v)) || jq_halted(q->jq);
			more = false;
			jv_free(v);
		}
	}
	return failed ? diag_set(d, "map", 0) : 0;
}
