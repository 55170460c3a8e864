/* The command line of audit-verify. */
#include "settings.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/instant.h"
#include "base/mem.h"

enum {
	PUBKEY = 256,
	OLD_PUBKEY,
	TREE,
	ALLOW_EMPTY,
	MIN_INDEX,
	ANCHOR,
	TSA_CA,
	RETENTION,
	ARCHIVE,
	RANGE,
	STATE,
	MAX_AGE,
	PROOF,
	ENTRY,
	LEAF,
	BUNDLES,
	CHECKPOINT
};

const struct tool_option verify_options[] = {
	{ PUBKEY, "pubkey", "FILE",
	    "trust the keys in FILE, one vkey a line; may be repeated" },
	{ OLD_PUBKEY, "old-pubkey", "FILE",
	    "trust the keys in FILE too, but for anchors and listed heads only" },
	{ PROOF, "proof", "FILE",
	    "check the proof in FILE, with --entry, --leaf or --anchor, instead of a log" },
	{ ENTRY, "entry", "FILE", "with --proof: the entry is the one line of FILE" },
	{ LEAF, "leaf", "HEX", "with --proof: the entry's leaf hash" },
	{ ANCHOR, "anchor", "FILE",
	    "an older head, cosignature or time stamp must agree; may be repeated" },
	{ TSA_CA, "tsa-ca", "FILE", "trust the certificates in FILE for time stamps" },
	{ MAX_AGE, "max-age", "SPAN", "the newest head must not be older" },
	{ TREE, "tree", "DIR", "the log's tree (default: LOG.tree)" },
	{ RANGE, "range", "A,B", "only entries A to B" },
	{ STATE, "state", "FILE",
	    "only what is new since the run that wrote FILE, and a part again" },
	{ BUNDLES, "bundles", NULL,
	    "with --tree, and no log: the entries are in DIR/tile/entries" },
	{ CHECKPOINT, "checkpoint", "FILE",
	    "with --bundles: by this head, not DIR/checkpoint" },
	{ RETENTION, "retention", "SPAN",
	    "entries must be kept so long, here or in the archive" },
	{ ARCHIVE, "archive", "LIST", "with --retention: the names of what is in the archive" },
	{ MIN_INDEX, "min-index", "N", "entries before N are gone, and that is right" },
	{ 'f', "format", "FORMAT", "text (the default), json, prometheus or nagios" },
	{ ALLOW_EMPTY, "allow-empty", NULL, "a log without entries is no error" },
	TOOL_QUIET_ROW,
	TOOL_OUTPUT_ROW,
	TOOL_JOBS_ROW,
	TOOL_PROGRESS_ROW,
	TOOL_OPTIONS,
};

/* Wrong usage, for Nagios: a line on stdout, where it looks. */
static void
nagios_dying(const char *message)
{
	struct buf line = { 0 };

	for (buf_printf(&line, "AUDITLOG UNKNOWN - %s", message); line.len > 0;) {
		char *bar = memchr(line.p, '|', line.len);

		if (bar == NULL)
			break;
		*bar = '/';
	}
	buf_byte(&line, '\n');
	(void)file_write(STDOUT_FILENO, buf_view(&line));
	buf_free(&line);
}

/* What does word, behind it next, say of the format?  NULL if nothing. */
static const char *
format_in(const char *word, const char *next)
{
	static const char name[] = "--format";
	size_t n = strcspn(word, "=");

	if (strncmp(word, "-f", 2) == 0)
		return word[2] != '\0' ? word + 2 : next;
	if (n < 3 || n >= sizeof name || strncmp(word, name, n) != 0)
		return NULL;
	return word[n] == '=' ? word + n + 1 : next;
}

/* Whatever else is wrong with the command line, Nagios is answered in its own way. */
static void
look_for_nagios(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *name = format_in(argv[i], argv[i + 1]);

		if (name != NULL && strcmp(name, report_nagios.name) == 0)
			tool_habit(report_nagios.code, nagios_dying);
	}
}

static const struct report_format *
format_of(const char *name)
{
	const struct report_format *f = report_format_of(name);

	if (f == NULL)
		die_usage("option --format: text, json, prometheus or nagios");
	return f;
}

static uint64_t
index_of(const char *option, const char *text)
{
	unsigned long long v;

	if (slice_u64(slice_of(text), INT64_MAX, &v) == -1)
		die_usage("option --%s: not the number of an entry", option);
	return v;
}

static int64_t
span_of(const char *option, const char *text)
{
	int64_t seconds;

	if (span_get(slice_of(text), &seconds) == -1)
		die_usage("option --%s: not a span of time such as 15m, 24h or 7d", option);
	return seconds;
}

static struct verify_range
range_of(const char *text)
{
	struct slice rest = slice_of(text), from;
	unsigned long long a, b;

	if (!slice_cut(&rest, ',', &from) || slice_u64(from, INT64_MAX, &a) == -1 ||
	    slice_u64(rest, INT64_MAX, &b) == -1 || a > b)
		die_usage("option --range: not two numbers of entries, the first and the last");
	return (struct verify_range){ true, a, b };
}

