#include "gate.h"

#include "json.h"

struct query *
gate_query(const char *program)
{
	struct query *q;
	size_t line = 0;

	q = query_new(program, &line);
	if (q == NULL)
		warn_at("--fail-if", line, "the jq program does not compile [map]");
	return q;
}

/* What the program yields is true of jq: anything but false and null. */
static bool
yield(void *arg, struct slice json)
{
	bool *failed = arg;

	*failed |= !slice_is(json, "false") && !slice_is(json, "null");
	return !*failed;
}

enum tool_status
gate_cells(struct query *q, const struct result *r, bool detail, bool *failed)
{
	struct buf object = { 0 };
	size_t n = 0, errors = 0, fails = 0;

	for (size_t i = 0; i < r->count; i++) {
		for (size_t k = 0; k < r->groups[i].count; k++, n++) {
			struct diag d;

			buf_reset(&object);
			cell_put_json(&object, r, r->groups[i].cells[k], detail);
			memset(buf_reserve(&object, JSON_PADDING), 0, JSON_PADDING);
			failed[n] = false;
			if (query_each(q, buf_view(&object), yield, &failed[n], &d) == -1)
				errors++;
			fails += failed[n];
		}
	}
	buf_free(&object);
	if (errors > 0)
		warn("option --fail-if: ended in an error for %zu of %zu [map]", errors, n);
	if (fails > 0)
		warn("option --fail-if: holds for %zu of %zu", fails, n);
	return errors > 0 ? TOOL_TROUBLE : fails > 0 ? TOOL_NO : TOOL_OK;
}

enum tool_status
gate_verdicts(const struct comparison *c, const struct gate *g)
{
	size_t weak = c->verdicts[UNDERPOWERED];
	enum tool_status status = c->verdicts[REGRESSED] > 0 ? TOOL_NO : TOOL_OK;

	if (c->verdicts[REGRESSED] > 0)
		note("%zu of %zu comparisons: regressed", c->verdicts[REGRESSED], c->count);
	if (weak == c->count) {
		warn("too few lines for any verdict");
		return TOOL_TROUBLE;
	}
	if (weak > 0 && g->require_power) {
		warn("%zu of %zu comparisons: too few lines for a verdict", weak, c->count);
		return TOOL_TROUBLE;
	}
	return status;
}
