/* The command line of audit-verify. */
#include "settings.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { PUBKEY = 256, TREE, ALLOW_EMPTY };

const struct tool_option verify_options[] = {
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

static enum format
format_of(const char *name)
{
	if (strcmp(name, "text") == 0)
		return FORMAT_TEXT;
	if (strcmp(name, "json") == 0)
		return FORMAT_JSON;
	die_usage("option --format: text or json");
}

void
settings_read(int argc, char **argv, struct settings *s)
{
	const char *tree = NULL;
	int id;

	s->verify.jobs = tool_cores();
	s->pubkey = xmalloc((size_t)argc * sizeof *s->pubkey);
	while ((id = tool_next(argc, argv, verify_options)) != -1)
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

void
settings_free(struct settings *s)
{
	verify_free(&s->report.result);
	free(s->pubkey);
	free(s->keys);
	buf_free(&s->tree);
	buf_free(&s->reason);
}
