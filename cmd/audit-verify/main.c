/*
 * audit-verify - prove a log intact, or name every line that was changed, removed, added or moved.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/progress.h"
#include "report.h"

enum { PUBKEY = 256, TREE, ALLOW_EMPTY };
enum { KEYS_MAX = 1 << 20 }; /* bytes of a key file */

static const struct tool_option options[] = {
	{ PUBKEY, "pubkey", "FILE",
	    "trust the keys in FILE, one vkey a line; may be repeated" },
	{ TREE, "tree", "DIR", "the log's tree (default: LOG.tree)" },
	{ 'f', "format", "FORMAT", "text (the default) or json" },
	{ ALLOW_EMPTY, "allow-empty", NULL, "a log without entries is no error" },
	TOOL_QUIET_ROW,
	TOOL_OUTPUT_ROW,
	TOOL_JOBS_ROW,
	TOOL_PROGRESS_ROW,
	TOOL_OPTIONS,
};

static const struct tool tool = {
	.name = "audit-verify",
	.summary =
	    "prove a log intact, or name every line that was changed, removed, added or moved",
	.operands = "--pubkey FILE [options] LOG",
	.options = options,
	.notes = "Exit status: 0 intact; 1 findings; 2 could not be verified.",
};

struct settings {
	const char **pubkey; /* files */
	size_t pubkeys;
	const char *output;
	bool progress;
	struct vkey *keys;
	size_t n;
	struct buf tree;   /* path */
	struct buf reason; /* why it cannot be verified, if so before it began */
	struct verify verify;
	struct report report;
};

static enum format
format_of(const char *name)
{
	if (strcmp(name, "text") == 0)
		return FORMAT_TEXT;
	if (strcmp(name, "json") == 0)
		return FORMAT_JSON;
	die_usage("option --format: text or json");
}

static void
read_options(int argc, char **argv, struct settings *s)
{
	const char *tree = NULL;
	int id;

	s->verify.jobs = tool_cores();
	s->pubkey = xmalloc((size_t)argc * sizeof *s->pubkey);
	while ((id = tool_next(argc, argv, options)) != -1)
		switch (id) {
		case PUBKEY: s->pubkey[s->pubkeys++] = optarg; break;
		case TREE: tree = optarg; break;
		case 'f': s->report.format = format_of(optarg); break;
		case ALLOW_EMPTY: s->report.allow_empty = true; break;
		case 'o': s->output = optarg; break;
		case 'j': s->verify.jobs = tool_jobs(optarg); break;
		case TOOL_PROGRESS: s->progress = true; break;
		default: break;
		}
	if (s->pubkeys == 0)
		die_usage(
		    "no --pubkey: nothing can be verified without the log's public key, which "
		    "audit-hash keygen wrote as KEY.pub");
	if (optind == argc)
		die_usage("no log given");
	if (optind + 1 < argc)
		die_usage("one log at a time: segments are not supported yet");
	if (strcmp(argv[optind], "-") == 0)
		die_usage("a log on standard input is not supported yet");
	s->report.log = argv[optind];
	if (tree != NULL)
		buf_str(&s->tree, tree);
	else
		buf_printf(&s->tree, "%s.tree", argv[optind]);
	s->report.tree = buf_cstr(&s->tree);
}

/* Note why it cannot be verified.  Returns -1. */
static int
cannot(struct settings *s, const char *file, const char *why)
{
	buf_printf(&s->reason, "%s: %s", file, why);
	s->report.reason = buf_cstr(&s->reason);
	return -1;
}

static const char *
key_trouble(const char *rule)
{
	if (strcmp(rule, "key-id") == 0)
		return "the id of a key is not that of its bytes";
	if (strcmp(rule, "key-alg") == 0)
		return "a key of an unknown kind";
	if (strcmp(rule, "key-none") == 0)
		return "no key in it";
	return "not a list of public keys";
}

static int
load_keys(struct settings *s, const char *path)
{
	struct buf text = { 0 };
	struct vkey *more;
	struct diag d = { 0 };
	size_t n;
	int status = 0;

	if (file_load(path, KEYS_MAX, &text) == -1) {
		status = cannot(s, path, strerror(errno));
	} else if (vkeys_get(buf_view(&text), &more, &n, &d) == -1) {
		status = cannot(s, path, key_trouble(d.rule));
	} else {
		s->keys = xrealloc(s->keys, s->n + n, sizeof *s->keys);
		memcpy(s->keys + s->n, more, n * sizeof *more);
		s->n += n;
		free(more);
	}
	buf_free(&text);
	return status;
}

/* Open the log: a regular file, and nothing that blocks or never ends. */
static int
open_log(struct settings *s, uint64_t *size)
{
	const char *path = s->report.log;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1 || fstat(fd, &st) == -1)
		cannot(s, path, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		cannot(s, path, strerror(EISDIR));
	else if (!S_ISREG(st.st_mode))
		cannot(s, path, "not a regular file");
	else
		*size = (uint64_t)st.st_size;
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return fd;
}

/* Keys, tree and log.  Returns 0, or -1 with s->report.reason. */
static int
open_all(struct settings *s, uint64_t *size)
{
	for (size_t i = 0; i < s->pubkeys; i++)
		if (load_keys(s, s->pubkey[i]) == -1)
			return -1;
	s->verify.log = open_log(s, size);
	if (s->report.reason != NULL)
		return -1;
	s->verify.tree = open(s->report.tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->verify.tree == -1)
		return cannot(s, s->report.tree, strerror(errno));
	return 0;
}

static void
verify(struct settings *s)
{
	uint64_t size = 0;

	s->verify.log = s->verify.tree = -1;
	if (open_all(s, &size) == 0) {
		s->verify.keys = s->keys;
		s->verify.n = s->n;
		s->verify.found = report_found;
		s->verify.arg = &s->report;
		progress_start(size, s->progress);
		verify_run(&s->verify, &s->report.result);
		progress_end();
	}
	if (s->verify.log != -1)
		close(s->verify.log);
	if (s->verify.tree != -1)
		close(s->verify.tree);
}

static void
free_settings(struct settings *s)
{
	verify_free(&s->report.result);
	free(s->pubkey);
	free(s->keys);
	buf_free(&s->tree);
	buf_free(&s->reason);
}

int
main(int argc, char **argv)
{
	struct settings s = { 0 };
	enum tool_status status;
	struct out out;

	tool_start(&tool);
	read_options(argc, argv, &s);
	if (out_open(&out, s.output) == -1)
		die("%s: %s", s.output, strerror(errno));
	s.report.out = &out;
	verify(&s);
	status = report_verdict(&s.report);
	if (out_close(&out, true) == -1) {
		warn("%s: %s", out.name, strerror(errno));
		status = TOOL_TROUBLE;
	}
	free_settings(&s);
	return tool_end(status);
}
