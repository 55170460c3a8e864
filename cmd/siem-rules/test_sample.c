/* Files of samples. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lines.h"
#include "test.h"

static const char *const endings[] = { ".hit.jsonl", ".miss.jsonl" };

/* FOLDER/NAME.ENDING into b; is it there? */
static bool
is_there(struct buf *b, struct slice folder, struct slice name, enum sample kind)
{
	buf_reset(b);
	buf_slice(b, folder);
	if (folder.len > 0 && folder.p[folder.len - 1] != '/')
		buf_byte(b, '/');
	buf_slice(b, name);
	buf_str(b, endings[kind]);
	return access(buf_cstr(b), F_OK) == 0;
}

/* Under the folder given, beside the rule's file, in samples/ there. */
static bool
find_in_folders(
    struct buf *b, const char *folder, struct slice beside, struct slice name, enum sample kind)
{
	struct buf below = { 0 };
	bool found = folder != NULL && is_there(b, slice_of(folder), name, kind);

	buf_slice(&below, beside);
	buf_str(&below, "samples");
	found = found || is_there(b, beside, name, kind) ||
	    is_there(b, buf_view(&below), name, kind);
	buf_free(&below);
	return found;
}

/* A name that leads out of the folder is none. */
static bool
is_plain(struct slice name)
{
	return name.len > 0 && memchr(name.p, '/', name.len) == NULL &&
	    memchr(name.p, '\0', name.len) == NULL;
}

/* By the name of the rule's file, and by that of the rule, which comes first where the file has more. */
static bool
find_sample(
    struct buf *b, const struct rule *r, const char *folder, enum sample kind, bool single)
{
	struct slice file = slice_of(r->file), beside = { file.p, 0 }, names[2];
	const char *slash = memrchr(file.p, '/', file.len);

	if (slash != NULL) {
		beside.len = (size_t)(slash - file.p) + 1;
		file.p += beside.len;
		file.len -= beside.len;
	}
	if (slice_ends(file, SLICE(".yml")))
		file.len -= 4;
	else if (slice_ends(file, SLICE(".yaml")))
		file.len -= 5;
	names[!single] = file;
	names[single] = rule_key(r);
	for (int i = 0; i < 2; i++)
		if (is_plain(names[i]) && find_in_folders(b, folder, beside, names[i], kind))
			return true;
	is_there(b, folder != NULL ? slice_of(folder) : beside, names[!single], kind);
	return false;
}

static void
add_wrong(struct result *x, uint64_t line, const char *why, const char *rule)
{
	if (x->wrong < WRONG_LINES) {
		x->lines[x->wrong] = line;
		x->line_why[x->wrong] = why;
		x->line_rule[x->wrong] = rule;
	}
	x->wrong++;
}

/* Of a rule by itself every hit has to fire; of a correlation all of them together. */
static void
take_line(struct bench *b, const struct line *line, struct result *x)
{
	bool alone = b->correlation_count == 0;
	struct diag d = { .rule = "line-length" };

	x->events++;
	if (alone || x->kind == SAMPLE_MISS)
		b->hit = false;
	if (line->too_long || bench_event(b, line->text, line->number, &d) == -1)
		add_wrong(x, line->number, diag_text(d.rule), d.rule);
	else if (x->kind == SAMPLE_MISS && b->hit)
		add_wrong(x, line->number, "fires", NULL);
	else if (x->kind == SAMPLE_HIT && alone && !b->hit)
		add_wrong(x, line->number, "does not fire", NULL);
}

static int
run_lines(struct bench *b, int fd, struct result *x)
{
	struct lines *in = lines_open(fd, LINES_MAX, false);
	struct line line;
	bool fired;
	int got;

	bench_begin(b);
	while ((got = lines_next(in, &line)) == 1)
		take_line(b, &line, x);
	lines_free(in);
	fired = b->hit;
	if (x->kind == SAMPLE_MISS)
		fired = b->hit = false;
	bench_end(b);
	if (x->events == 0)
		x->why = "has no event";
	else if (x->kind == SAMPLE_MISS && b->hit)
		x->why = "fires when a window ends";
	else if (x->kind == SAMPLE_HIT && b->correlation_count > 0 && !fired && !b->hit)
		x->why = "does not fire";
	return got;
}

enum tool_status
sample_run(struct bench *b, const char *folder, enum sample kind, bool single, struct result *x)
{
	int fd, got;

	*x = (struct result){ .rule = b->rule, .kind = kind, .verdict = VERDICT_SKIPPED };
	if (!find_sample(&x->name, b->rule, folder, kind, single))
		return TOOL_OK;
	fd = file_open(buf_cstr(&x->name));
	if (fd == -1) {
		warn_errno(buf_cstr(&x->name));
		return TOOL_TROUBLE;
	}
	got = run_lines(b, fd, x);
	if (got == -1)
		warn_errno(buf_cstr(&x->name));
	close(fd);
	x->verdict = x->wrong > 0 || x->why != NULL ? VERDICT_WRONG : VERDICT_OK;
	return got == -1 ? TOOL_TROUBLE : TOOL_OK;
}
