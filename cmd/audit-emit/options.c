#include "base/file.h"
#include "base/instant.h"
#include "emit.h"
#include "event/requests.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
	MAX_LINE = 16 * 1024 * 1024,
	MAX_VOCAB = 64 * 1024 * 1024,
	MAX_WAIT = 14 * 24 * 3600, /* seconds: then all that waits is too old */
	KEY_FILE_MAX = 64 * 1024,
	OPT_FROM = 256,
	OPT_MAP,
	OPT_MAP_FILE,
	OPT_MAX_LINE,
	OPT_REJECTS,
	OPT_STRICT,
	OPT_VOCAB,
	OPT_LOG_GROUP,
	OPT_LOG_STREAM,
	OPT_BATCH_WAIT,
	OPT_FRAMING,
	OPT_CHECK_REPLY,
	OPT_REQUESTS,
	OPT_MRN_PATTERN,
	OPT_PHI_ALLOW,
	OPT_PSEUDONYMIZE,
	OPT_DROP,
	OPT_FOLLOW,
	OPT_FOLLOW_FROM,
	OPT_FIELD = 512, /* and the member's number */
};

static const struct tool_option fixed[] = {
	{ 'n', "null-input", NULL, "read nothing, make one entry of the options" },
	{ 'f', "format", "FORMAT", "write lines in FORMAT, one of those below" },
	{ OPT_FROM, "from", "FORMAT", "read lines in FORMAT, likewise" },
	{ OPT_MAP, "map", "PROGRAM", "make events of each line with a jq program" },
	{ OPT_MAP_FILE, "map-file", "FILE", "the same, with the program in FILE" },
	{ OPT_MAX_LINE, "max-line", "BYTES", "longest input line for a map, at most 16M" },
	{ OPT_VOCAB, "vocab", "FIELD=FILE", "accept only the values listed in FILE" },
	{ OPT_LOG_GROUP, "log-group", "NAME", "put-log-events: the log group" },
	{ OPT_LOG_STREAM, "log-stream", "PATTERN",
	    "likewise: the log stream, as in strftime(3)" },
	{ OPT_BATCH_WAIT, "batch-wait", "SPAN", "likewise: write a request after SPAN (5s)" },
	{ OPT_FRAMING, "framing", "HOW",
	    "syslog: end messages by lf (default), or octet counts" },
	{ OPT_CHECK_REPLY, "check-reply", NULL, "name the entries that the REPLYs reject" },
	{ OPT_REQUESTS, "requests", "FILE", "what the REPLYs answer, one request a line" },
	{ OPT_MRN_PATTERN, "mrn-pattern", "REGEX", "phi-mrn finds what matches REGEX as well" },
	{ OPT_PHI_ALLOW, "phi-allow", "RULE[:FIELD]",
	    "switch one detector off, for FIELD or all" },
	{ OPT_PSEUDONYMIZE, "pseudonymize", "FIELD=hmac:KEYFILE", "write a pseudonym instead" },
	{ OPT_DROP, "drop", "FIELD", "leave the member out, or null" },
	{ OPT_FOLLOW, "follow", "FILE", "read FILE on as it grows, as tail -F does" },
	{ OPT_FOLLOW_FROM, "follow-from", "WHERE", "begin at its start (default) or end" },
	{ OPT_REJECTS, "rejects", "FILE", "write a JSON line about each refusal to FILE" },
	{ OPT_STRICT, "strict", NULL, "stop at the first refusal" },
	TOOL_OUTPUT_ROW,
	TOOL_JOBS_ROW,
	TOOL_QUIET_ROW,
	TOOL_PROGRESS_ROW,
	TOOL_COLOR_ROW,
	TOOL_OPTIONS,
};

_Static_assert(
    sizeof fixed / sizeof fixed[0] + FIELD_COUNT <= OPTIONS, "the table is too small");

/* What the argument of a member's option is called. */
static const char *
kind_name(enum kind kind)
{
	switch (kind) {
	case KIND_TOKEN: return "ID";
	case KIND_LABEL: return "LABEL";
	case KIND_WORD: return "WORD";
	case KIND_ENUM: return "NAME";
	case KIND_TIME: return "TIME";
	case KIND_IP: return "ADDRESS";
	case KIND_BOOL: return "[BOOL]";
	case KIND_PATHS: return "LIST";
	}
	return NULL;
}

void
options_table(struct tool_option table[OPTIONS])
{
	size_t n = 0, i = 0;

	for (; fixed[i].id != 'h'; i++)
		table[n++] = fixed[i];
	for (int f = 0; f < FIELD_COUNT; f++)
		table[n++] = (struct tool_option){ OPT_FIELD + f, schema[f].option,
			kind_name(schema[f].kind), schema[f].help };
	for (; fixed[i].id != 0; i++)
		table[n++] = fixed[i];
	table[n] = fixed[i];
}

