/* Running and rendering: a pipeline for the rules. */
#include "sigma/pipeline.h"
#include "base/file.h"
#include "tool.h"

/* The rules first, as a correlation looks at the logsource that they came with. */
static enum tool_status
apply_pipeline(struct ruleset *set, const struct pipeline *p, bool local)
{
	size_t from = set->found.n;

	for (struct rule *x = set->first; x != NULL; x = x->next)
		if (x->kind == RULE_CORRELATION)
			pipeline_apply(p, &set->arena, &set->found, x, local);
	for (struct rule *x = set->first; x != NULL; x = x->next)
		if (x->kind != RULE_CORRELATION)
			pipeline_apply(p, &set->arena, &set->found, x, local);
	return warn_broken(set, from);
}

enum tool_status
pipeline_use(struct ruleset *set, const char *path, bool local, bool *failed)
{
	struct findings found = { .arena = &set->arena };
	struct buf text = { 0 };
	struct pipeline *p = NULL;

	if (file_load(path, NODE_FILE_MAX, &text) == -1)
		warn_errno(tool_file(path));
	else
		p = pipeline_read(&set->arena, &found, buf_view(&text));
	for (size_t i = 0; i < found.n; i++)
		if (found.v[i].severity == SEVERITY_ERROR)
			warn_at(tool_file(path), found.v[i].at.line, "%s [%s]", found.v[i].text,
			    found.v[i].id);
	buf_free(&text);
	findings_free(&found);
	*failed = p == NULL;
	return p == NULL ? TOOL_TROUBLE : apply_pipeline(set, p, local);
}
