/* prove: one entry is under the log's head, shown without the other entries. */
#include "audit-hash.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/progress.h"
#include "log/sealed.h"
#include "json/query.h"

const struct tool_option prove_options[] = {
	{ OPT_HASH, "hash", "HEX", "the entry whose line has this SHA-256" },
	{ OPT_WHERE, "where", "EXPR", "the first entry for which this jq expression holds" },
	{ OPT_TREE, "tree", "DIR", "the tree is in DIR instead of LOG.tree" },
	TOOL_OUTPUT_ROW,
	TOOL_PROGRESS_ROW,
	TOOL_QUIET_ROW,
	TOOL_OPTIONS,
};

struct prove {
	const char *log, *output;
	char *tree;
	bool progress;
	/* What is looked for: an index, a hash, or what an expression holds for. */
	uint64_t index;
	const char *hash, *where;
	struct hash digest;
	struct query *query;
	struct json *json;
	struct sealed sealed;
	/* A line too long for the buffer comes in pieces. */
	struct sha256 *plain, *leaf;
	bool hashing;
	uint64_t found; /* lines that match, from the first that is sealed on */
};

static void
parse(struct prove *p, int argc, char **argv)
{
	const char *tree = NULL;
	unsigned long long n;
	int c, operands;

	while ((c = tool_next(argc, argv, prove_options)) != -1)
		switch (c) {
		case OPT_HASH: p->hash = optarg; break;
		case OPT_WHERE: p->where = optarg; break;
		case OPT_TREE: tree = optarg; break;
		case 'o': p->output = optarg; break;
		case TOOL_PROGRESS: p->progress = true; break;
		}
	operands = p->hash != NULL || p->where != NULL ? 1 : 2;
	if (p->hash != NULL && p->where != NULL)
		die_usage("prove takes one of N, --hash and --where");
	if (argc - optind != operands)
		die_usage(operands == 1 ? "prove takes one LOG beside --hash or --where"
					: "prove takes an entry's number N and one LOG");
	if (p->hash != NULL && hex_get(slice_of(p->hash), p->digest.b, HASH_LEN) == -1)
		die_usage("option --hash: not 64 hexadecimal digits");
	if (operands == 2 && slice_u64(slice_of(argv[optind]), INT64_MAX, &n) == -1)
		die_usage("N is not an entry's number, counted from 0");
	if (operands == 2)
		p->index = n;
	p->log = argv[argc - 1];
	p->tree = tree_of(p->log, tree);
}

static int
compile(struct prove *p)
{
	size_t line;

	p->query = query_new(p->where, &line);
	if (p->query == NULL) {
		warn("option --where: line %zu: not a jq program, or one that uses what is off "
		     "[map]",
		    line);
		return -1;
	}
	p->json = json_new();
	return 0;
}

static bool
yield(void *arg, struct slice json)
{
	bool *holds = arg;

	*holds |= !slice_is(json, "false") && !slice_is(json, "null");
	return !*holds;
}

/* A line that is no JSON, or on which the expression fails, is none of those looked for. */
static bool
holds(struct prove *p, struct slice line)
{
	bool yes = false;

	if (json_check(p->json, line, NULL) == -1)
		return false;
	return query_each(p->query, line, yield, &yes, NULL) == 0 && yes;
}

static void
on_long(void *arg, struct slice piece)
{
	struct prove *p = arg;

	if (!p->hashing) {
		sha256_begin(p->plain);
		sha256_begin(p->leaf);
		sha256_add(p->leaf, "", 1);
	}
	p->hashing = true;
	sha256_add(p->plain, piece.p, piece.len);
	sha256_add(p->leaf, piece.p, piece.len);
}

