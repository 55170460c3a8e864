/* prove: one entry is under the log's head, shown without the other entries. */
#include "audit-hash.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "base/progress.h"
#include "log/sealed.h"
#include "operands.h"
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
	struct operands operands;
	uint64_t found; /* lines that match, from the first that is sealed on */
	bool failed;    /* a tile could not be had, which was said */
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
	if (operands == 1 ? argc == optind : argc - optind != 2)
		die_usage(operands == 1 ? "prove takes a LOG beside --hash or --where"
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

/* Is it a line that is looked for? */
static bool
matches(struct prove *p, struct slice line)
{
	struct hash digest;

	if (p->query != NULL)
		return holds(p, line);
	sha256(line, &digest);
	return hash_eq(&digest, &p->digest);
}

static int
say_bad(const struct prove *p, enum tile_state state)
{
	say_tile(p->tree, &p->sealed.tree.bad, state);
	return -1;
}

/* A line matches: note its index if it is sealed and the first.  Returns 0, or -1 with a message. */
static int
take_match(struct prove *p, struct slice line)
{
	enum tile_state state;
	uint64_t index = 0;
	struct hash leaf;
	int status = 1;

	if (p->found == 0) {
		tree_leaf(line, &leaf);
		status = sealed_find(&p->sealed, &leaf, 0, &index, &state);
	}
	if (status == -1)
		return say_bad(p, state);
	if (status == 1 && p->found++ == 0)
		p->index = index;
	return 0;
}

static int
take(void *arg, const struct slice *line, size_t n)
{
	struct prove *p = arg;

	for (size_t i = 0; i < n; i++) {
		if (!matches(p, line[i]))
			continue;
		if (take_match(p, line[i]) == -1) {
			p->failed = true;
			return -1;
		}
		if (p->query == NULL && p->found > 0)
			return 1; /* another line of this hash proves no more */
	}
	return 0;
}

/* Read the lines for what is looked for.  Returns 0, or -1 with a message. */
static int
search(struct prove *p)
{
	int status;

	if (p->where != NULL && compile(p) == -1)
		return -1;
	p->operands.records.skip_long = true; /* no line of ours */
	progress_start(0, p->progress);
	status = records_each(&p->operands.records, take, p);
	progress_end();
	if (status == -1)
		operands_say(&p->operands);
	if (status == -1 || p->failed)
		return -1;
	if (p->found == 0) {
		warn("%s: no such entry under its head [not-in-log]", p->log);
		return -1;
	}
	if (p->found > 1)
		note("%s: %llu lines match, this is the first", p->log,
		    (unsigned long long)p->found);
	return 0;
}

/* Find the entry, and make its proof. */
static int
prove(struct prove *p, struct buf *text)
{
	struct proof_file f = { 0 };
	enum tile_state state;

	if (p->operands.records.n > 0 && search(p) == -1)
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
	else if (((p.hash == NULL && p.where == NULL) ||
		     operands_open(&p.operands, argv + optind, argc - optind) == 0) &&
	    prove(&p, &text) == 0)
		status = put_output(p.output, buf_view(&text));
	operands_close(&p.operands);
	sealed_close(&p.sealed);
	query_free(p.query);
	json_free(p.json);
	buf_free(&text);
	free(p.tree);
	return status;
}
