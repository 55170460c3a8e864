/* siem-rules render: rules as text. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/map.h"
#include "report.h"
#include "saved.h"
#include "sigma/spl.h"
#include "term/table.h"
#include "tool.h"
#include "json/write.h"

enum { OPT_COMMENTS = 300, OPT_PIPELINE, OPT_APP };

const struct tool_option render_options[] = {
	RULES_ROW,
	{ 'f', "format", "FORMAT", "spl (one query a line), json, table or savedsearches" },
	{ OPT_COMMENTS, "comments", NULL, "write the title in a line before a query" },
	{ OPT_PIPELINE, "pipeline", "FILE", "apply this processing pipeline, or \"none\"" },
	{ OPT_APP, "splunk-app", "DIR", "make DIR a Splunk app with the rules as alerts" },
	TOOL_OUTPUT_ROW,
	TOOL_QUIET_ROW,
	TOOL_COLOR_ROW,
	TOOL_OPTIONS,
};

enum format { FORMAT_SPL, FORMAT_JSON, FORMAT_TABLE, FORMAT_SAVED };

struct render {
	struct sources sources;
	enum format format;
	bool comments, no_pipeline; /* no_pipeline: it could not be read */
	const char *pipeline, *output, *color, *app;
	struct ruleset set;
	struct out out;
	struct map *keys; /* of the JSON object; names of stanzas */
	struct buf saved; /* stanzas */
	size_t reported;  /* rules that were to be rendered */
	struct table *table;
};

static enum format
read_format(const char *text)
{
	static const char *const names[] = { "spl", "json", "table", "savedsearches" };

	for (int i = 0; i < 4; i++)
		if (strcmp(text, names[i]) == 0)
			return (enum format)i;
	die_usage("--format takes spl, json, table or savedsearches");
}

static void
read_options(struct render *r, int argc, char **argv)
{
	bool format = false;
	int id;

	while ((id = tool_next(argc, argv, render_options)) != -1) {
		switch (id) {
		case 'r': sources_add(&r->sources, optarg); break;
		case 'f':
			r->format = read_format(optarg);
			format = true;
			break;
		case OPT_APP: r->app = optarg; break;
		case OPT_COMMENTS: r->comments = true; break;
		case OPT_PIPELINE: r->pipeline = optarg; break;
		case 'o': r->output = optarg; break;
		case TOOL_COLOR: r->color = color_argument(optarg); break;
		default: break;
		}
	}
	sources_operands(&r->sources, argc, argv);
	if (r->app == NULL)
		return;
	if (r->output != NULL || (format && r->format != FORMAT_SAVED))
		die_usage("--splunk-app takes neither --output nor another --format");
	r->format = FORMAT_SAVED;
}

/* The pipeline asked for; else the one that belongs to the rules, if it is there. */
static enum tool_status
use_pipeline(struct render *r)
{
	struct buf home = { 0 }, path = { 0 };
	enum tool_status status = TOOL_OK;
	const char *name = r->pipeline;

	if (name != NULL && strcmp(name, "none") == 0)
		return TOOL_OK;
	if (name == NULL) {
		name = path_join(&path, rules_home(&home), "pipelines/splunk.yml");
		if (access(name, F_OK) == -1 && errno == ENOENT) {
			note("%s: no such pipeline: queries name no index", name);
			name = NULL;
		}
	}
	if (name != NULL)
		status = pipeline_use(&r->set, name, false, &r->no_pipeline);
	buf_free(&home);
	buf_free(&path);
	return status;
}

static void
put_spl(struct render *r, const struct rule *rule, struct slice query)
{
	if (r->comments) {
		struct buf title = { 0 };

		style_clean(&title, rule->title);
		out_printf(&r->out, "# %.*s\n", (int)title.len, title.p);
		buf_free(&title);
	}
	out_put(&r->out, query);
	out_byte(&r->out, '\n');
}

static void
put_member(struct buf *b, const char *name, struct slice text, const char *end)
{
	buf_printf(b, "    \"%s\": ", name);
	json_put_string(b, text, JSON_UTF8);
	buf_str(b, end);
}

static void
put_json(struct render *r, struct rule *rule, struct slice query)
{
	struct buf b = { 0 }, text = { 0 };

	buf_str(&b, map_count(r->keys) == 1 ? "\n  " : ",\n  ");
	json_put_string(&b, rule_key(rule), JSON_UTF8);
	buf_str(&b, ": {\n");
	report_description(&text, rule);
	put_member(&b, "description", buf_view(&text), ",\n");
	put_member(&b, "query", query, ",\n");
	buf_reset(&text);
	report_threshold(&text, rule);
	put_member(&b, "alert_threshold", buf_view(&text), ",\n");
	put_member(&b, "severity", slice_of(level_text(rule_level(rule))), ",\n");
	put_member(&b, "response", report_trim(rule->response), "\n  }");
	out_put(&r->out, buf_view(&b));
	buf_free(&b);
	buf_free(&text);
}

