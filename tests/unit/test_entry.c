/* An event's way to a line: canonical form, order of checks, formats. */
#include "event/emitter.h"

#include "base/codec.h"
#include "base/digest.h"
#include "check.h"
#include "json/scan.h"

#define ID "\"event_id\": \"e-1\""
#define WHEN "\"timestamp\": \"2026-01-05T08:00:00.000Z\""
#define REST                                                                                   \
	"\"user_id\": \"dr.lee\", \"user_role\": \"physician\", \"patient_id\": \"P1\", "      \
	"\"resource_type\": \"Patient\", \"use_case\": \"treatment\", "                        \
	"\"source_ip\": \"10.0.0.7\", \"service_component\": \"gw\", \"request_id\": \"r-1\""
#define TYPED "\"event_type\": \"phi_read\", "
#define WHOLE ID ", " TYPED WHEN ", " REST

static const struct guard no_guard;
static struct entry no_defaults;

/* Run text through a new emitter; out gets the line without its LF.  Returns the rule, or "". */
static const char *
run(const char *from, const char *to, const char *text, struct buf *out, struct refusal *why)
{
	struct emitter_plan plan = { format_find(from), format_find(to), &no_guard,
		&no_defaults, false, NULL };
	struct emitter *m = emitter_new(&plan);
	struct buf padded = { 0 };
	int got;

	buf_str(&padded, text);
	memset(buf_reserve(&padded, JSON_PADDING), '"', JSON_PADDING);
	buf_reset(out);
	*why = (struct refusal){ 0 };
	got = emitter_get(m, buf_view(&padded), out, why);
	if (got == 0)
		CHECK(out->len > 0 && out->p[--out->len] == '\n');
	else
		CHECK(out->len == 0 && why->rule != NULL);
	emitter_free(m);
	buf_free(&padded);
	return got == 0 ? "" : why->rule;
}

/* Is text refused by rule, in the member called place ("" for none, "#3" for the third)? */
static bool
refuses(const char *text, const char *rule, const char *place)
{
	struct buf out = { 0 }, where = { 0 };
	struct refusal why;
	const char *got = run("jsonl", "jsonl", text, &out, &why);
	bool held;

	if (why.member != 0)
		buf_printf(&where, "#%u", why.member);
	else if (why.field != NULL)
		buf_str(&where, why.field);
	held = strcmp(got, rule) == 0 && slice_is(buf_view(&where), place);
	if (!held)
		printf("# got [%s] %s for %s\n", got, buf_cstr(&where), text);
	buf_free(&out);
	buf_free(&where);
	return held;
}

static void
test_canonical(void)
{
	static const char line[] =
	    "{\"action\": \"read\", \"ai_model_version\": null, \"break_glass\": false, "
	    "\"event_id\": \"e-1\", \"event_type\": \"phi_read\", \"patient_id\": \"P1\", "
	    "\"phi_fields_accessed\": [], \"request_id\": \"r-1\", \"resource_id\": null, "
	    "\"resource_type\": \"Patient\", \"service_component\": \"gw\", "
	    "\"source_ip\": \"10.0.0.7\", \"timestamp\": \"2026-01-05T08:00:00.000Z\", "
	    "\"use_case\": \"m\\u00fc \\ud800\\udf48\", \"user_id\": \"a\\\\b\", "
	    "\"user_role\": \"physician\"}";
	struct buf out = { 0 }, again = { 0 };
	struct refusal why;

	CHECK(*run("jsonl", "jsonl",
		  "{" ID "," TYPED WHEN ",\"userId\":\"a\\\\b\",\"userRole\":\"physician\","
		  "\"patientId\":\"P1\",\"resourceType\":\"Patient\","
		  "\"useCase\":\"m\\u00FC \xf0\x90\x8d\x88\",\"sourceIp\":\"10.0.0.7\","
		  "\"serviceComponent\":\"gw\",\"request_id\":\"r-1\","
		  "\"phiFieldsAccessed\" : [ ],\"breakGlass\":false}",
		  &out, &why) == '\0');
	CHECK(slice_is(buf_view(&out), line));
	CHECK(*run("jsonl", "jsonl", line, &again, &why) == '\0');
	CHECK(slice_eq(buf_view(&out), buf_view(&again)));
	buf_free(&out);
	buf_free(&again);
}

