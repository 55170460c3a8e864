/*
 * What the verbs of siem-rules share.
 */
#ifndef SIEM_RULES_TOOL_H
#define SIEM_RULES_TOOL_H

#include <getopt.h>

#include "base/out.h"
#include "base/tool.h"
#include "sigma/ruleset.h"

extern const struct tool_option render_options[], check_options[], list_options[],
    match_options[], test_options[];

enum tool_status render_verb(int argc, char **argv);
enum tool_status check_verb(int argc, char **argv);
enum tool_status list_verb(int argc, char **argv);
enum tool_status match_verb(int argc, char **argv);
enum tool_status test_verb(int argc, char **argv);

#define RULES_ROW                                                                              \
	{                                                                                      \
		'r', "rules", "RULE", "take the rules of a file or folder; may be repeated"    \
	}

/* The RULEs named: by -r, then as operands. */
struct sources {
	const char **v;
	size_t n;
};

void sources_add(struct sources *s, const char *rule);

/* Add argv[optind] and what follows it. */
void sources_operands(struct sources *s, int argc, char **argv);
void sources_free(struct sources *s);

/*
 * load(sources, set):
 * Read all rules, those of $SIEM_RULES_DIR or as installed if none are named, and close the set.
 * What cannot be read is said on stderr.  Returns TOOL_TROUBLE then, or if there is nothing at all.
 */
enum tool_status load(const struct sources *s, struct ruleset *set);

/* rules_home(b): the folder of the rules that belong to the tool, as a C string, borrowed from b. */
const char *rules_home(struct buf *b);

/*
 * warn_broken(set, from):
 * Name each document that has an error among the findings from that one on, with the first; returns
 * TOOL_TROUBLE if there is any.
 */
enum tool_status warn_broken(const struct ruleset *set, size_t from);

/*
 * pipeline_use(set, path, local, failed):
 * Apply the pipeline in that file to all rules, as pipeline_apply does.  What is wrong with it, or
 * then with a rule, is said.  Returns TOOL_TROUBLE then; *failed if there is no telling what the rules mean.
 */
enum tool_status pipeline_use(struct ruleset *set, const char *path, bool local, bool *failed);

/* The argument of --color, if it is one; else a usage error. */
const char *color_argument(const char *text);

/* FOLDER/NAME as a C string, in b. */
const char *path_join(struct buf *b, const char *folder, const char *name);

/* close_output(out, status): close what was opened with -o; FILE is left as it was on trouble. */
enum tool_status close_output(struct out *out, enum tool_status status);

#endif
