/* export: entry bundles for other clients, or an evidence bundle for people. */
#include "audit-hash.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "base/progress.h"
#include "evidence.h"

const struct tool_option export_options[] = {
	{ OPT_EVIDENCE, "evidence", "DIR",
	    "make DIR, which a person can check with openssl and coreutils" },
	{ OPT_RANGE, "range", "A,B", "with --evidence: the entries from A to B, from 0" },
	{ OPT_PUBKEY, "pubkey", "FILE", "with --evidence: the log's public key" },
	{ OPT_TREE, "tree", "DIR", "the tree is in DIR instead of LOG.tree" },
	TOOL_PROGRESS_ROW,
	TOOL_QUIET_ROW,
	TOOL_OPTIONS,
};

struct job {
	const char *log, *evidence, *range, *pubkey;
	char *tree;
	bool progress;
	struct operands operands;
	struct sealed sealed;
};

static void
parse(struct job *j, int argc, char **argv)
{
	const char *tree = NULL;
	int c;

	while ((c = tool_next(argc, argv, export_options)) != -1)
		switch (c) {
		case OPT_EVIDENCE: j->evidence = optarg; break;
		case OPT_RANGE: j->range = optarg; break;
		case OPT_PUBKEY: j->pubkey = optarg; break;
		case OPT_TREE: tree = optarg; break;
		case TOOL_PROGRESS: j->progress = true; break;
		}
	if (argc == optind)
		die_usage("export takes a LOG, and before it its older segments");
	if ((j->evidence != NULL) != (j->range != NULL) ||
	    (j->evidence != NULL) != (j->pubkey != NULL))
		die_usage("--evidence, --range and --pubkey go together");
	j->log = argv[argc - 1];
	j->tree = tree_of(j->log, tree);
}

void
export_say(const char *log, const char *tree, const struct operands *o, const struct export *e)
{
	if (e->why == NULL)
		warn("%s: %s", tree, strerror(errno));
	else if (strcmp(e->why, "tile") == 0)
		say_tile(tree, &e->sealed->tree.bad, e->state);
	else if (strcmp(e->why, "records") == 0)
		operands_say(o);
	else if (strcmp(e->why, "missing") == 0)
		warn("%s: the line of entry %llu is in none of the files given [missing]", log,
		    (unsigned long long)e->at);
	else if (strcmp(e->why, "lines") == 0)
		warn("%s: the line of entry %llu is not what was sealed; audit-verify says "
		     "more [modified]",
		    log, (unsigned long long)e->at);
}

/* One at a time: who replaces a file uses a temporary one of a fixed name. */
static int
bundles(struct job *j)
{
	struct export e = {
		.sealed = &j->sealed, .records = &j->operands.records, .mode = 0640
	};
	int status;

	if (flock(j->sealed.dir, LOCK_EX) == -1) {
		warn_errno(j->tree);
		return -1;
	}
	status = export_lines(&e);
	if (status == -1)
		export_say(j->log, j->tree, &j->operands, &e);
	return status;
}

enum tool_status
export_run(int argc, char **argv)
{
	enum tool_status status = TOOL_TROUBLE;
	struct job j = { .log = NULL };
	struct log_fault fault;

	parse(&j, argc, argv);
	if (sealed_open(j.tree, NULL, &j.sealed, &fault) == -1) {
		say_fault(j.log, j.tree, &fault);
	} else if (operands_open(&j.operands, argv + optind, argc - optind) == 0) {
		struct evidence e = { j.log, j.tree, j.evidence, j.range, j.pubkey, &j.operands,
			&j.sealed };

		progress_start(0, j.progress);
		if ((j.evidence != NULL ? evidence_make(&e) : bundles(&j)) == 0)
			status = TOOL_OK;
		progress_end();
	}
	operands_close(&j.operands);
	sealed_close(&j.sealed);
	free(j.tree);
	return status;
}
