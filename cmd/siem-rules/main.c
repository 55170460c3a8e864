/* siem-rules: Sigma rules, checked and rendered as Splunk searches.  The verb table is also the help. */
#include "tool.h"

static const struct tool_option options[] = { TOOL_OPTIONS };

static const struct tool_verb verbs[] = {
	{ "render", "[RULE ...]", "turn rules into searches", render_options, render_verb },
	{ "check", "[RULE ...]", "say what is wrong with rules, and where", check_options,
	    check_verb },
	{ "match", "[-r RULE] [FILE ...]", "search events for what rules describe",
	    match_options, match_verb },
	{ "list", "[RULE ...]", "say which rules are there", list_options, list_verb },
	{ NULL, NULL, NULL, NULL, NULL },
};

static const struct tool tool = {
	.name = "siem-rules",
	.summary = "Sigma detection rules: check them, render them as Splunk searches.",
	.options = options,
	.verbs = verbs,
	.notes =
	    "A RULE is a file or a folder of *.yml; none means the rules that belong to the "
	    "tool.\n"
	    "Exit status: 0 well; 1 check has found something; 2 something could not be done.",
};

/* Verbs that are planned are refused by name. */
static void
refuse_later(int argc, char **argv)
{
	static const char *const later[] = { "test" };

	for (size_t i = 0; argc > 1 && i < sizeof later / sizeof later[0]; i++)
		if (strcmp(argv[1], later[i]) == 0)
			die_usage("verb %s is not supported yet", later[i]);
}

int
main(int argc, char **argv)
{
	tool_start(&tool);
	refuse_later(argc, argv);
	return (int)tool_end(tool_verb(argc, argv));
}
