#include "report.h"

#include "sigma/spl.h"

struct slice
report_trim(struct slice text)
{
	while (text.len > 0 && (unsigned char)text.p[0] <= ' ') {
		text.p++;
		text.len--;
	}
	while (text.len > 0 && (unsigned char)text.p[text.len - 1] <= ' ')
		text.len--;
	return text;
}

void
report_description(struct buf *b, struct rule *r)
{
	struct slice zone = report_trim(r->timezone);

	buf_slice(b, report_trim(r->description));
	if (!spl_local_time(r))
		return;
	if (b->len > 0)
		buf_str(b, "; ");
	buf_str(b, "hours are those of the search owner's time zone: set it to ");
	buf_slice(b, zone.len > 0 ? zone : SLICE("UTC"));
}

static void
put_bounds(struct buf *b, const struct correlation *c)
{
	static const char *const signs[] = { "=", "!=", ">", ">=", "<", "<=" };

	for (uint32_t i = 0; i < c->bound_count; i++) {
		buf_printf(b, "%s%s ", i > 0 ? " and " : "", signs[c->bounds[i].compare]);
		buf_slice(b, c->bounds[i].number);
	}
}

static void
put_values(struct buf *b, const struct correlation *c)
{
	for (uint32_t i = 0; i < c->value_count; i++) {
		buf_str(b, i == 0 ? " " : ", ");
		buf_slice(b, c->values[i]->name);
	}
}

/* What is counted or reckoned, and its bounds. */
static void
put_measure(struct buf *b, const struct correlation *c)
{
	bool ordered = c->type == CORR_TEMPORAL_ORDERED;

	switch (c->type) {
	case CORR_VALUE_SUM: buf_str(b, "sum of"); break;
	case CORR_VALUE_AVG: buf_str(b, "average of"); break;
	case CORR_VALUE_PERCENTILE:
		buf_str(b, "percentile ");
		buf_slice(b, c->percentile);
		buf_str(b, " of");
		break;
	default: break;
	}
	if (c->type >= CORR_VALUE_SUM) {
		put_values(b, c);
		buf_byte(b, ' ');
	}
	put_bounds(b, c);
	if (c->type == CORR_VALUE_COUNT) {
		buf_str(b, " different");
		put_values(b, c);
	}
	if (c->type != CORR_TEMPORAL && !ordered)
		return;
	if (c->seen_text)
		buf_slice(b, c->text);
	else if (c->bound_count > 0)
		buf_str(b, ordered ? " steps in order" : " rules");
	else
		buf_printf(
		    b, "all %u rules%s", (unsigned)c->rule_count, ordered ? " in order" : "");
}

void
report_threshold(struct buf *b, const struct rule *r)
{
	struct slice own = report_trim(r->alert_threshold);
	const struct correlation *c = r->correlation;

	if (own.len > 0 || c == NULL) {
		buf_slice(b, own.len > 0 ? own : SLICE("any event"));
		return;
	}
	put_measure(b, c);
	buf_str(b, " in ");
	buf_slice(b, c->timespan);
	for (uint32_t i = 0; i < c->group_count; i++) {
		buf_str(b, i == 0 ? " by " : ", ");
		buf_slice(b, c->group_by[i]->name);
	}
}

enum style
report_style(enum level level)
{
	static const enum style styles[] = { STYLE_NONE, STYLE_DIM, STYLE_DIM, STYLE_NONE,
		STYLE_YELLOW, STYLE_RED };

	return styles[level];
}