static bool
format_usable(const struct format *format, bool to_read)
{
	return !to_read || format->names != NULL;
}

/* Append the names of the formats that can be written, or read. */
static void
format_names(struct buf *b, bool to_read)
{
	const struct format *format;

	for (size_t i = 0; (format = format_at(i)) != NULL; i++)
		if (format_usable(format, to_read))
			buf_printf(b, "%s%s", i > 0 ? ", " : "", format->name);
}

static const struct format *
format_get(const char *option, const char *name, bool to_read)
{
	const struct format *format = format_find(name);
	struct buf names = { 0 };

	if (format != NULL && format_usable(format, to_read))
		return format;
	format_names(&names, to_read);
	die_usage("option --%s: not one of %s", option, buf_cstr(&names));
}

void
options_notes(struct buf *b)
{
	buf_str(b, "Formats: ");
	format_names(b, false);
	buf_str(b, "; --from reads ");
	format_names(b, true);
	buf_str(b, ".  The first is the default.\nDetectors: ");
	for (unsigned rule = 0; rule < PHI_RULES; rule++)
		buf_printf(b, "%s%s", rule > 0 ? " " : "", phi_table[rule].rule);
	buf_str(b,
	    ".\n"
	    "Exit status: 0 all events became entries; 1 one was refused, or there was\n"
	    "none; 2 the work could not be done.  See audit-emit(1), audit-entry(5).");
}

/* "FIELD=FILE" */
static void
vocab_get(struct config *c, const char *text)
{
	struct slice rest = slice_of(text), name;
	enum field f;

	if (!slice_cut(&rest, '=', &name) || rest.len == 0)
		die_usage("option --vocab: not FIELD=FILE");
	f = schema_find(name);
	if (f == FIELD_NONE || !guard_field(f))
		die_usage("option --vocab: no such field that is a token or a label");
	vocab_load(&c->guard, f, rest.p);
}

/* "RULE" or "RULE:FIELD" */
static void
allow_get(struct config *c, const char *text)
{
	struct slice rest = slice_of(text), name;
	bool one = slice_cut(&rest, ':', &name);
	enum phi rule = phi_rule(name);
	enum field f = one ? schema_find(rest) : FIELD_NONE;

	if (rule == PHI_RULES)
		die_usage("option --phi-allow: no such detector");
	if (one && f == FIELD_NONE)
		die_usage("option --phi-allow: no such field");
	guard_allow(&c->guard, rule, f);
}

static void
mrn_pattern_get(struct config *c, const char *text)
{
	if (guard_pattern(&c->guard, text) == -1)
		die_usage("option --mrn-pattern: not a POSIX extended regular expression of at "
			  "most %d bytes without back-references and bounds over %d",
		    PATTERN_MAX, PATTERN_BOUND);
}

/* "FIELD=hmac:KEYFILE" */
static void
pseudonymize_get(struct config *c, const char *text)
{
	struct slice rest = slice_of(text), name;
	enum field f;

	if (!slice_cut(&rest, '=', &name) || !slice_starts(rest, SLICE("hmac:")) ||
	    rest.len == 5)
		die_usage("option --pseudonymize: not FIELD=hmac:KEYFILE");
	f = schema_find(name);
	if (!copy_field(f))
		die_usage("option --pseudonymize: no such field that is an id");
	if (c->key_file[f] != NULL)
		die_usage("option --pseudonymize: field \"%s\" is given twice", schema[f].name);
	c->key_file[f] = rest.p + 5;
	c->copies = true;
}

/* Read the keys of pseudonyms: last of all, for nothing that ends the process may leave one in memory. */
static void
keys_get(struct config *c)
{
	for (unsigned f = 0; f < FIELD_COUNT; f++) {
		struct buf *key = &c->copy.key[f];
		int error = 0;

		if (c->key_file[f] == NULL)
			continue;
		key->secret = true;
		if (file_load(c->key_file[f], KEY_FILE_MAX, key) == -1)
			error = errno;
		else if (copy_key_fits(key))
			continue;
		copy_free(&c->copy);
		if (error != 0)
			die("%s: %s", tool_file(c->key_file[f]), strerror(error));
		die("%s: a key has %d bytes at least", tool_file(c->key_file[f]),
		    COPY_KEY_LEAST);
	}
}

