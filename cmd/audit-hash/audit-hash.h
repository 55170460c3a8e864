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
	OPT_WITNESS,
	OPT_PUBKEY,
	OPT_STATE,
	OPT_INIT,
	OPT_NEW_KEY,
	OPT_COMPRESS,
	OPT_ENCRYPT_TO,
	OPT_CHECKPOINT,
	OPT_EVIDENCE,
	OPT_RANGE,
};

extern const struct tool_option append_options[], chain_options[], check_options[],
    checkpoint_options[], keygen_options[], prove_options[], witness_options[],
    rotate_options[], seal_options[], rebuild_options[], export_options[];

enum tool_status append_run(int argc, char **argv);
enum tool_status chain_run(int argc, char **argv);
enum tool_status check_run(int argc, char **argv);
enum tool_status checkpoint_run(int argc, char **argv);
enum tool_status keygen_run(int argc, char **argv);
enum tool_status prove_run(int argc, char **argv);
enum tool_status witness_run(int argc, char **argv);
enum tool_status rotate_run(int argc, char **argv);
enum tool_status seal_run(int argc, char **argv);
enum tool_status rebuild_run(int argc, char **argv);
enum tool_status export_run(int argc, char **argv);

/*
 * keys_load(value, k):
 * Read the log's secret key that --key (NULL if not given: $AUDIT_KEY_FILE) names: a file, or
 * "fd:N".  Ends the process with a message if there is none.
 *
 * keys_load_option(option, name, witness, k):
 * The same for option; witness: the key of a witness will do, too.
 *
 * keys_try: the same, but it returns 0, or -1 with a message: for who has another key to wipe.
 *
 * keys_public(path, keys, n):
 * Read the file of public keys that --pubkey names.  Returns 0, or -1 with a message.
 */
void keys_load(const char *value, struct skey *k);
void keys_load_option(const char *option, const char *name, bool witness, struct skey *k);
int keys_try(const char *option, const char *name, bool witness, struct skey *k);
int keys_public(const char *path, struct vkey **keys, size_t *n);

/* The tree of a log: the --tree given, or the log's name with ".tree".  To be freed. */
char *tree_of(const char *log, const char *option);

/* Say why a log or its tree could not be used. */
void say_fault(const char *log, const char *tree, const struct log_fault *fault);

/* Say why a tile of the tree could not be used. */
void say_tile(const char *tree, const struct tile_name *name, enum tile_state state);

/* Write text to file output (NULL: stdout), whole or not at all. */
enum tool_status put_output(const char *output, struct slice text);

#endif
