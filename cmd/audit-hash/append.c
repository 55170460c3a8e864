/*
 * append: lines from stdin to a log, each copied to stdout once it is durable, or answered as rsyslog's
 * omprog has it (confirmMessages: "OK" at the start and for a record that is safe; within a
 * transaction "DEFER_COMMIT" for a record, "OK" for the marks).
 */
#include "audit-hash.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/digest.h"
#include "base/lines.h"
#include "base/out.h"
#include "base/progress.h"

enum { BATCH = 1 << 20, PIPE = 1 << 20 };

const struct tool_option append_options[] = {
	{ OPT_KEY, "key", "KEY",
	    "sign with the secret key in file KEY, or from descriptor fd:N" },
	{ OPT_TREE, "tree", "DIR", "keep the tree in DIR instead of LOG.tree" },
	{ OPT_MODE, "mode", "OCTAL", "make new files with this mode, 0400 to 0666 (0640)" },
	{ OPT_BATCH, "batch", "BYTES", "sync at least every BYTES of input (1M)" },
	{ OPT_ADOPT, "adopt", NULL, "take in a LOG that has lines and no head" },
	{ OPT_NEW_SEGMENT, "new-segment", NULL,
	    "go on in an absent or empty LOG, wherever its last segment is" },
	{ OPT_OMPROG, "omprog", "[MARK]",
	    "answer as rsyslog's omprog wants; transactions are BEGIN MARK to COMMIT MARK" },
	TOOL_PROGRESS_ROW,
	TOOL_QUIET_ROW,
	TOOL_OPTIONS,
};

struct omprog {
	bool on;
	struct buf begin, commit; /* the marks' lines; empty: no transactions */
	bool within;              /* a transaction: its records are safe when it is committed */
	uint64_t owed;            /* records of the batch to be answered OK */
	struct sha256 *digest;    /* of a line too long, as it comes */
	bool digesting;
};

struct job {
	struct append_options o;
	struct append *append;
	struct skey key;
	char *tree;
	size_t cap;
	bool progress;
	struct lines *in;
	struct buf batch;
	bool committed; /* at least one head was signed */
	struct out copy;
	bool copying;
	struct omprog omprog;
	enum tool_status status;
};

static mode_t
parse_mode(const char *text)
{
	mode_t mode = 0;
	size_t len = strlen(text);

	for (size_t i = 0; i < len && len <= 5; i++)
		mode = text[i] >= '0' && text[i] <= '7' ? mode * 8 + (mode_t)(text[i] - '0')
							: 07777;
	if (len < 3 || len > 5 || mode < 0400 || mode > 0666 || (mode & ~0666u) != 0)
		die_usage("option --mode: not an octal mode from 0400 to 0666");
	return mode;
}

static void
parse_omprog(struct omprog *o, const char *mark)
{
	o->on = true;
	if (mark == NULL)
		return;
	if (*mark == '\0' || strchr(mark, '\n') != NULL)
		die_usage("option --omprog: not the mark of a transaction");
	buf_printf(&o->begin, "BEGIN %s", mark);
	buf_printf(&o->commit, "COMMIT %s", mark);
}

static void
parse(struct job *j, int argc, char **argv)
{
	const char *key = NULL, *tree = NULL;
	int c;

	while ((c = tool_next(argc, argv, append_options)) != -1)
		switch (c) {
		case OPT_KEY: key = optarg; break;
		case OPT_TREE: tree = optarg; break;
		case OPT_MODE: j->o.mode = parse_mode(optarg); break;
		case OPT_BATCH: j->cap = tool_number("batch", optarg, 1 << 30); break;
		case OPT_ADOPT: j->o.adopt = true; break;
		case OPT_NEW_SEGMENT: j->o.new_segment = true; break;
		case OPT_OMPROG: parse_omprog(&j->omprog, optarg); break;
		case TOOL_PROGRESS: j->progress = true; break;
		}
	if (argc - optind != 1)
		die_usage("append takes one LOG");
	if (tree != NULL && *tree == '\0')
		die_usage("option --tree: needs a directory");
	j->o.log = argv[optind];
	j->o.tree = j->tree = tree_of(j->o.log, tree);
	keys_load(key, &j->key);
	j->o.key = &j->key;
}

static void
say_residue(const struct job *j)
{
	struct append_residue r = append_residue(j->append);

	if (r.lines > 0 || r.torn > 0)
		note(
		    "%s: took in %llu lines and %llu bytes of a torn one written past the head",
		    j->o.log, (unsigned long long)r.lines, (unsigned long long)r.torn);
}

/* The end, however it comes: the list of heads complete, no secret left. */
static void
finish(struct job *j)
{
	struct log_fault fault;

	progress_end();
	if (j->append != NULL && j->committed && append_finish(j->append, &fault) == -1) {
		say_fault(j->o.log, j->tree, &fault);
		j->status = TOOL_TROUBLE;
	}
	append_free(j->append);
	j->append = NULL;
	skey_wipe(&j->key);
	free(j->tree);
	j->tree = NULL;
}

/* The log could not be appended to: nothing is retried, nothing more acknowledged. */
static _Noreturn void
give_up(struct job *j, const struct log_fault *fault)
{
	progress_end();
	say_fault(j->o.log, j->tree, fault);
	skey_wipe(&j->key);
	exit((int)tool_end(TOOL_TROUBLE));
}

