/*
 * audit-hash.h - what the verbs share.
 */
#ifndef AUDIT_HASH_H
#define AUDIT_HASH_H

#include "base/tool.h"
#include "log/append.h"
#include "log/tile.h"

enum {
	OPT_KEY = 256,
	OPT_TREE,
	OPT_MODE,
	OPT_BATCH,
	OPT_ADOPT,
	OPT_FROM,
	OPT_HASH,
	OPT_WHERE,
	OPT_OLD,
	OPT_NEW_SEGMENT,
	OPT_OMPROG,
};

extern const struct tool_option append_options[], chain_options[], check_options[],
    checkpoint_options[], keygen_options[], prove_options[];

enum tool_status append_run(int argc, char **argv);
enum tool_status chain_run(int argc, char **argv);
enum tool_status check_run(int argc, char **argv);
enum tool_status checkpoint_run(int argc, char **argv);
enum tool_status keygen_run(int argc, char **argv);
enum tool_status prove_run(int argc, char **argv);

/*
 * keys_load(option, k):
 * Read the secret key that --key (NULL if not given: $AUDIT_KEY_FILE) names: a file, or "fd:N".
 * Ends the process with a message if there is none.
 */
void keys_load(const char *option, struct skey *k);

/* The tree of a log: the --tree given, or the log's name with ".tree".  To be freed. */
char *tree_of(const char *log, const char *option);

/* Say why a log or its tree could not be used. */
void say_fault(const char *log, const char *tree, const struct log_fault *fault);

/* Say why a tile of the tree could not be used. */
void say_tile(const char *tree, const struct tile_name *name, enum tile_state state);

/* Write text to file output (NULL: stdout), whole or not at all. */
enum tool_status put_output(const char *output, struct slice text);

#endif
