/*
 * gen - deterministic quality and audit logs of any size, for measuring and for tests.
 *
 * The same options give the same bytes on every machine: one splitmix64 stream, integer arithmetic
 * only.  Lines look like what services write (Python's separators, members in the order of the
 * schema); with --canonical an audit line is json.dumps(entry, sort_keys=True) byte for byte.  All
 * of it is invented: no one's data.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/codec.h"
#include "base/instant.h"
#include "base/out.h"
#include "base/tool.h"

struct gen {
	uint64_t state;
	uint64_t lines, seed, days;
	bool audit, canonical;
	int64_t start; /* of the log, seconds */
	uint64_t line; /* from 0 */
};

#define PICK(g, list) ((list)[below((g), sizeof(list) / sizeof *(list))])

static const char *const models[][2] = { { "clin-summ-large", "2026-01-15" },
	{ "clin-summ-large", "2025-11-20" }, { "triage-small", "r7" },
	{ "med-qa-70b", "4.5.1" }, { "discharge-fr", "2411" } };
static const char *const uses[] = { "clinical_summary", "medication_question",
	"discharge_letter", "triage_support", "prior_authorization", "coding_assist" };
static const char *const documents[] = { "guideline/hypertension-2024",
	"formulary/anticoagulants", "policy/records-7", "protocol/sepsis-bundle",
	"label/metformin-er", "guideline/ckd-3b" };
static const char *const finishes[] = { "stop", "stop", "stop", "stop", "stop", "stop",
	"length", "content_filter", "tool_calls" };
/* Already JSON: with escapes and with raw UTF-8. */
static const char *const reasons[] = { "\"wrong dosage\"", "\"outdated guideline\"",
	"\"omitted \\\"allergy\\\"\"", "\"unit mismatch (mg vs \\u00b5g)\"",
	"\"r\u00e9f\u00e9rence introuvable\"", "\"see note:\\nline 2\"" };
static const char *const roles[] = { "physician", "nurse", "pharmacist", "care_coordinator",
	"billing", "service_account" };
static const char *const resources[] = { "Patient", "Observation", "MedicationRequest",
	"DocumentReference", "Encounter", "AllergyIntolerance" };
static const char *const components[] = { "rag-gateway", "ehr-proxy", "prompt-firewall",
	"summary-worker" };
static const char *const paths[] = { "Patient.name", "Patient.birthDate",
	"Observation.valueQuantity", "MedicationRequest.dosageInstruction", "Patient.address",
	"Condition.code" };
/* As written by services, and as ASCII. */
static const char *const users[][2] = { { "dr.garcia", "dr.garcia" },
	{ "n.okafor", "n.okafor" }, { "p.m\u00fcller", "p.m\\u00fcller" },
	{ "j.o'brien", "j.o'brien" }, { "svc-summary", "svc-summary" },
	{ "a.\u0142ukasz", "a.\\u0142ukasz" }, { "m.tanaka", "m.tanaka" },
	{ "r.singh", "r.singh" } };
static const struct {
	const char *event, *action;
	bool ai;
} kinds[] = { { "phi_read", "read", false }, { "phi_read", "read", false },
	{ "phi_read", "read", false }, { "phi_write", "write", false },
	{ "ai_inference_with_phi", "infer", true }, { "ai_inference_with_phi", "infer", true },
	{ "phi_access_denied", "deny", false }, { "ai_injection_attempt", "deny", true },
	{ "ai_phi_output_detected", "infer", true } };

/* splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). */
static uint64_t
next(struct gen *g)
{
	uint64_t z = g->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* A number below n; n is small, so the bias is too. */
static uint64_t
below(struct gen *g, uint64_t n)
{
	return next(g) % n;
}

static void
uuid_put(struct gen *g, struct buf *b)
{
	static const int group[] = { 4, 2, 2, 2, 6 };
	uint64_t bits[2];
	uint8_t id[16];
	const uint8_t *p = id;

	bits[0] = next(g); /* in an initialiser their order would be the compiler's choice */
	bits[1] = next(g);
	for (size_t i = 0; i < sizeof id; i++)
		id[i] = (uint8_t)(bits[i / 8] >> i % 8 * 8);
	id[6] = (uint8_t)((id[6] & 0x0f) | 0x40); /* version 4, RFC 9562 section 5.4 */
	id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < 5; p += group[i++]) {
		if (i > 0)
			buf_byte(b, '-');
		hex_put(b, p, (size_t)group[i]);
	}
}

