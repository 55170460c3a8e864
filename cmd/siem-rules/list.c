/* siem-rules list: what is there. */
#include "report.h"
#include "term/table.h"
#include "tool.h"

const struct tool_option list_options[] = {
	RULES_ROW,
	TOOL_OUTPUT_ROW,
	TOOL_QUIET_ROW,
	TOOL_COLOR_ROW,
	TOOL_OPTIONS,
};

/* category=X,product=Y,service=Z, as --logsource of match will take it. */
static void
put_source(struct buf *b, const struct logsource *l)
{
	const struct slice parts[] = { l->category, l->product, l->service };
	static const char *const names[] = { "category=", "product=", "service=" };

	for (size_t i = 0; i < 3; i++) {
		if (parts[i].len == 0)
			continue;
		if (b->len > 0)
			buf_byte(b, ',');
		buf_str(b, names[i]);
		buf_slice(b, parts[i]);
	}
}

static void
put_tags(struct buf *b, const struct node *tags)
{
	if (tags == NULL)
		return;
	for (const struct node_pair *p = tags->first; p != NULL; p = p->next) {
		if (b->len > 0)
			buf_byte(b, ' ');
		if (p->value->kind == NODE_SCALAR)
			buf_slice(b, p->value->text);
	}
}

static void
add_row(struct table *t, const struct rule *r)
{
	const struct logsource *source = rule_source(r);
	struct buf tags = { 0 }, where = { 0 };

	if (r->root->kind == NODE_MAP)
		put_tags(&tags, node_get(r->root, "tags"));
	if (source != NULL)
		put_source(&where, source);
	table_cell(t, r->id.len > 0 ? r->id : rule_key(r), STYLE_NONE);
	table_cell(t, slice_of(level_text(rule_level(r))), report_style(rule_level(r)));
	table_cell(t, r->title, STYLE_NONE);
	table_cell(t, buf_view(&tags), STYLE_NONE);
	table_cell(t, buf_view(&where), STYLE_NONE);
	buf_free(&tags);
	buf_free(&where);
}

static void
put_rules(const struct ruleset *set, struct out *out, const char *when)
{
	static const char *const headings[] = { "ID", "LEVEL", "TITLE", "TAGS", "LOGSOURCE" };
	struct table *t = table_new(headings, 5);
	bool color = false;

	style_wanted(when, out->fd, &color);
	for (const struct rule *r = set->first; r != NULL; r = r->next)
		if (rule_reported(r) && !r->broken)
			add_row(t, r);
	table_put(t, out, style_width(out->fd), color);
	table_free(t);
}

enum tool_status
list_verb(int argc, char **argv)
{
	struct sources sources = { 0 };
	struct ruleset set;
	struct out out;
	const char *output = NULL, *color = NULL;
	enum tool_status status;
	int id;

	while ((id = tool_next(argc, argv, list_options)) != -1) {
		switch (id) {
		case 'r': sources_add(&sources, optarg); break;
		case 'o': output = optarg; break;
		case TOOL_COLOR: color = color_argument(optarg); break;
		default: break;
		}
	}
	sources_operands(&sources, argc, argv);
	if (out_open(&out, output) == -1) {
		warn_errno(output);
		return TOOL_TROUBLE;
	}
	status = load(&sources, &set);
	status = tool_worse(status, warn_broken(&set, 0));
	if (set.count > 0)
		put_rules(&set, &out, color);
	status = close_output(&out, status);
	ruleset_free(&set);
	sources_free(&sources);
	return status;
}