static void
take_option(struct settings *s, int id)
{
	switch (id) {
	case PUBKEY: s->pubkey[s->pubkeys++] = optarg; break;
	case OLD_PUBKEY: s->old_pubkey[s->old_pubkeys++] = optarg; break;
	case ANCHOR: s->anchor[s->anchors++] = optarg; break;
	case TSA_CA: s->verify.tsa_ca = optarg; break;
	case MAX_AGE: s->verify.max_age = span_of("max-age", optarg); break;
	case RANGE: s->verify.range = range_of(optarg); break;
	case STATE: s->state_path = optarg; break;
	case RETENTION: s->verify.retention = span_of("retention", optarg); break;
	case ARCHIVE: s->archive_path = optarg; break;
	case PROOF: s->proof = optarg; break;
	case BUNDLES: s->bundles = true; break;
	case CHECKPOINT: s->checkpoint = optarg; break;
	case ENTRY: s->entry = optarg; break;
	case LEAF: s->leaf = optarg; break;
	case TREE:
		buf_reset(&s->tree);
		buf_str(&s->tree, optarg);
		break;
	case MIN_INDEX: s->verify.min_index = index_of("min-index", optarg); break;
	case 'f': s->report.format = format_of(optarg); break;
	case ALLOW_EMPTY: s->report.allow_empty = true; break;
	case 'o': s->output = optarg; break;
	case 'j': s->verify.jobs = tool_jobs(optarg); break;
	case TOOL_PROGRESS: s->progress = true; break;
	default: break;
	}
}

static void
take_operands(struct settings *s, size_t n, char **operand)
{
	size_t streams = 0;

	if (n == 0)
		die_usage("no log given");
	s->operand = xmalloc(n * sizeof *s->operand);
	for (size_t i = 0; i < n; i++) {
		s->operand[s->operands++] = operand[i];
		streams += strcmp(operand[i], "-") == 0;
	}
	if (streams > 1)
		die_usage("standard input can be one segment only");
	s->report.log = operand[n - 1];
	if (s->tree.len > 0 || s->tree.p != NULL)
		return;
	if (strcmp(s->report.log, "-") == 0)
		die_usage(
		    "a log on standard input has no name: its tree is to be given by --tree");
	s->own_tree = true;
	buf_printf(&s->tree, "%s.tree", s->report.log);
}

/* What belongs to a proof. */
static void
check_proof(struct settings *s, int operands)
{
	size_t ways = (size_t)((s->entry != NULL) + (s->leaf != NULL));

	if (s->proof == NULL)
		die_usage(
		    "option %s: only with --proof", s->entry != NULL ? "--entry" : "--leaf");
	if (ways + s->anchors != 1)
		die_usage("option --proof: needs one of --entry, --leaf and --anchor");
	if (operands > 0)
		die_usage("option --proof: a proof is checked without a log");
	s->report.log = s->proof;
	s->report.tree = "";
}

/* What belongs to entry bundles. */
static void
check_bundles(struct settings *s, int operands)
{
	if (!s->bundles)
		die_usage("option --checkpoint: only with --bundles");
	if (s->tree.len == 0)
		die_usage("option --bundles: needs --tree");
	if (operands > 0)
		die_usage("option --bundles: the entries are in the tree, not in a log");
	if (s->verify.range.set || s->state_path != NULL)
		die_usage("option --bundles: all entries are checked, every time");
	s->report.log = s->report.tree = buf_cstr(&s->tree);
}

void
settings_read(int argc, char **argv, struct settings *s)
{
	int id;

	look_for_nagios(argc, argv);
	s->report.format = &report_text;
	s->verify.jobs = tool_cores();
	s->verify.max_age = s->verify.retention = -1;
	s->pubkey = xmalloc((size_t)argc * sizeof *s->pubkey);
	s->old_pubkey = xmalloc((size_t)argc * sizeof *s->old_pubkey);
	s->anchor = xmalloc((size_t)argc * sizeof *s->anchor);
	while ((id = tool_next(argc, argv, verify_options)) != -1)
		take_option(s, id);
	tool_habit(
	    s->report.format->code, s->report.format == &report_nagios ? nagios_dying : NULL);
	if (s->pubkeys == 0)
		die_usage(
		    "no --pubkey: nothing can be verified without the log's public key, which "
		    "audit-hash keygen wrote as KEY.pub");
	if (s->proof != NULL || s->entry != NULL || s->leaf != NULL) {
		check_proof(s, argc - optind);
		return;
	}
	if (s->bundles || s->checkpoint != NULL) {
		check_bundles(s, argc - optind);
		return;
	}
	if (s->verify.range.set && s->state_path != NULL)
		die_usage("options --range and --state do not go together");
	if ((s->verify.retention >= 0) != (s->archive_path != NULL))
		die_usage("options --retention and --archive go together");
	if (s->verify.range.set && s->archive_path != NULL)
		die_usage("options --range and --retention do not go together");
	s->report.partial = s->verify.range.set || s->state_path != NULL;
	take_operands(s, (size_t)(argc - optind), argv + optind);
	s->report.tree = buf_cstr(&s->tree);
}

void
settings_free(struct settings *s)
{
	verify_free(&s->report.result);
	buf_free(&s->report.first);
	free(s->pubkey);
	free(s->old_pubkey);
	free(s->anchor);
	memo_free(&s->state);
	for (size_t i = 0; i < s->verify.anchors; i++)
		buf_free(&s->verify.anchor[i].text);
	free(s->verify.anchor);
	free(s->operand);
	for (size_t i = 0; i < s->operands && s->parcel != NULL; i++) {
		parcel_free(s->parcel[i]);
		free(s->part[i]);
	}
	free(s->parcel);
	for (size_t i = 0; i < s->besides; i++)
		parcel_free(s->beside[i]);
	free(s->beside);
	buf_free(&s->archive);
	free(s->part);
	free(s->segment);
	free(s->keys);
	buf_free(&s->tree);
	buf_free(&s->checked);
	buf_free(&s->reason);
}