/* Is it a line that is looked for?  Then leaf gets its leaf. */
static bool
matches(struct prove *p, const struct line *line, struct hash *leaf)
{
	struct hash digest;

	if (p->hashing) {
		sha256_end(p->plain, &digest);
		sha256_end(p->leaf, leaf);
		p->hashing = false;
		return p->query == NULL && hash_eq(&digest, &p->digest);
	}
	if (p->query != NULL) {
		if (!holds(p, line->text))
			return false;
	} else {
		sha256(line->text, &digest);
		if (!hash_eq(&digest, &p->digest))
			return false;
	}
	tree_leaf(line->text, leaf);
	return true;
}

static int
say_bad(const struct prove *p, enum tile_state state)
{
	say_tile(p->tree, &p->sealed.tree.bad, state);
	return -1;
}

/* A line matches: note its index if it is sealed and the first.  Returns 0, or -1 with a message. */
static int
take(struct prove *p, const struct hash *leaf)
{
	enum tile_state state;
	uint64_t index = 0;
	int status = 1;

	if (p->found == 0)
		status = sealed_find(&p->sealed, leaf, 0, &index, &state);
	if (status == -1)
		return say_bad(p, state);
	if (status == 1 && p->found++ == 0)
		p->index = index;
	return 0;
}

/* Read the log for what is looked for.  Returns 0, or -1 with a message. */
static int
search_lines(struct prove *p, int fd)
{
	struct lines *in = lines_open(fd, LINES_MAX, false);
	struct line line;
	struct hash leaf;
	int more, status = 0;

	lines_on_long(in, on_long, p);
	while (status == 0 && (more = lines_next(in, &line)) != 0)
		if (more == -1) {
			warn_errno(p->log);
			status = -1;
		} else if (matches(p, &line, &leaf) && !line.torn) {
			status = take(p, &leaf);
			if (p->query == NULL && p->found > 0)
				break; /* another line of this hash proves no more */
		}
	lines_free(in);
	return status;
}

static int
search(struct prove *p)
{
	int fd, status;

	if (p->where != NULL && compile(p) == -1)
		return -1;
	fd = file_open(p->log);
	if (fd == -1) {
		warn_errno(p->log);
		return -1;
	}
	p->plain = sha256_new();
	p->leaf = sha256_new();
	progress_start(0, p->progress);
	status = search_lines(p, fd);
	progress_end();
	close(fd);
	if (status == 0 && p->found == 0) {
		warn("%s: no such entry under its head [not-in-log]", p->log);
		status = -1;
	}
	if (status == 0 && p->found > 1)
		note("%s: %llu lines match, this is the first", p->log,
		    (unsigned long long)p->found);
	return status;
}

/* Find the entry, and make its proof. */
static int
prove(struct prove *p, struct buf *text)
{
	struct proof_file f = { 0 };
	enum tile_state state;

	if ((p->hash != NULL || p->where != NULL) && search(p) == -1)
		return -1;
	if (p->index >= p->sealed.tree.size) {
		warn("%s: its head has %llu entries, and this is none of them [not-in-log]",
		    p->log, (unsigned long long)p->sealed.tree.size);
		return -1;
	}
	state = proof_inclusion(&p->sealed.tree, p->index, NULL, &f.proof);
	if (state != TILE_GOOD)
		return say_bad(p, state);
	f.number = p->index;
	f.head = buf_view(&p->sealed.message);
	tlog_proof_put(text, &f);
	return 0;
}

enum tool_status
prove_run(int argc, char **argv)
{
	enum tool_status status = TOOL_TROUBLE;
	struct prove p = { .index = 0 };
	struct log_fault fault;
	struct buf text = { 0 };

	parse(&p, argc, argv);
	if (sealed_open(p.tree, NULL, &p.sealed, &fault) == -1)
		say_fault(p.log, p.tree, &fault);
	else if (prove(&p, &text) == 0)
		status = put_output(p.output, buf_view(&text));
	sealed_close(&p.sealed);
	query_free(p.query);
	json_free(p.json);
	sha256_free(p.plain);
	sha256_free(p.leaf);
	buf_free(&text);
	free(p.tree);
	return status;
}
