/* siem-rules check: every finding of every file, with its place. */
#include "sarif.h"
#include "term/style.h"
#include "tool.h"
#include "json/write.h"

enum { OPT_FORMAT = 'f', OPT_FAIL_ON = 300 };

const struct tool_option check_options[] = {
	RULES_ROW,
	{ OPT_FORMAT, "format", "FORMAT", "text, json (an object a line) or sarif" },
	{ OPT_FAIL_ON, "fail-on", "error|warning", "what makes the exit status 1" },
	TOOL_OUTPUT_ROW,
	TOOL_QUIET_ROW,
	TOOL_COLOR_ROW,
	TOOL_OPTIONS,
};

struct check {
	struct sources sources;
	const char *output, *color;
	enum { FORMAT_TEXT, FORMAT_JSON, FORMAT_SARIF } format;
	bool fail_on_warning;
};

static const char *const severities[] = { "warning", "error" };

static void
read_format(struct check *c, const char *text)
{
	if (strcmp(text, "text") == 0)
		c->format = FORMAT_TEXT;
	else if (strcmp(text, "json") == 0)
		c->format = FORMAT_JSON;
	else if (strcmp(text, "sarif") == 0)
		c->format = FORMAT_SARIF;
	else
		die_usage("--format takes text, json or sarif");
}

static void
read_fail_on(struct check *c, const char *text)
{
	if (strcmp(text, "error") != 0 && strcmp(text, "warning") != 0)
		die_usage("--fail-on takes error or warning");
	c->fail_on_warning = strcmp(text, "warning") == 0;
}

static void
read_options(struct check *c, int argc, char **argv)
{
	int id;

	while ((id = tool_next(argc, argv, check_options)) != -1) {
		switch (id) {
		case 'r': sources_add(&c->sources, optarg); break;
		case OPT_FORMAT: read_format(c, optarg); break;
		case OPT_FAIL_ON: read_fail_on(c, optarg); break;
		case 'o': c->output = optarg; break;
		case TOOL_COLOR: c->color = color_argument(optarg); break;
		default: break;
		}
	}
	sources_operands(&c->sources, argc, argv);
}

static void
put_text(struct out *out, const char *file, const struct finding *x, bool color)
{
	bool error = x->severity == SEVERITY_ERROR;
	enum style style = !color ? STYLE_NONE : error ? STYLE_RED : STYLE_YELLOW;
	struct buf name = { 0 };

	style_clean(&name, slice_of(file));
	out_put(out, buf_view(&name));
	out_printf(out, ":%u:%u: %s%s%s: %s [%s]\n", x->at.line, x->at.column,
	    style_begin(style), severities[x->severity], style_end(style), x->text, x->id);
	buf_free(&name);
}

/* A file name need not be UTF-8, but JSON must be. */
static void
put_file_name(struct buf *b, const char *file)
{
	struct buf clean = { 0 };

	style_clean(&clean, slice_of(file));
	json_put_string(b, buf_view(&clean), JSON_UTF8);
	buf_free(&clean);
}

static void
put_json(struct out *out, const char *file, const struct finding *x)
{
	struct buf b = { 0 };

	buf_str(&b, "{\"file\": ");
	put_file_name(&b, file);
	buf_printf(&b,
	    ", \"line\": %u, \"column\": %u, \"severity\": \"%s\", \"message\": ", x->at.line,
	    x->at.column, severities[x->severity]);
	json_put_string(&b, slice_of(x->text), JSON_UTF8);
	buf_printf(&b, ", \"id\": \"%s\"}\n", x->id);
	out_put(out, buf_view(&b));
	buf_free(&b);
}

static enum tool_status
put_findings(const struct check *c, const struct ruleset *set, struct out *out)
{
	enum tool_status status = TOOL_OK;
	bool color = false;

	style_wanted(c->color, out->fd, &color);
	if (c->format == FORMAT_SARIF)
		sarif_begin(out);
	for (size_t i = 0; i < set->found.n; i++) {
		const struct finding *x = &set->found.v[i];

		if (c->format == FORMAT_JSON)
			put_json(out, set->files[x->file], x);
		else if (c->format == FORMAT_SARIF)
			sarif_put(out, set->files[x->file], x, i == 0);
		else
			put_text(out, set->files[x->file], x, color);
		if (x->severity == SEVERITY_ERROR || c->fail_on_warning)
			status = TOOL_NO;
	}
	if (c->format == FORMAT_SARIF)
		sarif_end(out);
	return status;
}

enum tool_status
check_verb(int argc, char **argv)
{
	struct check c = { 0 };
	struct ruleset set;
	struct out out;
	enum tool_status status;

	read_options(&c, argc, argv);
	if (out_open(&out, c.output) == -1) {
		warn_errno(c.output);
		return TOOL_TROUBLE;
	}
	status = load(&c.sources, &set);
	status = tool_worse(status, put_findings(&c, &set, &out));
	status = close_output(&out, status);
	ruleset_free(&set);
	sources_free(&c.sources);
	return status;
}