static void
put_row(struct render *r, struct rule *rule, struct slice query)
{
	struct buf text = { 0 };

	table_cell(r->table, rule_key(rule), STYLE_BOLD);
	table_cell(
	    r->table, slice_of(level_text(rule_level(rule))), report_style(rule_level(rule)));
	report_threshold(&text, rule);
	table_cell(r->table, buf_view(&text), STYLE_NONE);
	buf_reset(&text);
	report_description(&text, rule);
	table_cell(r->table, buf_view(&text), STYLE_NONE);
	table_cell(r->table, report_trim(rule->response), STYLE_NONE);
	table_cell(r->table, query, STYLE_NONE);
	buf_free(&text);
}

/* One rule, if it is one to report. */
static enum tool_status
render_rule(struct render *r, struct rule *rule, struct buf *query)
{
	struct refusal why;
	bool fresh = true;

	if (rule->broken || !rule_reported(rule))
		return TOOL_OK; /* what is broken has been named */
	r->reported++;
	buf_reset(query);
	if (spl_put(&r->set.arena, rule, query, &why) == -1) {
		warn_at(why.file, why.at.line, "%s [%s]", why.text, why.id);
		return TOOL_TROUBLE;
	}
	if (r->format == FORMAT_JSON)
		map_add(r->keys, rule_key(rule), &fresh);
	if (!fresh) {
		warn_at(rule->file, rule->at.line, "another rule has this key [duplicate-key]");
		return TOOL_TROUBLE;
	}
	if (r->format == FORMAT_SPL)
		put_spl(r, rule, buf_view(query));
	else if (r->format == FORMAT_JSON)
		put_json(r, rule, buf_view(query));
	else if (r->format == FORMAT_SAVED)
		saved_put(&r->saved, r->keys, rule, buf_view(query));
	else
		put_row(r, rule, buf_view(query));
	return TOOL_OK;
}

static enum tool_status
render_rules(struct render *r)
{
	static const char *const headings[] = { "NAME", "SEVERITY", "ALERT_THRESHOLD",
		"DESCRIPTION", "RESPONSE", "QUERY" };
	struct buf query = { 0 };
	enum tool_status status = TOOL_OK;
	bool color = false;

	style_wanted(r->color, r->out.fd, &color);
	r->keys = map_new();
	r->table = table_new(headings, 6);
	if (r->format == FORMAT_JSON)
		out_str(&r->out, "{");
	for (struct rule *rule = r->set.first; rule != NULL; rule = rule->next)
		status = tool_worse(status, render_rule(r, rule, &query));
	if (r->format == FORMAT_JSON)
		out_str(&r->out, map_count(r->keys) > 0 ? "\n}\n" : "}\n");
	else if (r->format == FORMAT_SAVED && r->app == NULL)
		out_put(&r->out, buf_view(&r->saved));
	else if (r->format == FORMAT_TABLE)
		table_put(r->table, &r->out, style_width(r->out.fd), color);
	if (r->reported == 0 && r->set.found.errors == 0) {
		warn("no rule to work on");
		status = TOOL_TROUBLE;
	}
	map_free(r->keys);
	table_free(r->table);
	buf_free(&query);
	return status;
}

/* The app is made only if all that was asked for is in it. */
static enum tool_status
make_app(struct render *r, enum tool_status status)
{
	if (r->app == NULL || status == TOOL_TROUBLE)
		return status;
	if (saved_app(r->app, buf_view(&r->saved)) == 0)
		return status;
	if (errno == EINVAL)
		warn("--splunk-app: the name of an app is letters, digits, _ and -, a letter "
		     "first");
	else
		warn_errno(r->app);
	return TOOL_TROUBLE;
}

enum tool_status
render_verb(int argc, char **argv)
{
	struct render r = { .format = FORMAT_SPL };
	enum tool_status status, pipeline;

	read_options(&r, argc, argv);
	if (out_open(&r.out, r.output) == -1) {
		warn_errno(r.output);
		return TOOL_TROUBLE;
	}
	status = load(&r.sources, &r.set);
	status = tool_worse(status, warn_broken(&r.set, 0));
	pipeline = r.set.count > 0 ? use_pipeline(&r) : TOOL_OK;
	if (!r.no_pipeline && r.set.count > 0)
		status = tool_worse(status, render_rules(&r));
	status = make_app(&r, tool_worse(status, pipeline));
	status = close_output(&r.out, status);
	buf_free(&r.saved);
	ruleset_free(&r.set);
	sources_free(&r.sources);
	return status;
}
