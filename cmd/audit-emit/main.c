/* audit-emit: events into canonical audit entries without health information. */
#include "emit.h"

int
main(int argc, char **argv)
{
	struct tool_option options[OPTIONS];
	struct buf notes = { 0 };
	struct tool tool = {
		.name = "audit-emit",
		.summary = "Turn application events into canonical audit entries free of PHI.",
		.operands = "[options] [FILE ...]",
		.options = options,
	};
	struct config config;
	enum tool_status status;

	options_table(options);
	options_notes(&notes);
	tool.notes = buf_cstr(&notes);
	tool_start(&tool);
	options_get(argc, argv, options, &config);
	status = config.check_reply ? check_reply(&config) : emit(&config);
	options_free(&config);
	buf_free(&notes);
	return tool_end(status);
}