/* Member name and separator; the first of a line opens the object. */
static void
key(struct buf *b, const char *name)
{
	buf_str(b, b->len == 0 ? "{\"" : ", \"");
	buf_str(b, name);
	buf_str(b, "\": ");
}

static void
text(struct buf *b, const char *name, const char *value)
{
	key(b, name);
	buf_byte(b, '"');
	buf_str(b, value);
	buf_byte(b, '"');
}

static void
raw(struct buf *b, const char *name, const char *value)
{
	key(b, name);
	buf_str(b, value);
}

static void
boolean(struct buf *b, const char *name, bool value)
{
	raw(b, name, value ? "true" : "false");
}

static void
number(struct buf *b, const char *name, uint64_t value)
{
	key(b, name);
	buf_printf(b, "%" PRIu64, value);
}

static void
identity(struct gen *g, struct buf *b, const char *name, const char *prefix)
{
	key(b, name);
	buf_byte(b, '"');
	buf_str(b, prefix);
	uuid_put(g, b);
	buf_byte(b, '"');
}

/* Evenly spread over the days, never decreasing. */
static void
timestamp(struct gen *g, struct buf *b)
{
	uint64_t step = g->days * 86400000 / (g->lines == 0 ? 1 : g->lines);
	uint64_t ms = g->line * step + (step == 0 ? 0 : below(g, step));
	struct instant t = { g->start + (int64_t)(ms / 1000), (int32_t)(ms % 1000 * 1000000) };

	key(b, "timestamp");
	buf_byte(b, '"');
	instant_put(b, t, 3);
	buf_byte(b, '"');
}

static void
list(struct gen *g, struct buf *b, const char *name, uint64_t count, const char *const *of,
    uint64_t choices)
{
	key(b, name);
	buf_byte(b, '[');
	for (uint64_t i = 0; i < count; i++) {
		buf_str(b, i == 0 ? "\"" : ", \"");
		buf_str(b, of[below(g, choices)]);
		buf_byte(b, '"');
	}
	buf_byte(b, ']');
}

static void
thousandths(struct buf *b, const char *name, uint64_t value)
{
	key(b, name);
	buf_printf(b, "%" PRIu64 ".%03" PRIu64, value / 1000, value % 1000);
}

/* What the clinician said: mostly nothing. */
static void
feedback(struct gen *g, struct buf *b)
{
	uint64_t said = below(g, 16);

	raw(b, "clinician_thumbs_up", said < 10 ? "null" : said < 14 ? "true" : "false");
	raw(b, "clinician_flagged", said < 10 ? "null" : said < 15 ? "false" : "true");
	raw(b, "clinician_flag_reason", said < 15 ? "null" : PICK(g, reasons));
}

static void
quality_line(struct gen *g, struct buf *b)
{
	const char *const *model = PICK(g, models);
	uint64_t found = below(g, 6), skew = below(g, 1000) * below(g, 1000) * below(g, 1000);

	identity(g, b, "request_id", "req-");
	timestamp(g, b);
	text(b, "model_id", model[0]);
	text(b, "model_version", model[1]);
	text(b, "use_case", PICK(g, uses));
	number(b, "prompt_tokens", 180 + below(g, 3800));
	number(b, "completion_tokens", 20 + below(g, 1024));
	thousandths(b, "latency_ms", 150000 + skew / 250);
	list(g, b, "retrieved_document_ids", found, documents, 6);
	if (found == 0)
		raw(b, "top_retrieval_score", "null");
	else
		thousandths(
		    b, "top_retrieval_score", below(g, 100) == 0 ? 0 : 350 + below(g, 640));
	boolean(b, "cache_hit", below(g, 4) == 0);
	text(b, "finish_reason", PICK(g, finishes));
	boolean(b, "content_filtered", below(g, 32) == 0);
	boolean(b, "disclaimer_present", below(g, 16) != 0);
	number(b, "citation_count", below(g, 6));
	feedback(g, b);
	buf_str(b, "}\n");
}

static void
patient(struct gen *g, struct buf *b)
{
	key(b, "patient_id");
	buf_printf(b, "\"PAT-%08" PRIu64 "\"", below(g, 4000000));
}

static void
resource(struct gen *g, struct buf *b, const char *type)
{
	key(b, "resource_id");
	if (below(g, 8) == 0)
		buf_str(b, "null");
	else
		buf_printf(b, "\"%s/%" PRIu64 "\"", type, below(g, 1000000000));
}

