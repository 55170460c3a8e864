#include "saved.h"

#include "report.h"
#include "sigma/correlation.h"
#include "sigma/ruleset.h"
#include "sigma/spl.h"

/* How a search runs: minutes between two runs, and how cron says it. */
struct schedule {
	unsigned minutes;
	const char *cron;
};

static const struct schedule schedules[] = {
	{ 60, "0 * * * *" }, { 30, "*/30 * * * *" }, { 20, "*/20 * * * *" },
	{ 15, "*/15 * * * *" }, { 10, "*/10 * * * *" }, { 5, "*/5 * * * *" },
	{ 4, "*/4 * * * *" }, { 3, "*/3 * * * *" }, { 2, "*/2 * * * *" },
	{ 1, "* * * * *" }, /* as often as cron can */
};

enum { PLAIN_MINUTES = 5 };

/* The longest that a timespan can be, in seconds. */
static uint64_t
span_seconds(const struct correlation *c)
{
	static const struct {
		char unit;
		uint32_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 },
		{ 'M', 31 * 86400 }, { 'y', 366 * 86400 } };

	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (units[i].unit == c->unit)
			return c->span * units[i].seconds;
	return 60;
}

/* The shortest timespan of r and what it rests on, and the longest sum of them on one way, in minutes. */
static void
look_back(const struct rule *r, uint64_t *shortest, uint64_t *sum)
{
	const struct correlation *c = r->correlation;
	uint64_t below = 0, own;

	*sum = 0;
	if (c == NULL)
		return;
	own = span_seconds(c);
	*shortest = own / 60 < *shortest ? own / 60 : *shortest; /* run in time ... */
	for (uint32_t i = 0; i < c->rule_count; i++) {
		uint64_t more = 0;
		uint32_t k = 0;

		while (c->rules[k].rule != c->rules[i].rule)
			k++;
		if (k == i && c->rules[i].rule->correlation != NULL)
			look_back(c->rules[i].rule, shortest, &more);
		below = more > below ? more : below;
	}
	*sum = (own + 59) / 60 + below; /* ... and look at all of it */
}

static const struct schedule *
schedule_for(uint64_t minutes)
{
	size_t i = 0;

	while (schedules[i].minutes > minutes && schedules[i].minutes > 1)
		i++;
	return &schedules[i];
}

/* Text as a value: " \" at the end of each line but the last; no line ends in a backslash of its own. */
static void
put_text(struct buf *b, struct slice text)
{
	struct slice rest = report_trim(text), line;
	bool more = true;

	while (more) {
		more = slice_cut(&rest, '\n', &line);
		while (line.len > 0 &&
		    (line.p[line.len - 1] == '\\' ||
			(unsigned char)line.p[line.len - 1] <= ' '))
			line.len--;
		spl_clean(b, line);
		if (more)
			buf_str(b, " \\\n");
	}
}

static struct slice
stanza_name(struct buf *b, struct map *names, const struct rule *r)
{
	struct buf clean = { 0 };
	struct slice title, id = report_trim(r->id);
	bool fresh = false;

	for (size_t i = 0; i < r->title.len; i++)
		if (r->title.p[i] != '[' && r->title.p[i] != ']' &&
		    (unsigned char)r->title.p[i] != '\n' &&
		    (unsigned char)r->title.p[i] != '\r')
			buf_byte(&clean, r->title.p[i]);
	title = report_trim(buf_view(&clean));
	buf_reset(b);
	spl_clean(b, title);
	/* Splunk takes "default" for what all searches have. */
	if (b->len > 0 && !slice_is(buf_view(b), "default"))
		map_add(names, buf_view(b), &fresh);
	for (unsigned i = 1; !fresh; i++) {
		buf_reset(b);
		spl_clean(b, title);
		if (id.len > 0)
			buf_printf(b, " - %.*s", (int)id.len, id.p);
		if (i > 1 || id.len == 0)
			buf_printf(b, " - %u", i + (id.len == 0));
		map_add(names, buf_view(b), &fresh);
	}
	buf_free(&clean);
	return buf_view(b);
}