static void
drop_get(struct config *c, const char *text)
{
	enum field f = schema_find(slice_of(text));

	if (f == FIELD_NONE)
		die_usage("option --drop: no such field");
	if (f < FIELD_ALWAYS && !schema_nullable(f))
		die_usage("option --drop: field \"%s\" is in every entry", schema[f].name);
	c->copy.drop |= UINT32_C(1) << f;
	c->copies = true;
}

static void
follow_from_get(struct config *c, const char *text)
{
	if (strcmp(text, "start") != 0 && strcmp(text, "end") != 0)
		die_usage("option --follow-from: not start or end");
	c->follow_end = strcmp(text, "end") == 0;
	c->follow_from = true;
}

static void
follow_get(struct config *c, const char *text)
{
	if (c->follow != NULL)
		die_usage("option --follow is for one FILE");
	c->follow = text;
}

/*
 * A bool's value may be the next word, or left out, which means true.  A word that is neither an
 * option nor a file that exists can only be meant as the value: it is judged as one, so that what
 * is wrong with it is told without showing it.
 */
static const char *
bool_text(int argc, char **argv)
{
	const char *word = optind < argc ? argv[optind] : "-";
	bool is_value = strcmp(word, "true") == 0 || strcmp(word, "false") == 0;

	if (!is_value && (word[0] == '-' || access(word, F_OK) == 0))
		return "true";
	optind++;
	return word;
}

static void
field_get(struct config *c, enum field f, int argc, char **argv)
{
	const char *text = optarg != NULL ? optarg : bool_text(argc, argv);

	entry_set(&c->defaults, f, slice_of(text));
	c->fills = true;
}

static void
log_stream_get(struct config *c, const char *text)
{
	struct buf name = { 0 };

	/* The pattern is over UTC, also where strftime(3) would look at the zone. */
	setenv("TZ", "UTC0", 1);
	tzset();
	if (request_stream(text, instant_now().s * 1000, &name) == -1)
		die_usage("option --log-stream: no name of a log stream");
	buf_free(&name);
	c->log_stream = text;
}

static void
log_group_get(struct config *c, const char *text)
{
	if (!request_group(text))
		die_usage("option --log-group: no name of a log group");
	c->log_group = text;
}

static void
framing_get(struct config *c, const char *text)
{
	c->octets = strcmp(text, "octet") == 0;
	if (!c->octets && strcmp(text, "lf") != 0)
		die_usage("option --framing: not lf or octet");
}

static void
batch_wait_get(struct config *c, const char *text)
{
	if (span_get(slice_of(text), &c->batch_wait) == -1 || c->batch_wait > MAX_WAIT)
		die_usage("option --batch-wait: not a span of time of at most 14d");
}

static void
color_check(const char *when)
{
	if (strcmp(when, "auto") != 0 && strcmp(when, "always") != 0 &&
	    strcmp(when, "never") != 0)
		die_usage("option --color: not auto, always or never");
}

static void
option_get(struct config *c, int id, int argc, char **argv)
{
	switch (id) {
	case 'n': c->alone = true; break;
	case 'f': c->to = format_get("format", optarg, false); break;
	case 'o': c->output = optarg; break;
	case 'j': c->jobs = tool_jobs(optarg); break;
	case OPT_FROM: c->from = format_get("from", optarg, true); break;
	case OPT_MAP: c->map = optarg; break;
	case OPT_MAP_FILE: c->map_file = optarg; break;
	case OPT_MAX_LINE: c->max_line = tool_number("max-line", optarg, MAX_LINE); break;
	case OPT_VOCAB: vocab_get(c, optarg); break;
	case OPT_LOG_GROUP: log_group_get(c, optarg); break;
	case OPT_LOG_STREAM: log_stream_get(c, optarg); break;
	case OPT_BATCH_WAIT: batch_wait_get(c, optarg); break;
	case OPT_FRAMING: framing_get(c, optarg); break;
	case OPT_CHECK_REPLY: c->check_reply = true; break;
	case OPT_REQUESTS: c->requests = optarg; break;
	case OPT_MRN_PATTERN: mrn_pattern_get(c, optarg); break;
	case OPT_PHI_ALLOW: allow_get(c, optarg); break;
	case OPT_PSEUDONYMIZE: pseudonymize_get(c, optarg); break;
	case OPT_DROP: drop_get(c, optarg); break;
	case OPT_FOLLOW: follow_get(c, optarg); break;
	case OPT_FOLLOW_FROM: follow_from_get(c, optarg); break;
	case OPT_REJECTS: c->rejects = optarg; break;
	case OPT_STRICT: c->strict = true; break;
	case TOOL_PROGRESS: c->progress = true; break;
	case TOOL_COLOR: color_check(optarg); break;
	default:
		if (id >= OPT_FIELD)
			field_get(c, (enum field)(id - OPT_FIELD), argc, argv);
		break;
	}
}

