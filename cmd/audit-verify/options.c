/* The command line of audit-verify. */
#include "settings.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { PUBKEY = 256, OLD_PUBKEY, TREE, ALLOW_EMPTY, ANCHOR, PROOF, ENTRY, LEAF };

const struct tool_option verify_options[] = {
	{ PUBKEY, "pubkey", "FILE",
	    "trust the keys in FILE, one vkey a line; may be repeated" },
	{ OLD_PUBKEY, "old-pubkey", "FILE",
	    "trust the keys in FILE too, but for anchors and listed heads only" },
	{ PROOF, "proof", "FILE",
	    "check the proof in FILE, with --entry, --leaf or --anchor, instead of a log" },
	{ ENTRY, "entry", "FILE", "with --proof: the entry is the one line of FILE" },
	{ LEAF, "leaf", "HEX", "with --proof: the entry's leaf hash" },
	{ ANCHOR, "anchor", "FILE", "with --proof: the older head" },
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

/* What belongs to a proof. */
static void
check_proof(struct settings *s, int operands)
{
	size_t ways = (s->entry != NULL) + (s->leaf != NULL) + s->anchors;

	if (s->proof == NULL)
		die_usage(
		    "option %s: only with --proof", s->entry != NULL ? "--entry" : "--leaf");
	if (ways != 1)
		die_usage("option --proof: needs one of --entry, --leaf and --anchor");
	if (operands > 0)
		die_usage("option --proof: a proof is checked without a log");
	s->report.log = s->proof;
	s->report.tree = "";
}

void
settings_read(int argc, char **argv, struct settings *s)
{
	const char *tree = NULL;
	int id;

	s->verify.jobs = tool_cores();
	s->pubkey = xmalloc((size_t)argc * sizeof *s->pubkey);
	s->old_pubkey = xmalloc((size_t)argc * sizeof *s->old_pubkey);
	s->anchor = xmalloc((size_t)argc * sizeof *s->anchor);
	while ((id = tool_next(argc, argv, verify_options)) != -1)
		switch (id) {
		case PUBKEY: s->pubkey[s->pubkeys++] = optarg; break;
		case OLD_PUBKEY: s->old_pubkey[s->old_pubkeys++] = optarg; break;
		case ANCHOR: s->anchor[s->anchors++] = optarg; break;
		case PROOF: s->proof = optarg; break;
		case ENTRY: s->entry = optarg; break;
		case LEAF: s->leaf = optarg; break;
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
	if (s->proof != NULL || s->entry != NULL || s->leaf != NULL) {
		check_proof(s, argc - optind);
		return;
	}
	if (s->anchors > 0)
		die_usage("option --anchor: not supported yet without --proof");
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
	free(s->old_pubkey);
	free(s->anchor);
	free(s->keys);
	buf_free(&s->tree);
	buf_free(&s->checked);
	buf_free(&s->reason);
}
