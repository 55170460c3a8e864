/*
 * options - the command line of quality-agg.
 */
#ifndef QUALITY_OPTIONS_H
#define QUALITY_OPTIONS_H

#include "aggregate.h"
#include "gate.h"
#include "report.h"

extern const struct tool_option option_table[];

struct options {
	struct aggregate_options aggregate;
	const char *since, *until, *window, *output;
	const char *state_out; /* "-": stdout, in place of the result */
	const char *follow;    /* the log that is read as it grows; NULL: none */
	bool merge;            /* the operands are states */
	bool exact_given, max_line_given;
	const char *of_verdicts; /* an option that is only for them, or NULL */
	uint64_t max_bad;
	uint64_t top; /* 0: all groups */
	bool detail;
	bool progress;
	struct gate gate;
	const struct format *format;
	const char *color;
	bool colored, unicode; /* what is printed */
	unsigned width;        /* of the terminal; 0: none */
};

/* Read the options of the command line; a wrong one ends the process.  The operands are at argv + optind. */
void options_get(struct options *o, int argc, char **argv);

#endif
