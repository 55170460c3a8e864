/* audit-hash: durable, tamper-evident logs, and hash chains for pipes. */
#include "audit-hash.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"

static const struct tool_verb verbs[] = {
	{ "append", "LOG", "make the lines of stdin durable in LOG, under a signed head",
	    append_options, append_run },
	{ "chain", "[FILE]", "list the lines' hashes, each linked to the one before",
	    chain_options, chain_run },
	{ "check", "LIST [FILE]", "compare lines with the list that chain made", check_options,
	    check_run },
	{ "checkpoint", "LOG", "print the log's signed head, to be kept elsewhere",
	    checkpoint_options, checkpoint_run },
	{ "keygen", "NAME", "make the key of a log named NAME", keygen_options, keygen_run },
	{ "prove", "N|[SEGMENT ...] LOG",
	    "print the proof that an entry is under the log's head", prove_options, prove_run },
	{ "export", "[SEGMENT ...] LOG",
	    "write the entries for other clients, or some of them as evidence for people",
	    export_options, export_run },
	{ "rebuild", "[SEGMENT ...] LOG",
	    "make the tiles anew from the lines, if they lead to the signed head",
	    rebuild_options, rebuild_run },
	{ "rotate", "LOG", "let another key take over, and destroy the old one", rotate_options,
	    rotate_run },
	{ "seal", "LOG", "close the log's segment for archival, and print how to upload it",
	    seal_options, seal_run },
	{ "witness", "[BODY]", "cosign a log's head if it goes on from the last one seen",
	    witness_options, witness_run },
	{ NULL, NULL, NULL, NULL, NULL },
};

static const struct tool_option options[] = { TOOL_OPTIONS };

static const struct tool tool = {
	.name = "audit-hash",
	.summary = "makes entries durable and tamper-evident",
	.options = options,
	.verbs = verbs,
	.notes =
	    "Exit status: 0 all is well; 1 a line was refused, or check found a difference; "
	    "2 the work could not be done.",
};

char *
tree_of(const char *log, const char *option)
{
	struct buf b = { 0 };

	buf_str(&b, option != NULL ? option : log);
	while (option != NULL && b.len > 1 && b.p[b.len - 1] == '/')
		b.len--;
	if (option == NULL)
		buf_str(&b, ".tree");
	buf_cstr(&b);
	return b.p;
}

void
say_fault(const char *log, const char *tree, const struct log_fault *fault)
{
	const char *text = strcmp(fault->rule, "system") == 0 ? strerror(fault->error)
							      : log_fault_text(fault->rule);
	bool system = text != NULL && fault->error != 0;
	struct buf where = { 0 };

	if (*fault->file == '\0')
		buf_str(&where, log);
	else if (strcmp(fault->file, "torn") == 0)
		buf_printf(&where, "%s.torn", log);
	else if (strcmp(fault->file, ".") == 0)
		buf_str(&where, tree);
	else
		buf_printf(&where, "%s/%s", tree, fault->file);
	if (system)
		warn("%s: %s", buf_cstr(&where), text);
	else
		warn("%s: %s [%s]", buf_cstr(&where), text != NULL ? text : "refused",
		    fault->rule);
	buf_free(&where);
}

int
main(int argc, char **argv)
{
	tool_start(&tool);
	digest_start();
	return (int)tool_end(tool_verb(argc, argv));
}
