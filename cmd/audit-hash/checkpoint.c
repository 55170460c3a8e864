/* checkpoint: the log's present head on stdout. */
#include "audit-hash.h"

#include <getopt.h>
#include <stdlib.h>

#include "base/out.h"

const struct tool_option checkpoint_options[] = {
	{ OPT_TREE, "tree", "DIR", "the tree is in DIR instead of LOG.tree" },
	TOOL_OUTPUT_ROW,
	TOOL_QUIET_ROW,
	TOOL_OPTIONS,
};

static enum tool_status
print(const char *output, struct slice head)
{
	struct out out;

	if (out_open(&out, output) == -1) {
		warn_errno(output);
		return TOOL_TROUBLE;
	}
	out_put(&out, head);
	if (out_close(&out, true) == -1) {
		warn_errno(out.name);
		return TOOL_TROUBLE;
	}
	return TOOL_OK;
}

enum tool_status
checkpoint_run(int argc, char **argv)
{
	const char *output = NULL, *option = NULL;
	enum tool_status status = TOOL_TROUBLE;
	struct log_fault fault;
	struct buf head = { 0 };
	char *tree;
	int c;

	while ((c = tool_next(argc, argv, checkpoint_options)) != -1)
		switch (c) {
		case OPT_TREE: option = optarg; break;
		case 'o': output = optarg; break;
		}
	if (argc - optind != 1)
		die_usage("checkpoint takes one LOG");
	tree = tree_of(argv[optind], option);
	if (log_checkpoint(tree, &head, &fault) == -1)
		say_fault(argv[optind], tree, &fault);
	else
		status = print(output, buf_view(&head));
	buf_free(&head);
	free(tree);
	return status;
}