/* What a person wants to read about the rule. */
static void
put_description(struct buf *b, struct rule *r)
{
	struct buf text = { 0 };
	const struct node *tags = node_get(r->root, "tags");

	report_description(&text, r);
	if (report_trim(r->response).len > 0) {
		buf_str(&text, text.len > 0 ? "\nResponse: " : "Response: ");
		buf_slice(&text, report_trim(r->response));
	}
	if (tags != NULL && tags->count > 0) {
		buf_str(&text, text.len > 0 ? "\nTags:" : "Tags:");
		for (const struct node_pair *p = tags->first; p != NULL; p = p->next) {
			buf_byte(&text, ' ');
			buf_slice(&text, p->value->text);
		}
	}
	if (text.len > 0) {
		buf_str(b, "description = ");
		put_text(b, buf_view(&text));
		buf_byte(b, '\n');
	}
	buf_free(&text);
}

/* A name in a list of names. */
static void
put_group(struct buf *b, struct slice name)
{
	bool bare = spl_bare(name);

	if (bare)
		buf_slice(b, name);
	else
		spl_quote(b, name);
}

static void
put_suppression(struct buf *b, const struct rule *r, uint64_t minutes)
{
	const struct correlation *c = r->correlation;

	if (c == NULL) {
		buf_str(b, "alert.digest_mode = 1\nalert.suppress = 0\n");
		return;
	}
	buf_printf(b, "alert.digest_mode = %d\nalert.suppress = 1\n", c->group_count == 0);
	for (uint32_t i = 0; i < c->group_count; i++) {
		buf_str(b, i == 0 ? "alert.suppress.fields = " : ",");
		put_group(b, c->group_by[i]->mapped);
	}
	buf_printf(b, "%salert.suppress.period = %llum\n", c->group_count > 0 ? "\n" : "",
	    (unsigned long long)minutes);
}

/* A window that only its end decides is left out until it is over, and once it is not seen whole. */
static void
put_whole(struct buf *b, const struct rule *r, uint64_t minutes)
{
	if (r->correlation == NULL || correlation_rises(r->correlation))
		return;
	buf_printf(b, " | where _time>=relative_time(now(), \"-%llum@m\")",
	    (unsigned long long)minutes);
	buf_str(b, " AND relative_time(_time, \"+");
	spl_span(b, r->correlation);
	buf_str(b, "\")<=relative_time(now(), \"@m\")");
}

void
saved_put(struct buf *b, struct map *names, struct rule *r, struct slice query)
{
	static const int severities[] = { 3, 1, 2, 3, 4, 5 }; /* by enum level */
	uint64_t shortest = UINT64_MAX, sum = 0, minutes;
	const struct schedule *schedule;
	struct buf name = { 0 };

	look_back(r, &shortest, &sum);
	schedule = schedule_for(r->correlation != NULL ? shortest : PLAIN_MINUTES);
	minutes = sum + schedule->minutes;
	buf_str(b, map_count(names) > 0 ? "\n[" : "[");
	buf_slice(b, stanza_name(&name, names, r));
	buf_str(b, "]\n");
	put_description(b, r);
	buf_str(b, "search = ");
	buf_slice(b, query);
	put_whole(b, r, minutes);
	buf_printf(b, "\ncron_schedule = %s\nenableSched = 1\n", schedule->cron);
	buf_printf(b, "dispatch.earliest_time = -%llum@m\ndispatch.latest_time = @m\n",
	    (unsigned long long)minutes);
	buf_str(b, "counttype = number of events\nrelation = greater than\nquantity = 0\n");
	buf_printf(b, "alert.track = 1\nalert.severity = %d\n", severities[rule_level(r)]);
	put_suppression(b, r, minutes);
	buf_free(&name);
}
