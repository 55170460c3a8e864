/* witness: on another host, remember a log's head and cosign only what goes on from it. */
#include "audit-hash.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/instant.h"
#include "log/proof.h"
#include "log/witness.h"

const struct tool_option witness_options[] = {
	{ OPT_KEY, "key", "KEY", "cosign with the secret key in file KEY, or from fd:N" },
	{ OPT_PUBKEY, "pubkey", "FILE", "the log's public keys, one a line" },
	{ OPT_STATE, "state", "FILE", "the last head seen is in FILE" },
	{ OPT_INIT, "init", NULL, "begin with this head: FILE must not be there" },
	TOOL_QUIET_ROW,
	TOOL_OPTIONS,
};

static const struct {
	const char *rule, *text;
} texts[] = {
	{ "proof-syntax", "not what audit-hash checkpoint --old prints" },
	{ "head-damaged", "the head's signature is wrong" },
	{ "key-unknown", "the head has no signature by a key of --pubkey" },
	{ "origin", "the head is another log's" },
	{ "checkpoint-syntax", "not a signed head" },
	{ "state-damaged", "not the last head as it was signed, or not by a key of --pubkey" },
	{ "state-missing", "there is no last head; --init begins with this one" },
	{ "state-exists", "there is a last head: not begun anew" },
	{ "sign", "could not sign" },
};

static const char *
text_of(const char *rule)
{
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (strcmp(texts[i].rule, rule) == 0)
			return texts[i].text;
	return "not a signed head";
}

/* Is the rule about the state, not the body? */
static bool
of_state(const char *rule)
{
	return strncmp(rule, "state-", 6) == 0 || strcmp(rule, "system") == 0;
}

static enum tool_status
say(const struct witness *w, const char *body, enum witness_answer answer,
    const struct witness_result *r)
{
	const char *file = of_state(r->rule) ? w->state : body;

	if (answer == WITNESS_NO) {
		/* The notes are signed by the log's key, and are what convicts it. */
		warn("%s: the head %s the one seen before; that one, and this one, follow "
		     "[%s]",
		    file,
		    strcmp(r->rule, "fork") == 0 ? "does not go on from"
						 : "has fewer entries than",
		    r->rule);
		warn_text(buf_view(&r->known));
		warn_text(SLICE("\n"));
		warn_text(buf_view(&r->asked));
		return TOOL_NO;
	}
	if (strcmp(r->rule, "system") == 0)
		warn("%s: %s", file, strerror(r->error));
	else if (strcmp(r->rule, "old") == 0)
		warn("%s: the head seen before has %llu entries: ask with --old %llu [old]",
		    file, (unsigned long long)r->size, (unsigned long long)r->size);
	else
		warn("%s: %s [%s]", file, text_of(r->rule), r->rule);
	return TOOL_TROUBLE;
}

static int
read_body(const char *path, struct buf *body)
{
	int fd = file_open(path), status = -1;

	if (fd != -1)
		status = file_read_input(fd, PROOF_FILE_MAX, body);
	if (status == -1)
		warn_errno(tool_file(path));
	if (fd != -1)
		close(fd);
	return status;
}

static enum tool_status
ask(const struct witness *w, const char *path)
{
	enum tool_status status = TOOL_TROUBLE;
	struct witness_result r = { 0 };
	enum witness_answer answer;
	struct buf body = { 0 };

	if (read_body(path, &body) == 0) {
		answer = witness_ask(w, buf_view(&body), &r);
		if (answer == WITNESS_SIGNED)
			status = put_output(NULL, buf_view(&r.line));
		else
			status = say(w, tool_file(path), answer, &r);
	}
	witness_free(&r);
	buf_free(&body);
	return status;
}

enum tool_status
witness_run(int argc, char **argv)
{
	const char *key = NULL, *pubkey = NULL;
	struct witness w = { .time = instant_now().s };
	enum tool_status status = TOOL_TROUBLE;
	struct vkey *keys = NULL;
	struct skey k;
	int c;

	while ((c = tool_next(argc, argv, witness_options)) != -1)
		switch (c) {
		case OPT_KEY: key = optarg; break;
		case OPT_PUBKEY: pubkey = optarg; break;
		case OPT_STATE: w.state = optarg; break;
		case OPT_INIT: w.init = true; break;
		}
	if (argc - optind > 1)
		die_usage("witness takes one BODY");
	if (pubkey == NULL || w.state == NULL || *w.state == '\0')
		die_usage("witness needs --pubkey and --state");
	if (keys_public(pubkey, &keys, &w.n) == -1)
		return TOOL_TROUBLE;
	keys_load_option("key", key, true, &k);
	w.key = &k;
	w.keys = keys;
	status = ask(&w, optind < argc ? argv[optind] : "-");
	skey_wipe(&k);
	free(keys);
	return status;
}
