/*
 * syncs - what durability alone costs: a probe that syncs as audit-hash append must, and does nothing else.
 *
 * Copies stdin to LOG, and after every MiB (with --line: after every line) syncs LOG, writes a head to
 * a temporary file, syncs that, renames it and syncs the folder.  No hashing, no signature, no tiles.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/tool.h"

enum { BATCH = 1 << 20 };

struct probe {
	const char *log;
	char *head, *temp, *folder;
	int fd, folder_fd;
	bool copying;
};

static void
must(bool good)
{
	if (!good)
		die("%s", strerror(errno));
}

static void
put_head(const struct probe *p)
{
	static const char text[512] = "a head is about this long";
	int fd = open(p->temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	must(
	    fd != -1 && write(fd, text, sizeof text) == (ssize_t)sizeof text && fsync(fd) == 0);
	must(close(fd) == 0 && rename(p->temp, p->head) == 0 && fsync(p->folder_fd) == 0);
}

/* Up to size bytes of stdin, fewer at its end; with some, as soon as there are any. */
static size_t
fill(char *p, size_t size, bool some)
{
	size_t len = 0;
	ssize_t n;

	while (len < size && (!some || len == 0) &&
	    (n = read(STDIN_FILENO, p + len, size - len)) != 0) {
		must(n > 0);
		len += (size_t)n;
	}
	return len;
}

static void
copy(const struct probe *p, const char *text, size_t len)
{
	must(write(p->fd, text, len) == (ssize_t)len && fdatasync(p->fd) == 0);
	put_head(p);
}

/* The lines of text, one at a time; a last one without LF too. */
static void
copy_lines(const struct probe *p, const char *text, size_t len)
{
	while (len > 0) {
		const char *lf = memchr(text, '\n', len);
		size_t n = lf == NULL ? len : (size_t)(lf - text) + 1;

		copy(p, text, n);
		if (p->copying)
			must(write(STDOUT_FILENO, text, n) == (ssize_t)n);
		text += n;
		len -= n;
	}
}

static void
probe_open(struct probe *p, char *log)
{
	size_t len = strlen(log);

	p->log = log;
	p->head = xmalloc(len + 6);
	p->temp = xmalloc(len + 6);
	sprintf(p->head, "%s.head", log);
	sprintf(p->temp, "%s.temp", log);
	p->fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	must(p->fd != -1);
	p->folder = xstrdup(log);
	p->folder_fd = open(dirname(p->folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(p->folder_fd != -1);
}

static void
probe_close(struct probe *p)
{
	must(close(p->fd) == 0 && close(p->folder_fd) == 0);
	free(p->head);
	free(p->temp);
	free(p->folder);
}

static const struct tool_option options[] = {
	{ 'l', "line", NULL, "sync after every line" },
	{ 'e', "echo", NULL, "the same, and copy the line to stdout then" },
	TOOL_OPTIONS,
};

static const struct tool syncs_tool = { .name = "syncs",
	.summary = "copy stdin to LOG with the syncs of audit-hash append",
	.operands = "LOG",
	.options = options };

int
main(int argc, char **argv)
{
	char *block = xmalloc(BATCH);
	struct probe p = { .fd = -1 };
	bool lines = false;
	size_t n;
	int c;

	tool_start(&syncs_tool);
	while ((c = tool_next(argc, argv, options)) != -1) {
		lines = true;
		p.copying |= c == 'e';
	}
	if (optind + 1 != argc)
		die_usage("one operand: LOG");
	probe_open(&p, argv[optind]);
	while ((n = fill(block, BATCH, lines)) > 0)
		(lines ? copy_lines : copy)(&p, block, n);
	probe_close(&p);
	free(block);
	return tool_end(TOOL_OK);
}
