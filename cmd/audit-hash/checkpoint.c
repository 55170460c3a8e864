/* checkpoint: the log's present head on stdout, or what a witness is asked with. */
#include "audit-hash.h"

#include <getopt.h>
#include <stdlib.h>

#include "log/sealed.h"

const struct tool_option checkpoint_options[] = {
	{ OPT_OLD, "old", "N",
	    "print what a witness is asked with that has seen the log's first N entries" },
	{ OPT_TREE, "tree", "DIR", "the tree is in DIR instead of LOG.tree" },
	TOOL_OUTPUT_ROW,
	TOOL_QUIET_ROW,
	TOOL_OPTIONS,
};

/* The add-checkpoint body: the proof that the head's tree begins with its first old entries. */
static int
ask(const char *log, const char *tree, const struct buf *head, uint64_t old, struct buf *text)
{
	struct proof_file f = { .number = old, .head = buf_view(head) };
	enum tile_state state = TILE_GOOD;
	struct log_fault fault;
	struct sealed s;
	int status = -1;

	if (sealed_open(tree, head, &s, &fault) == -1) {
		say_fault(log, tree, &fault);
	} else if (old > s.tree.size) {
		warn("%s: its head has %llu entries, fewer than the old one [rollback]", log,
		    (unsigned long long)s.tree.size);
	} else {
		if (old > 0)
			state = proof_consistency(&s.tree, old, &f.proof);
		if (state != TILE_GOOD)
			say_tile(tree, &s.tree.bad, state);
		else
			status = 0;
	}
	if (status == 0)
		witness_body_put(text, &f);
	sealed_close(&s);
	return status;
}

enum tool_status
checkpoint_run(int argc, char **argv)
{
	const char *output = NULL, *option = NULL, *old = NULL;
	enum tool_status status = TOOL_TROUBLE;
	struct buf head = { 0 }, text = { 0 };
	unsigned long long n = 0;
	struct log_fault fault;
	char *tree;
	int c;

	while ((c = tool_next(argc, argv, checkpoint_options)) != -1)
		switch (c) {
		case OPT_OLD: old = optarg; break;
		case OPT_TREE: option = optarg; break;
		case 'o': output = optarg; break;
		}
	if (argc - optind != 1)
		die_usage("checkpoint takes one LOG");
	if (old != NULL && slice_u64(slice_of(old), INT64_MAX, &n) == -1)
		die_usage("option --old: not a number of entries");
	tree = tree_of(argv[optind], option);
	if (log_checkpoint(tree, &head, &fault) == -1)
		say_fault(argv[optind], tree, &fault);
	else if (old == NULL)
		status = put_output(output, buf_view(&head));
	else if (ask(argv[optind], tree, &head, n, &text) == 0)
		status = put_output(output, buf_view(&text));
	buf_free(&head);
	buf_free(&text);
	free(tree);
	return status;
}