static bool
for_replies(int id)
{
	static const int with[] = { OPT_CHECK_REPLY, OPT_REQUESTS, 'o', 'q', 'j', TOOL_PROGRESS,
		TOOL_COLOR };

	for (size_t i = 0; i < sizeof with / sizeof with[0]; i++)
		if (with[i] == id)
			return true;
	return false;
}

/* What is for one format, or for --check-reply, alone; given[0] stands for all members. */
static void
check_format(const struct config *c, const bool given[OPT_FIELD])
{
	bool delivery = given[OPT_LOG_GROUP] || given[OPT_LOG_STREAM] || given[OPT_BATCH_WAIT];

	if (delivery && !c->to->gathered)
		die_usage("options --log-group, --log-stream and --batch-wait are for the "
			  "format put-log-events");
	if (c->to->gathered && c->log_group == NULL)
		die_usage("the format put-log-events needs option --log-group");
	if (given[OPT_FRAMING] && strcmp(c->to->name, "syslog") != 0)
		die_usage("option --framing is for the format syslog");
	if (c->check_reply != given[OPT_REQUESTS])
		die_usage("options --check-reply and --requests are for each other");
	for (int id = 0; c->check_reply && id < OPT_FIELD; id++)
		if (given[id] && !for_replies(id))
			die_usage("option --check-reply makes no entries: no option for those "
				  "goes with it");
}

/* What cannot be asked for together. */
static void
check(const struct config *c, bool max_line)
{
	bool map = c->map != NULL || c->map_file != NULL;

	if (c->map != NULL && c->map_file != NULL)
		die_usage("option --map and option --map-file: one of them");
	if (max_line && !map)
		die_usage("option --max-line is for --map and --map-file");
	if (max_line && c->max_line == 0)
		die_usage("option --max-line: not a number from 1 to %d", MAX_LINE);
	if (c->alone && c->files[0] != NULL)
		die_usage("option -n reads no FILE");
	if (c->alone && (map || c->from != format_at(0)))
		die_usage("option -n reads nothing that --map or --from could be for");
	if (c->follow != NULL && (c->alone || c->files[0] != NULL))
		die_usage("option --follow reads no other FILE");
	if (c->follow != NULL && c->output != NULL)
		die_usage("option --follow has no end at which --output could be put in place");
	if (c->follow_from && c->follow == NULL)
		die_usage("option --follow-from is for --follow");
	if (c->from->whole && c->fills)
		die_usage("option --from: nothing is filled into records of this format");
}

void
options_get(int argc, char **argv, const struct tool_option *table, struct config *c)
{
	bool given[OPT_FIELD] = { false };
	int id;

	*c = (struct config){
		.from = format_at(0),
		.to = format_at(0),
		.jobs = tool_cores(),
		.batch_wait = 5,
	};
	while ((id = tool_next(argc, argv, table)) != -1) {
		given[id < OPT_FIELD ? id : 0] = true;
		option_get(c, id, argc, argv);
	}
	c->files = argv + optind;
	check(c, given[OPT_MAX_LINE]);
	check_format(c, given);
	if (c->to->gathered && c->log_stream == NULL)
		log_stream_get(c, "ai-phi-audit-%Y-%m-%d");
	keys_get(c);
}

void
options_free(struct config *c)
{
	guard_free(&c->guard);
	copy_free(&c->copy);
}

/* Does text fit the field, so that listing it makes sense? */
static bool
fits(enum field f, struct slice text)
{
	switch (schema[f].kind) {
	case KIND_TOKEN: return kind_token(text, NULL);
	case KIND_WORD: return kind_word(text, NULL);
	default: return kind_label(text, NULL);
	}
}

void
vocab_load(struct guard *g, enum field f, const char *path)
{
	struct buf text = { 0 };
	struct slice rest, line;
	bool more = true;

	if (file_load(path, MAX_VOCAB, &text) == -1)
		die("%s: %s", tool_file(path), strerror(errno));
	if (g->vocab[f] == NULL)
		g->vocab[f] = map_new();
	rest = buf_view(&text);
	for (unsigned long number = 1; more; number++) {
		more = slice_cut(&rest, '\n', &line);
		if (line.len == 0)
			continue;
		if (!fits(f, line))
			die("%s:%lu: no value that field \"%s\" could have", tool_file(path),
			    number, schema[f].name);
		map_add(g->vocab[f], line, NULL);
	}
	buf_free(&text);
	if (map_count(g->vocab[f]) == 0)
		die("%s: lists no value for field \"%s\"", tool_file(path), schema[f].name);
}
