/*
 * quality-agg - AI quality logs into metrics.
 */
#include <getopt.h>

#include "run.h"

static const struct tool tool = {
	.name = "quality-agg",
	.summary = "turn AI quality logs (JSON lines) into metrics",
	.operands = "[options] [FILE ...]",
	.options = option_table,
	.notes =
	    "Exit status: 0 all is well; 1 a line was refused, or none was left to count;\n"
	    "2 usage, or a FILE could not be read or written.",
};

int
main(int argc, char **argv)
{
	struct options o;

	tool_start(&tool);
	options_get(&o, argc, argv);
	return tool_end(run(&o, argv + optind));
}
