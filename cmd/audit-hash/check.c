/* check: do the lines still fit the list that chain made of them? */
#include "audit-hash.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/out.h"
#include "base/progress.h"
#include "list.h"

const struct tool_option check_options[] = {
	TOOL_OUTPUT_ROW,
	TOOL_PROGRESS_ROW,
	TOOL_QUIET_ROW,
	TOOL_OPTIONS,
};

struct check {
	struct list list;
	const char *name;
	struct lines *in;
	struct sha256 *sha;
	bool hashing; /* sha holds the beginning of a long line */
	struct out out;
	uint64_t findings;
};

/* A line too long for the buffer comes in pieces. */
static void
on_long(void *arg, struct slice piece)
{
	struct check *c = arg;

	if (!c->hashing)
		sha256_begin(c->sha);
	c->hashing = true;
	sha256_add(c->sha, piece.p, piece.len);
}

/* The hash of the file's next line: 1, 0 at its end, -1 with a message. */
static int
next_line(struct check *c, struct hash *h)
{
	struct line line;
	int status = lines_next(c->in, &line);

	if (status == -1)
		warn_errno(c->name);
	if (status != 1)
		return status;
	if (line.too_long)
		sha256_end(c->sha, h);
	else
		sha256(line.text, h);
	c->hashing = false;
	return 1;
}

static void
finding(struct check *c, const char *kind, uint64_t line, uint64_t from, uint64_t to)
{
	c->findings++;
	out_printf(&c->out, "%s:%llu: %s: entry %llu", c->name, (unsigned long long)line, kind,
	    (unsigned long long)from);
	if (to > from)
		out_printf(&c->out, "-%llu", (unsigned long long)to);
	out_byte(&c->out, '\n');
}

/* Line by line, as far as both go.  Returns 0, or -1 with a message. */
static int
compare(struct check *c)
{
	struct entry before = { 0 };
	uint64_t extra = 0;
	struct hash h;
	int more;

	while ((more = list_next(&c->list)) == 1) {
		struct entry want = entry_next(&before, &c->list.last.line);
		int status = next_line(c, &h);

		if (status == -1)
			return -1;
		if (status == 0)
			break;
		before = c->list.last;
		if (!hash_eq(&h, &before.line) || !hash_eq(&want.link, &before.link))
			finding(
			    c, "modified", before.index, before.index - 1, before.index - 1);
	}
	if (more == 1) { /* the file ends first */
		uint64_t end = before.index;

		while ((more = list_next(&c->list)) == 1)
			;
		if (more == 0)
			finding(c, "truncated", end + 1, end, c->list.last.index - 1);
		return more;
	}
	if (more == -1 || c->list.last.index == 0)
		return more;
	while ((more = next_line(c, &h)) == 1)
		extra++;
	if (extra > 0)
		finding(c, "inserted", before.index + 1, before.index, before.index);
	return more;
}

static enum tool_status
judge(struct check *c)
{
	if (compare(c) == -1)
		return TOOL_TROUBLE;
	if (c->list.last.index == 0) {
		warn("%s: an empty list proves nothing [list-syntax]", c->list.name);
		return TOOL_TROUBLE;
	}
	if (c->findings > 0) {
		out_printf(
		    &c->out, "TAMPERED: %llu findings\n", (unsigned long long)c->findings);
		return TOOL_NO;
	}
	if (!tool_quiet())
		out_printf(
		    &c->out, "ok: %llu entries\n", (unsigned long long)c->list.last.index);
	return TOOL_OK;
}

static enum tool_status
check_file(struct check *c, const char *file)
{
	enum tool_status status;
	int fd = file_open(file);

	c->name = tool_file(file);
	if (fd == -1) {
		warn_errno(c->name);
		return TOOL_TROUBLE;
	}
	c->sha = sha256_new();
	c->in = lines_open(fd, LINES_MAX, false);
	lines_on_long(c->in, on_long, c);
	status = judge(c);
	lines_free(c->in);
	sha256_free(c->sha);
	close(fd);
	return status;
}

enum tool_status
check_run(int argc, char **argv)
{
	const char *output = NULL, *file;
	enum tool_status status;
	bool progress = false;
	struct check c = { .findings = 0 };
	int option;

	while ((option = tool_next(argc, argv, check_options)) != -1)
		switch (option) {
		case 'o': output = optarg; break;
		case TOOL_PROGRESS: progress = true; break;
		}
	if (argc - optind < 1 || argc - optind > 2)
		die_usage("check takes a LIST and one FILE");
	file = argc - optind == 2 ? argv[optind + 1] : "-";
	if (strcmp(argv[optind], "-") == 0 && strcmp(file, "-") == 0)
		die_usage("LIST and FILE cannot both be stdin");
	if (out_open(&c.out, output) == -1) {
		warn_errno(output);
		return TOOL_TROUBLE;
	}
	status = TOOL_TROUBLE;
	progress_start(0, progress);
	if (list_open(&c.list, argv[optind]) == 0) {
		status = check_file(&c, file);
		list_close(&c.list);
	}
	progress_end();
	if (out_close(&c.out, true) == -1) {
		warn_errno(c.out.name);
		status = TOOL_TROUBLE;
	}
	return status;
}