static void
test_made(void)
{
	struct buf a = { 0 }, b = { 0 };
	struct refusal why;
	const char *id;

	CHECK(*run("jsonl", "jsonl", "{" TYPED REST "}", &a, &why) == '\0');
	CHECK(*run("jsonl", "jsonl", "{" TYPED REST "}", &b, &why) == '\0');
	CHECK(!slice_eq(buf_view(&a), buf_view(&b)));
	id = strstr(buf_cstr(&a), "\"event_id\": \"");
	if (CHECK(id != NULL)) {
		id += strlen("\"event_id\": \"");
		CHECK(id[8] == '-' && id[13] == '-' && id[14] == '4' && id[18] == '-');
		CHECK(strchr("89ab", id[19]) != NULL && id[23] == '-' && id[36] == '"');
	}
	CHECK(strstr(buf_cstr(&a), "\"action\": \"read\"") != NULL);
	buf_free(&a);
	buf_free(&b);
}

static void
test_line_rules(void)
{
	CHECK(refuses("", "json-syntax", "") && refuses("{", "json-syntax", ""));
	CHECK(refuses("[1, 2", "json-syntax", "") && refuses("[1, 2]", "json-object", ""));
	CHECK(refuses("7", "json-object", "") && refuses("\"x\"", "json-object", ""));
	CHECK(refuses("{" WHOLE "} x", "json-syntax", ""));
	CHECK(refuses("{" WHOLE ", \"user_id\": \"x\"}", "json-duplicate", ""));
	CHECK(refuses("{" WHOLE ", \"userId\": \"x\"}", "json-duplicate", ""));
	CHECK(refuses("{" WHOLE ", \"\\u0075ser_id\": \"x\"}", "json-duplicate", ""));
	CHECK(refuses("{" WHOLE ", \"userI\\u0064\": \"x\"}", "json-duplicate", ""));
	CHECK(refuses("{" WHOLE ", \"x\": \"\\ud800\"}", "json-surrogate", ""));
	CHECK(refuses("{" WHOLE ", \"x\": \"\\u0000\"}", "json-nul", ""));
	CHECK(refuses("{" WHOLE ", \"x\": \"\xff\"}", "json-utf8", ""));
	/* The line itself comes before the keys. */
	CHECK(refuses("{\"prompt\": 1, \"x\": tru}", "json-syntax", ""));
}

static void
test_keys(void)
{
	CHECK(refuses("{\"foo\": 1, \"bar\": 2}", "unknown-key", "#1"));
	CHECK(refuses("{" ID ", \"bar\": {\"a\": [{\"Foo\": 2}]}}", "unknown-key", "#2"));
	CHECK(refuses("{\"foo\": 1, \"llm_prompt\": 2}", "content-key", "#2"));
	CHECK(refuses("{\"foo\": 1, \"ctx\": [[{\"notes\": 2}]]}", "content-key", "#2"));
	CHECK(refuses("{\"user_id\": {\"rawText\": 2}}", "content-key", "#1"));
	CHECK(refuses(
	    "{" ID ", \"phi_fields_accessed\": [{\"\\u0074ext\": 2}]}", "content-key", "#2"));
	CHECK(refuses("{\"eventID\": \"x\"}", "unknown-key", "#1"));
	CHECK(refuses("{\"User_id\": \"x\"}", "unknown-key", "#1"));
	CHECK(refuses("{\"\": \"x\"}", "unknown-key", "#1"));
}