/* Make the batch durable, then hand it on. */
static void
commit(struct job *j)
{
	struct log_fault fault;

	if (append_commit(j->append, buf_view(&j->batch), &fault) == -1)
		give_up(j, &fault);
	j->committed = true;
	say_residue(j);
	if (j->copying)
		out_put(&j->copy, buf_view(&j->batch));
	for (; j->omprog.owed > 0; j->omprog.owed--)
		out_str(&j->copy, "OK\n");
	out_flush(&j->copy);
	buf_reset(&j->batch);
}

/* No one takes our copy any more: what was read is sealed, so go as a pipe's writer goes. */
static _Noreturn void
end_broken(struct job *j)
{
	int error = j->copy.error;

	finish(j);
	if (error == EPIPE) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	errno = error;
	warn_errno(j->copy.name);
	exit((int)tool_end(TOOL_TROUBLE));
}

/* Input has run dry: nothing waits for more of it. */
static void
on_idle(void *arg)
{
	struct job *j = arg;

	if (j->batch.len > 0 && !j->omprog.within)
		commit(j);
	out_flush(&j->copy);
	if (j->copy.error != 0)
		end_broken(j);
}

static void
take_record(struct job *j, struct slice text)
{
	if (j->batch.len > 0 && j->batch.len + text.len + 1 > j->cap)
		commit(j);
	buf_slice(&j->batch, text);
	buf_byte(&j->batch, '\n');
	if (j->omprog.within)
		out_str(&j->copy, "DEFER_COMMIT\n");
	else if (j->omprog.on)
		j->omprog.owed++;
	if (j->batch.len >= j->cap)
		commit(j);
}

/* Is the line a mark?  Then it has been answered. */
static bool
take_mark(struct job *j, struct slice text)
{
	struct omprog *o = &j->omprog;
	bool begin = slice_eq(text, buf_view(&o->begin));

	if (o->begin.len == 0 || (!begin && !slice_eq(text, buf_view(&o->commit))))
		return false;
	if (j->batch.len > 0)
		commit(j);
	o->within = begin;
	out_str(&j->copy, "OK\n");
	return true;
}

static void
on_long(void *arg, struct slice piece)
{
	struct omprog *o = arg;

	if (!o->digesting)
		sha256_begin(o->digest);
	o->digesting = true;
	sha256_add(o->digest, piece.p, piece.len);
}

/* rsyslog would send it for ever: a record in its place says what it was. */
static void
take_refused(struct job *j, uint64_t length)
{
	struct buf record = { 0 };
	struct hash digest;

	sha256_end(j->omprog.digest, &digest);
	j->omprog.digesting = false;
	buf_printf(&record,
	    "{\"log_event\": \"refused\", \"line_bytes\": %llu, \"line_sha256\": \"",
	    (unsigned long long)length);
	hex_put(&record, digest.b, HASH_LEN);
	buf_str(&record, "\"}");
	take_record(j, buf_view(&record));
	buf_free(&record);
}

static void
take(struct job *j, const struct line *line)
{
	if (line->too_long) {
		warn_at("<stdin>", line->number, "%s [line-length]", diag_text("line-length"));
		j->status = TOOL_NO;
		if (j->omprog.on)
			take_refused(j, line->length);
	} else if (!take_mark(j, line->text)) {
		take_record(j, line->text);
	}
}

/* The log is looked at before the first record is asked for. */
static void
start_omprog(struct job *j)
{
	commit(j);
	out_str(&j->copy, "OK\n");
	j->omprog.digest = sha256_new();
	lines_on_long(j->in, on_long, &j->omprog);
}

/* All of stdin; once the copy fails only what has been read already. */
static void
take_all(struct job *j)
{
	struct line line;
	int status = 1;

	while ((j->copy.error == 0 || lines_ready(j->in)) &&
	    (status = lines_next(j->in, &line)) == 1)
		take(j, &line);
	if (status == -1) {
		warn_errno("<stdin>");
		j->status = TOOL_TROUBLE;
	}
	/* With nothing to append the head is signed anew: a quiet log does not go stale. */
	if (j->batch.len > 0 || (!j->committed && status == 0))
		commit(j);
	if (j->copy.error != 0)
		end_broken(j);
}

enum tool_status
append_run(int argc, char **argv)
{
	struct job j = { .cap = BATCH, .o.mode = 0640, .status = TOOL_OK };
	struct log_fault fault;

	parse(&j, argc, argv);
	j.copying = !tool_quiet() && !j.omprog.on;
	j.append = append_open(&j.o, &fault);
	if (j.append == NULL)
		give_up(&j, &fault);
	if (out_open(&j.copy, NULL) == -1)
		die("<stdout>: %s", strerror(errno));
	signal(SIGPIPE, SIG_IGN);
	signal(
	    SIGXFSZ, SIG_IGN); /* a file too large is an error of write(2), like a full disk */
	fcntl(STDIN_FILENO, F_SETPIPE_SZ, PIPE);
	j.in = lines_open(STDIN_FILENO, LINES_MAX, true);
	lines_on_idle(j.in, on_idle, &j);
	progress_start(0, j.progress);
	if (j.omprog.on)
		start_omprog(&j);
	take_all(&j);
	finish(&j);
	sha256_free(j.omprog.digest);
	buf_free(&j.omprog.begin);
	buf_free(&j.omprog.commit);
	lines_free(j.in);
	buf_free(&j.batch);
	if (out_close(&j.copy, true) == -1)
		j.status = TOOL_TROUBLE;
	return j.status;
}
