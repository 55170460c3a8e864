/* chain: each line's hash, linked to the one before. */
#include "audit-hash.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/out.h"
#include "base/progress.h"
#include "list.h"

const struct tool_option chain_options[] = {
	{ OPT_FROM, "from", "LIST", "continue LIST, and print only what is added" },
	TOOL_OUTPUT_ROW,
	TOOL_PROGRESS_ROW,
	TOOL_QUIET_ROW,
	TOOL_OPTIONS,
};

/* The last entry of a list whose every link follows from the one before. */
static int
read_last(const char *path, struct entry *last)
{
	struct list list;
	int status;

	if (list_open(&list, path) == -1)
		return -1;
	while ((status = list_next(&list)) == 1) {
		struct entry e = entry_next(last, &list.last.line);

		if (!hash_eq(&e.link, &list.last.link)) {
			warn_at(list.name, e.index,
			    "the link does not follow from the one before [list-link]");
			status = -1;
			break;
		}
		*last = e;
	}
	if (status == 0 && last->index == 0) {
		warn("%s: an empty list cannot be continued [list-syntax]", list.name);
		status = -1;
	}
	list_close(&list);
	return status;
}

static void
flush(void *out)
{
	out_flush(out);
}

static enum tool_status
chain_lines(int fd, bool stream, const char *name, struct entry last, struct out *out)
{
	struct lines *in = lines_open(fd, LINES_MAX, stream);
	enum tool_status status = TOOL_OK;
	struct line line;
	int more;

	lines_on_idle(in, flush, out);
	while ((more = lines_next(in, &line)) == 1) {
		struct buf text = { 0 };
		struct hash h;

		if (line.too_long) {
			warn_at(
			    name, line.number, "%s [line-length]", diag_text("line-length"));
			status = TOOL_TROUBLE;
			break;
		}
		sha256(line.text, &h);
		last = entry_next(&last, &h);
		entry_put(&text, &last);
		out_put(out, buf_view(&text));
		buf_free(&text);
	}
	if (more == -1) {
		warn_errno(name);
		status = TOOL_TROUBLE;
	}
	lines_free(in);
	return status;
}

enum tool_status
chain_run(int argc, char **argv)
{
	const char *from = NULL, *output = NULL, *file;
	struct entry last = { 0 };
	enum tool_status status;
	bool progress = false;
	struct out out;
	int c, fd;

	while ((c = tool_next(argc, argv, chain_options)) != -1)
		switch (c) {
		case OPT_FROM: from = optarg; break;
		case 'o': output = optarg; break;
		case TOOL_PROGRESS: progress = true; break;
		}
	if (argc - optind > 1)
		die_usage("chain takes one FILE");
	file = optind < argc ? argv[optind] : "-";
	if (from != NULL && strcmp(from, "-") == 0 && strcmp(file, "-") == 0)
		die_usage("LIST and FILE cannot both be stdin");
	if (from != NULL && read_last(from, &last) == -1)
		return TOOL_TROUBLE;
	fd = file_open(file);
	if (fd == -1) {
		warn_errno(tool_file(file));
		return TOOL_TROUBLE;
	}
	if (out_open(&out, output) == -1) {
		warn_errno(output);
		close(fd);
		return TOOL_TROUBLE;
	}
	progress_start(0, progress);
	status = chain_lines(fd, strcmp(file, "-") == 0, tool_file(file), last, &out);
	progress_end();
	close(fd);
	if (out_close(&out, status == TOOL_OK) == -1) {
		warn_errno(out.name);
		status = TOOL_TROUBLE;
	}
	return status;
}