static void
test_members(void)
{
	CHECK(refuses("{}", "missing", "event_type"));
	CHECK(refuses("{\"event_type\": null}", "missing", "event_type"));
	CHECK(refuses("{\"event_id\": null}", "missing", "event_id"));
	CHECK(refuses("{" TYPED "\"use_case\": 1}", "missing", "user_id"));
	CHECK(refuses("{\"event_type\": \"phi_reads\"}", "enum", "event_type"));
	CHECK(refuses("{\"event_type\": 5}", "kind", "event_type"));
	CHECK(refuses("{\"event_id\": 12345}", "kind", "event_id"));
	CHECK(refuses("{\"event_id\": true}", "kind", "event_id"));
	CHECK(refuses("{\"event_id\": [\"a\"]}", "kind", "event_id"));
	CHECK(refuses("{" TYPED "\"timestamp\": 1700000000}", "kind", "timestamp"));
	CHECK(refuses("{" TYPED "\"timestamp\": \"yesterday\"}", "time", "timestamp"));
	CHECK(refuses(
	    "{" WHOLE ", \"phi_fields_accessed\": \"name\"}", "kind", "phi_fields_accessed"));
	CHECK(refuses(
	    "{" WHOLE ", \"phi_fields_accessed\": [1]}", "kind", "phi_fields_accessed"));
	CHECK(refuses(
	    "{" WHOLE ", \"phi_fields_accessed\": [null]}", "kind", "phi_fields_accessed"));
	CHECK(refuses("{" WHOLE ", \"outcome\": \"ok\"}", "enum", "outcome"));
	CHECK(refuses("{" WHOLE ", \"outcome\": null}", "kind", "outcome"));
	CHECK(refuses("{" WHOLE ", \"break_glass\": \"true\"}", "kind", "break_glass"));
	CHECK(refuses("{" WHOLE ", \"break_glass\": 1}", "kind", "break_glass"));
	CHECK(refuses("{" WHOLE ", \"tenant\": {}}", "kind", "tenant"));
	CHECK(refuses("{" WHOLE ", \"action\": \"write\"}", "contradiction", "action"));
	CHECK(refuses("{" WHOLE ", \"action\": \"deny\", \"tenant\": 1}", "kind", "tenant"));
	CHECK(refuses("{" ID ", \"event_type\": \"ai_inference_with_phi\", " WHEN ", " REST "}",
	    "missing", "ai_model_version"));
	CHECK(refuses("{" ID ", \"event_type\": \"phi_access_denied\", " WHEN ", " REST
		      ", \"outcome\": \"success\"}",
	    "contradiction", "outcome"));
}

/* A kind is judged without what is not seen; then that is refused. */
static void
test_unseen(void)
{
	CHECK(refuses("{\"event_id\": \"a\\u200bb\"}", "char", "event_id"));
	CHECK(refuses("{\"event_id\": \"a\\u0007b\"}", "char", "event_id"));
	CHECK(refuses("{\"event_id\": \"a\xe2\x80\xae"
		      "b\"}",
	    "char", "event_id"));
	CHECK(refuses("{\"event_id\": \"a \\u200bb\"}", "kind", "event_id"));
	CHECK(refuses("{\"event_id\": \"\\ufeff\"}", "char", "event_id"));
	CHECK(refuses("{\"event_id\": \"a\\u3164\"}", "char", "event_id"));
	CHECK(refuses("{\"event_type\": \"phi\\u2060_read\"}", "char", "event_type"));
	CHECK(refuses("{\"event_type\": \"phi\\u2060read\"}", "enum", "event_type"));
	CHECK(refuses(
	    "{" TYPED "\"timestamp\": \"2026-01-05T08:00:00Z\\n\"}", "char", "timestamp"));
	CHECK(refuses("{" WHOLE ", \"phi_fields_accessed\": [\"a\", \"b\\u200d\"]}", "char",
	    "phi_fields_accessed"));
}

