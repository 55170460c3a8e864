/* audit-emit: events into canonical audit entries without health information. */
#include "emit.h"

int
main(int argc, char **argv)
{
	struct tool_option options[OPTIONS];
	const struct tool tool = {
		.name = "audit-emit",
		.summary = "Turn application events into canonical audit entries free of PHI.",
		.operands = "[options] [FILE ...]",
		.options = options,
		.notes =
		    "Exit status: 0 all events became entries; 1 one was refused, or there "
		    "was\n"
		    "none; 2 the work could not be done.  See audit-emit(1), audit-entry(5).",
	};
	struct config config;
	enum tool_status status;

	options_table(options);
	tool_start(&tool);
	options_get(argc, argv, options, &config);
	status = emit(&config);
	options_free(&config);
	return tool_end(status);
}
