/* siem-rules test: rules against their samples. */
#include "test.h"

#include <string.h>

#include "match.h"

enum { OPT_FORMAT = 'f', OPT_SAMPLES = 300, OPT_COVERAGE, OPT_PIPELINE, OPT_TZ };

const struct tool_option test_options[] = {
	RULES_ROW,
	{ OPT_FORMAT, "format", "tap|junit", "lines of TAP, or JUnit's XML" },
	{ OPT_SAMPLES, "samples", "DIR", "look for samples in DIR too" },
	{ OPT_COVERAGE, "coverage", NULL, "say which parts no sample has made true, or false" },
	{ OPT_PIPELINE, "pipeline", "FILE", "map fields and logsources by this pipeline" },
	{ OPT_TZ, "tz", "ZONE", "parts of a time are those of this zone (UTC)" },
	TOOL_OUTPUT_ROW,
	TOOL_QUIET_ROW,
	TOOL_OPTIONS,
};

struct test_run {
	struct sources sources;
	const char *output, *samples, *pipeline, *zone;
	struct ruleset set;
	struct report report;
	uint64_t files; /* of samples that were run */
};

static void
read_options(struct test_run *t, int argc, char **argv)
{
	int id;

	while ((id = tool_next(argc, argv, test_options)) != -1) {
		switch (id) {
		case 'r': sources_add(&t->sources, optarg); break;
		case OPT_FORMAT:
			t->report.junit = strcmp(optarg, "junit") == 0;
			if (!t->report.junit && strcmp(optarg, "tap") != 0)
				die_usage("--format takes tap or junit");
			break;
		case OPT_SAMPLES: t->samples = optarg; break;
		case OPT_COVERAGE: t->report.coverage = true; break;
		case OPT_PIPELINE: t->pipeline = optarg; break;
		case OPT_TZ: t->zone = optarg; break;
		case 'o': t->output = optarg; break;
		default: break;
		}
	}
	sources_operands(&t->sources, argc, argv);
}

/* Is r the only one of its file that is reported? */
static bool
is_single(const struct test_run *t, const struct rule *r)
{
	for (const struct rule *x = t->set.first; x != NULL; x = x->next)
		if (x != r && x->file_number == r->file_number && x->kind != RULE_FILTER &&
		    rule_reported(x))
			return false;
	return true;
}

static enum tool_status
test_rule(struct test_run *t, const struct rule *r)
{
	enum tool_status status = TOOL_OK;
	struct finding why;
	struct bench b;
	bool single = is_single(t, r);
	uint64_t before = t->files;

	if (bench_open(&b, r, t->zone != NULL, &why) == -1) {
		warn_at(r->file, why.at.line, "%s [%s]", why.text, why.id);
		bench_close(&b);
		return TOOL_TROUBLE;
	}
	for (int kind = SAMPLE_HIT; kind <= SAMPLE_MISS; kind++) {
		struct result x;

		status = tool_worse(
		    status, sample_run(&b, t->samples, (enum sample)kind, single, &x));
		t->files += x.verdict != VERDICT_SKIPPED;
		report_result(&t->report, &x);
		buf_free(&x.name);
	}
	if (t->files > before)
		report_coverage(&t->report, &b);
	bench_close(&b);
	return status;
}

static enum tool_status
test_rules(struct test_run *t)
{
	enum tool_status status = TOOL_OK;

	for (const struct rule *r = t->set.first; r != NULL; r = r->next)
		if (!r->broken && r->kind != RULE_FILTER && rule_reported(r))
			status = tool_worse(status, test_rule(t, r));
	report_end(&t->report);
	if (t->files == 0 && status == TOOL_OK) {
		warn("no sample to work on");
		status = TOOL_TROUBLE;
	}
	return t->report.failed > 0 ? tool_worse(status, TOOL_NO) : status;
}

enum tool_status
test_verb(int argc, char **argv)
{
	struct test_run t = { 0 };
	struct out out;
	enum tool_status status;
	bool failed = false;

	read_options(&t, argc, argv);
	if (t.zone != NULL && !zone_set(t.zone))
		die_usage("--tz takes the name of a time zone, such as Europe/Berlin");
	if (out_open(&out, t.output) == -1) {
		warn_errno(t.output);
		return TOOL_TROUBLE;
	}
	t.report.out = &out;
	status = load(&t.sources, &t.set);
	status = tool_worse(status, warn_broken(&t.set, 0));
	if (t.pipeline != NULL && strcmp(t.pipeline, "none") != 0)
		status = tool_worse(status, pipeline_use(&t.set, t.pipeline, true, &failed));
	if (t.set.count > 0 && !failed)
		status = tool_worse(status, test_rules(&t));
	status = close_output(&out, status);
	ruleset_free(&t.set);
	sources_free(&t.sources);
	return status;
}
