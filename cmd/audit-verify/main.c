/*
 * audit-verify - prove a log intact, or name every line that was changed, removed, added or moved.
 */
#include <errno.h>
#include <string.h>

#include "base/digest.h"
#include "settings.h"

static const struct tool tool = {
	.name = "audit-verify",
	.summary =
	    "prove a log intact, or name every line that was changed, removed, added or moved",
	.operands = "--pubkey FILE [options] [SEGMENT ...] LOG",
	.options = verify_options,
	.notes = "Exit status: 0 intact; 1 findings; 2 could not be verified.",
};

int
main(int argc, char **argv)
{
	struct settings s = { 0 };
	enum tool_status status;
	struct out out;

	tool_start(&tool);
	digest_start();
	settings_read(argc, argv, &s);
	if (out_open(&out, s.output) == -1)
		die("%s: %s", s.output, strerror(errno));
	s.report.out = &out;
	(s.proof != NULL ? proof_verify : s.bundles ? bundles_run : run_verify)(&s);
	status = run_remember(&s, report_verdict(&s.report));
	if (out_close(&out, true) == -1) {
		warn("%s: %s", out.name, strerror(errno));
		status = TOOL_TROUBLE;
	}
	settings_free(&s);
	return tool_end(status);
}