static void
test_length(void)
{
	struct buf text = { 0 };

	buf_str(&text, "{" WHOLE ", \"phi_fields_accessed\": [");
	for (int i = 0; i < 256; i++)
		buf_printf(&text, "%s\"a%0127d\"", i > 0 ? "," : "", i);
	buf_str(&text, "]");
	for (int f = AGENT_ID; f < FIELD_COUNT; f++) {
		if (schema[f].kind != KIND_TOKEN)
			continue;
		buf_slice(&text, schema[f].json);
		buf_byte(&text, '"');
		for (int i = 0; i < 128; i++)
			buf_str(&text, "\xf0\x90\x8d\x88");
		buf_byte(&text, '"');
	}
	/* 9 tokens of 128 * 12 bytes: below the limit as it comes and as it goes. */
	struct buf out = { 0 };
	struct refusal why;

	buf_str(&text, ", \"resource_id\": \"r\"}");
	CHECK(*run("jsonl", "jsonl", buf_cstr(&text), &out, &why) == '\0');
	CHECK(out.len > 47000 && out.len < EMITTER_LINE_MAX);
	buf_free(&text);
	buf_free(&out);
}

static void
test_cloudwatch(void)
{
	struct buf native = { 0 }, record = { 0 }, back = { 0 }, hex = { 0 };
	struct refusal why;
	struct hash hash;
	char *p;

	CHECK(*run("jsonl", "jsonl", "{" WHOLE ", \"tenant\": \"t\"}", &native, &why) == '\0');
	CHECK(*run("jsonl", "cloudwatch", buf_cstr(&native), &record, &why) == '\0');
	CHECK(slice_starts(buf_view(&record),
	    SLICE(
		"{\"eventType\": \"phi_read\", \"eventTime\": \"2026-01-05T08:00:00.000Z\", "
		"\"userIdentity\": {\"userId\": \"dr.lee\", \"role\": \"physician\"}, "
		"\"requestParameters\": {\"patientId\": \"P1\", \"resourceType\": \"Patient\", "
		"\"resourceId\": null, \"action\": \"read\", \"useCase\": \"treatment\"}, "
		"\"sourceIPAddress\": \"10.0.0.7\", \"userAgent\": \"gw\", \"requestID\": "
		"\"r-1\", "
		"\"aiContext\": {\"modelVersion\": null, \"phiFieldsAccessed\": null}, "
		"\"eventID\": \"e-1\", \"additionalEventData\": {\"tenant\": \"t\"}, "
		"\"integrityHash\": \"")));
	sha256(buf_view(&native), &hash);
	hex_put(&hex, hash.b, HASH_LEN);
	buf_str(&hex, "\"}");
	CHECK(slice_ends(buf_view(&record), buf_view(&hex)));
	CHECK(*run("cloudwatch", "jsonl", buf_cstr(&record), &back, &why) == '\0');
	CHECK(slice_eq(buf_view(&back), buf_view(&native)));

	/* Absent, the action is derived; nothing else is filled in. */
	p = strstr(record.p, "\"action\": \"read\", ");
	memset(p, ' ', strlen("\"action\": \"read\", "));
	CHECK(*run("cloudwatch", "jsonl", record.p, &back, &why) == '\0');
	CHECK(slice_eq(buf_view(&back), buf_view(&native)));
	p = strstr(record.p, "\"resourceId\": null, ");
	memset(p, ' ', strlen("\"resourceId\": null, "));
	CHECK(strcmp(run("cloudwatch", "jsonl", record.p, &back, &why), "missing") == 0);
	CHECK(strcmp(why.field, "resource_id") == 0);
	buf_free(&native);
	buf_free(&record);
	buf_free(&back);
	buf_free(&hex);
}

int
main(void)
{
	entry_clear(&no_defaults);
	test_canonical();
	test_made();
	test_line_rules();
	test_keys();
	test_members();
	test_unseen();
	test_length();
	test_cloudwatch();
	return check_done();
}
