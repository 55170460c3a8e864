/* siem-rules: Sigma rules, checked, rendered, tested and run.  The verb table is also the help. */
#include "tool.h"

static const struct tool_option options[] = { TOOL_OPTIONS };

static const struct tool_verb verbs[] = {
	{ "render", "[RULE ...]", "turn rules into searches", render_options, render_verb },
	{ "check", "[RULE ...]", "say what is wrong with rules, and where", check_options,
	    check_verb },
	{ "test", "[RULE ...]", "run rules against their samples", test_options, test_verb },
	{ "match", "[-r RULE] [FILE ...]", "search events for what rules describe",
	    match_options, match_verb },
	{ "list", "[RULE ...]", "say which rules are there", list_options, list_verb },
	{ NULL, NULL, NULL, NULL, NULL },
};

static const struct tool tool = {
	.name = "siem-rules",
	.summary = "Sigma detection rules: check, render for Splunk, test and run them.",
	.options = options,
	.verbs = verbs,
	.notes =
	    "A RULE is a file or a folder of *.yml; none means the rules that belong to the "
	    "tool.\n"
	    "Exit status: 0 well; 1 check, test or match has found something; 2 something "
	    "could not "
	    "be done.",
};

int
main(int argc, char **argv)
{
	tool_start(&tool);
	return (int)tool_end(tool_verb(argc, argv));
}
