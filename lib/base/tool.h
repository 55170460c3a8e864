/*
 * tool - a command's name, its options, its voice and its last word.
 *
 * Everything that prints to stderr or ends the process is here.  Options are a table: getopt_long,
 * --help, the shell completions and the man page check all read the same rows.
 */
#ifndef BASE_TOOL_H
#define BASE_TOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/slice.h"

enum tool_status {
	TOOL_OK = 0,      /* all is well */
	TOOL_NO = 1,      /* the work is done and the answer needs attention */
	TOOL_TROUBLE = 2, /* the work could not be done */
};

/* The worse of two: trouble wins over no, no over ok. */
enum tool_status tool_worse(enum tool_status a, enum tool_status b);

struct tool_option {
	int id; /* the short letter, or 256 and up for a long option only; 0 ends a table */
	const char *name; /* the long name */
	const char
	    *arg; /* what its argument is called in help, "[X]" if optional, NULL for none */
	const char *help; /* one line, lower case */
};

/* Rows that every tool has.  Put TOOL_OPTIONS last in a table; it holds the end mark. */
enum { TOOL_PROGRESS = 250, TOOL_COLOR = 251 };
#define TOOL_QUIET_ROW                                                                         \
	{                                                                                      \
		'q', "quiet", NULL, "say nothing but errors"                                   \
	}
#define TOOL_OUTPUT_ROW                                                                        \
	{                                                                                      \
		'o', "output", "FILE", "write to FILE, replaced only when complete"            \
	}
#define TOOL_JOBS_ROW                                                                          \
	{                                                                                      \
		'j', "jobs", "N", "use N workers; any N gives the same bytes"                  \
	}
#define TOOL_PROGRESS_ROW                                                                      \
	{                                                                                      \
		TOOL_PROGRESS, "progress", NULL, "show progress even if stderr is no terminal" \
	}
#define TOOL_COLOR_ROW                                                                         \
	{                                                                                      \
		TOOL_COLOR, "color", "WHEN", "auto, always or never"                           \
	}
#define TOOL_OPTIONS                                                                           \
	{ 'h', "help", NULL, "print this help" },                                              \
	    { 'V', "version", NULL, "print the version" },                                     \
	{                                                                                      \
		0, NULL, NULL, NULL                                                            \
	}

struct tool_verb {
	const char *name;
	const char *operands; /* as in a synopsis: "[FILE ...]" */
	const char *help;     /* one line */
	const struct tool_option *options;
	enum tool_status (*run)(int argc, char **argv); /* argv[0] is the verb */
};

struct tool {
	const char *name, *summary;        /* summary: one line */
	const char *operands;              /* NULL for a tool with verbs */
	const struct tool_option *options; /* with verbs: help and version only */
	const struct tool_verb *verbs;     /* ends in a row without name; NULL for none */
	const char *notes;                 /* printed below the options: "Exit status: ..." */
};

/*
 * tool_start(tool):
 * To be called first in main.  Sets the name for messages; no core dumps; C locale; descriptors 0
 * to 2 are open (a closed one reads and writes as an error, never as some other file); SIGPIPE
 * kills; SIGINT and SIGTERM are held back and looked for where input is awaited (base/lines.h).
 */
void tool_start(const struct tool *tool);

/*
 * tool_verb(argc, argv):
 * For a tool with verbs: handle --help and --version, find argv[1] in the table and run it with
 * argv + 1.  Returns its status; without or with an unknown verb a usage error ends the process.
 */
enum tool_status tool_verb(int argc, char **argv);

/*
 * tool_next(argc, argv, options):
 * The id of the next option, its argument in optarg (NULL if none), or -1 when the operands begin
 * at argv[optind].  --help and --version are answered here and end the process.  A wrong option
 * is named, never what follows its '=', and ends the process with status 2.  -q is noted here.
 */
int tool_next(int argc, char **argv, const struct tool_option *options);

/* Was -q given? */
bool tool_quiet(void);

/*
 * tool_number(option, text, max, value):
 * text as a decimal number 0..max with an optional K or M (1024, 1024^2).  Ends the process with a
 * usage error that names option if it is anything else.
 */
uint64_t tool_number(const char *option, const char *text, uint64_t max);

/* -j N: 1 to 256, else a usage error.  tool_cores: how many processors this process may use, at most 256. */
unsigned tool_jobs(const char *text);
unsigned tool_cores(void);

/*
 * Messages: one line on stderr, "TOOL: " in front, one write(2) each, the progress line cleared
 * first.  Thread-safe.  The format never receives a byte of input values.
 *   warn       an error, always said          note  talk, silent under -q
 *   warn_at    the same, with FILE:LINE        warn_errno  NAME: strerror(errno)
 */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void warn_at(const char *file, uint64_t line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void warn_errno(const char *name);
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Lines on stderr as they are, behind a message: what was signed and proves something, no input else. */
void warn_text(struct slice text);
void note_at(const char *file, uint64_t line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* warn, then end with status 2.  die_usage adds how to get help. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void die_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * tool_end(status):
 * The last call of main: close stdout and stderr; a failed close, or a message that could not be
 * written, makes the status 2.  If a signal cut short the reading of an operand (base/lines.h), die
 * of that signal.  Returns the exit status.
 */
int tool_end(enum tool_status status);

/*
 * tool_habit(codes, dying):
 * For a tool that speaks as others do: exit with codes[status] instead of status, and call dying
 * (NULL for none) with the message of die and die_usage before they end the process.
 */
void tool_habit(const int codes[3], void (*dying)(const char *message));

/* The signal held back since the start, or 0. */
int tool_signal(void);

/* Remember that the work was cut short by tool_signal(): tool_end dies of it. */
void tool_cut_short(void);

/* What a FILE is called in messages: "<stdin>" for "-". */
const char *tool_file(const char *path);

/* Called around every message while a progress line shows; NULL for none (base/progress.h). */
void tool_on_message(void (*clear)(void));

/* Print the option tables as "verb<TAB>letter<TAB>long<TAB>arg<TAB>help" lines, for completions and checks. */
void tool_dump_options(void);

#endif
