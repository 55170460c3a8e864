#include "base/out.h"
#include "base/utf8.h"
#include "emit.h"
#include "json/write.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *rule, *text;
} texts[] = {
	{ "unknown-key", "not in the schema" },
	{ "content-key", "names content, which is never logged" },
	{ "missing", "missing" },
	{ "kind", "not of its kind" },
	{ "enum", "not one of its values" },
	{ "time", "not an RFC 3339 time with a zone" },
	{ "char", "holds a control, bidi or zero-width character" },
	{ "contradiction", "contradicts the event type" },
	{ "hash-mismatch", "not the hash of this entry" },
	{ "time-window", "more than 14 days old, or more than 2 hours ahead" },
	{ "map", "the jq program failed" },
};

const char *
rule_text(const char *rule)
{
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (strcmp(texts[i].rule, rule) == 0)
			return texts[i].text;
	for (unsigned i = 0; i < PHI_RULES; i++)
		if (strcmp(phi_table[i].rule, rule) == 0)
			return phi_table[i].text;
	return diag_text(rule) != NULL ? diag_text(rule) : "refused";
}

static void
say(const struct refusal *why, const struct origin *at)
{
	char place[64];

	if (why->field != NULL)
		snprintf(place, sizeof place, "field \"%s\": ", why->field);
	else if (why->member != 0)
		snprintf(place, sizeof place, "member %u: ", why->member);
	else
		place[0] = '\0';
	if (at->file != NULL)
		warn_at(
		    at->file, at->line, "%s%s [%s]", place, rule_text(why->rule), why->rule);
	else
		warn("%s%s [%s]", place, rule_text(why->rule), why->rule);
}

/* A file's name may be any bytes; JSON is UTF-8. */
static void
name_put(struct buf *b, const char *name)
{
	const char *end = name + strlen(name);
	struct buf text = { 0 };

	for (const char *p = name; p < end;) {
		unsigned len = utf8_get(p, end, NULL);

		if (len == 0)
			utf8_put(&text, 0xfffd);
		else
			buf_add(&text, p, len);
		p += len == 0 ? 1 : len;
	}
	json_put_string(b, buf_view(&text), JSON_ASCII);
	buf_free(&text);
}

static void
line_put(struct buf *b, const struct refusal *why, const struct origin *at)
{
	buf_str(b, "{\"file\": ");
	if (at->file != NULL)
		name_put(b, at->file);
	else
		buf_str(b, "null");
	buf_printf(b, ", \"line\": %llu, \"field\": ", (unsigned long long)at->line);
	if (why->field != NULL)
		buf_printf(b, "\"%s\"", why->field);
	else if (why->member != 0)
		buf_printf(b, "\"member %u\"", why->member);
	else
		buf_str(b, "null");
	buf_printf(b, ", \"rule\": \"%s\", \"bytes\": %llu}\n", why->rule,
	    (unsigned long long)at->bytes);
}

static void
count(struct rejects *r, const char *rule)
{
	size_t i = 0;

	while (i < REJECT_RULES - 1 && r->rules[i].rule != NULL &&
	    strcmp(r->rules[i].rule, rule) != 0)
		i++;
	r->rules[i].rule = rule;
	r->rules[i].count++;
}

void
rejects_summary(const struct rejects *r, struct buf *b)
{
	for (size_t i = 0; i < REJECT_RULES && r->rules[i].rule != NULL; i++)
		buf_printf(b, "%s%s %llu", i > 0 ? ", " : "", r->rules[i].rule,
		    (unsigned long long)r->rules[i].count);
}

void
rejects_put(struct rejects *r, const struct refusal *why, const struct origin *at)
{
	struct buf line = { 0 };

	r->count++;
	count(r, why->rule);
	say(why, at);
	if (r->out == NULL)
		return;
	line_put(&line, why, at);
	out_put(r->out, buf_view(&line));
	buf_free(&line);
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool
is_descriptor(const struct stat *st, int fd)
{
	struct stat other;

	return fstat(fd, &other) == 0 && is_same(st, &other);
}

static bool
is_path(const struct stat *st, const char *path)
{
	struct stat other;

	return stat(path, &other) == 0 && is_same(st, &other);
}

/* Is the open file one of the operands, or stdin? */
static bool
is_input(const struct stat *st, char *const *files)
{
	if (is_descriptor(st, STDIN_FILENO))
		return true;
	for (; *files != NULL; files++)
		if (is_path(st, *files))
			return true;
	return false;
}

/* Is it where entries or messages go?  Each would overwrite what the other wrote. */
static bool
is_output(const struct stat *st, const char *output)
{
	return (output != NULL && is_path(st, output)) || is_descriptor(st, STDOUT_FILENO) ||
	    is_descriptor(st, STDERR_FILENO);
}

int
rejects_open(struct out *o, const struct config *c)
{
	const char *path = c->rejects;
	struct stat st;

	if (out_append(o, path) == -1 || fstat(o->fd, &st) == -1) {
		warn_errno(path);
		return -1;
	}
	if (!S_ISREG(st.st_mode))
		return 0;
	if (is_input(&st, c->files) || is_output(&st, c->output)) {
		warn("%s: has another use beside --rejects", path);
		out_close(o, false);
		return -1;
	}
	if (ftruncate(o->fd, 0) == -1) {
		warn_errno(path);
		out_close(o, false);
		return -1;
	}
	return 0;
}