static void
address(struct gen *g, struct buf *b)
{
	uint64_t host = next(g);

	key(b, "source_ip");
	buf_printf(b, "\"10.%u.%u.%u\"", (unsigned)(host & 31), (unsigned)(host >> 8 & 255),
	    (unsigned)(host >> 16 & 255));
}

static void
model_of(struct gen *g, struct buf *b, bool ai)
{
	const char *const *model = PICK(g, models);

	key(b, "ai_model_version");
	if (ai)
		buf_printf(b, "\"%s@%s\"", model[0], model[1]);
	else
		buf_str(b, "null");
}

static void
audit_line(struct gen *g, struct buf *b)
{
	size_t kind = below(g, sizeof kinds / sizeof *kinds);
	const char *type = PICK(g, resources);

	identity(g, b, "event_id", "");
	text(b, "event_type", kinds[kind].event);
	timestamp(g, b);
	text(b, "user_id", PICK(g, users)[0]);
	text(b, "user_role", PICK(g, roles));
	patient(g, b);
	text(b, "resource_type", type);
	resource(g, b, type);
	text(b, "action", kinds[kind].action);
	text(b, "use_case", PICK(g, uses));
	address(g, b);
	text(b, "service_component", PICK(g, components));
	identity(g, b, "request_id", "req-");
	model_of(g, b, kinds[kind].ai);
	list(g, b, "phi_fields_accessed", below(g, 5), paths, 6);
	buf_str(b, "}\n");
}

/* The same members, sorted by name, ASCII only. */
static void
canonical_line(struct gen *g, struct buf *b)
{
	size_t kind = below(g, sizeof kinds / sizeof *kinds);
	const char *type = PICK(g, resources);

	text(b, "action", kinds[kind].action);
	model_of(g, b, kinds[kind].ai);
	identity(g, b, "event_id", "");
	text(b, "event_type", kinds[kind].event);
	patient(g, b);
	list(g, b, "phi_fields_accessed", below(g, 5), paths, 6);
	identity(g, b, "request_id", "req-");
	resource(g, b, type);
	text(b, "resource_type", type);
	text(b, "service_component", PICK(g, components));
	address(g, b);
	timestamp(g, b);
	text(b, "use_case", PICK(g, uses));
	text(b, "user_id", PICK(g, users)[1]);
	text(b, "user_role", PICK(g, roles));
	buf_str(b, "}\n");
}

static enum tool_status
generate(struct gen *g)
{
	struct buf line = { 0 };
	struct out out;
	int failed = out_open(&out, NULL);

	g->state = g->seed;
	for (g->line = 0; failed == 0 && out.error == 0 && g->line < g->lines; g->line++) {
		buf_reset(&line);
		if (!g->audit)
			quality_line(g, &line);
		else if (g->canonical)
			canonical_line(g, &line);
		else
			audit_line(g, &line);
		out_put(&out, buf_view(&line));
	}
	buf_free(&line);
	if (failed == 0 && out_close(&out, true) == 0)
		return TOOL_OK;
	warn_errno("<stdout>");
	return TOOL_TROUBLE;
}

static const struct tool_option options[] = { { 'n', "lines", "N", "how many lines (1000)" },
	{ 's', "seed", "N", "another seed, another log (1)" },
	{ 'd', "days", "N", "spread over so many days (14)" },
	{ 'c', "canonical", NULL, "audit: as audit-emit writes it" }, TOOL_OPTIONS };

static const struct tool gen_tool = { .name = "gen",
	.summary = "write a deterministic quality or audit log",
	.operands = "quality|audit",
	.options = options };

int
main(int argc, char **argv)
{
	struct gen g = {
		.lines = 1000, .seed = 1, .days = 14, .start = 86400 * civil_days(2026, 1, 5)
	};
	int opt;

	tool_start(&gen_tool);
	while ((opt = tool_next(argc, argv, options)) != -1) {
		switch (opt) {
		case 'n': g.lines = tool_number("--lines", optarg, UINT32_MAX); break;
		case 's': g.seed = tool_number("--seed", optarg, UINT32_MAX); break;
		case 'd': g.days = tool_number("--days", optarg, 10000); break;
		case 'c': g.canonical = true; break;
		}
	}
	if (optind + 1 != argc)
		die_usage("one operand: quality or audit");
	g.audit = strcmp(argv[optind], "audit") == 0;
	if (!g.audit && strcmp(argv[optind], "quality") != 0)
		die_usage("one operand: quality or audit");
	return tool_end(generate(&g));
}
