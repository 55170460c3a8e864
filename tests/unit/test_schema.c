/* The table agrees with itself, and with what its names are derived from. */
#include "event/schema.h"

#include <ctype.h>

#include "base/buf.h"
#include "check.h"
#include "event/content.h"

/* camelCase: "_x" becomes "X".  Options have '-' for '_'. */
static void
test_names(void)
{
	for (unsigned f = 0; f < FIELD_COUNT; f++) {
		const struct schema_row *row = &schema[f];
		struct buf camel = { 0 }, option = { 0 }, json = { 0 };

		for (const char *p = row->name; *p != '\0'; p++) {
			if (*p == '_')
				buf_byte(&camel, (char)toupper(*++p));
			else
				buf_byte(&camel, *p);
		}
		for (const char *p = row->name; *p != '\0'; p++)
			buf_byte(&option, *p == '_' ? '-' : *p);
		buf_printf(&json, ", \"%s\": ", row->name);
		CHECK(slice_is(buf_view(&camel), row->camel));
		CHECK(slice_is(buf_view(&option), row->option));
		CHECK(slice_eq(buf_view(&json), row->json));
		CHECK(schema_find(slice_of(row->name)) == (enum field)f);
		CHECK(!content_key(slice_of(row->name)) && !content_key(slice_of(row->camel)));
		CHECK(row->cloudwatch.key != NULL && row->help != NULL);
		buf_free(&camel);
		buf_free(&option);
		buf_free(&json);
	}
	CHECK(schema_find(SLICE("userId")) == FIELD_NONE);
}

static void
test_order(void)
{
	unsigned seen = 0;

	for (unsigned i = 0; i < FIELD_COUNT; i++)
		seen |= 1U << schema_sorted[i];
	CHECK(seen == (1U << FIELD_COUNT) - 1);
	for (unsigned i = 1; i < FIELD_COUNT; i++)
		CHECK(strcmp(schema[schema_sorted[i - 1]].name, schema[schema_sorted[i]].name) <
		    0);
}

static void
test_required(void)
{
	CHECK(FIELD_ALWAYS == 15 && FIELD_COUNT == 26);
	CHECK(schema_nullable(PATIENT_ID) && schema_nullable(RESOURCE_ID));
	CHECK(schema_nullable(AI_MODEL_VERSION) && schema_nullable(PHI_FIELDS_ACCESSED));
	CHECK(!schema_nullable(USER_ID) && !schema_nullable(EVENT_ID) &&
	    !schema_nullable(TENANT));
	for (unsigned f = FIELD_ALWAYS; f < FIELD_COUNT; f++)
		CHECK(schema[f].required == 0);
}

static void
test_actions(void)
{
	unsigned allowed = 0;

	for (unsigned t = 0; t < EVENT_TYPES; t++) {
		CHECK(schema_allows((enum event_type)t, schema_action((enum event_type)t)));
		for (unsigned a = 0; a < ACTIONS; a++)
			allowed += schema_allows((enum event_type)t, (enum action)a);
	}
	CHECK(allowed == 1 + 1 + 1 + 4 + 4 + 2);
	CHECK(schema_action(AI_PHI_OUTPUT_DETECTED) == ACTION_INFER);
	CHECK(schema_allows(AI_PHI_OUTPUT_DETECTED, ACTION_DENY));
	CHECK(!schema_allows(AI_PHI_OUTPUT_DETECTED, ACTION_READ));
}

static void
test_content(void)
{
	static const char *const yes[] = { "prompt", "Prompt", "PROMPT", "raw_prompt",
		"promptText", "rawPromptText", "LLM_PROMPT", "LLMprompt", "HTTPBody", "text2",
		"prompt_tokens", "messages", "message", "queries", "bodies", "notes",
		"clinical.note", "x-response-x", "userInput", "outputs", "completion",
		"a content b", "queryString", "sql query", "QUERY", "Queries", "transcript" };
	static const char *const no[] = { "", "context", "notebook", "texture", "subquery",
		"somebody", "promptly", "inputting", "user_id", "responsetime", "pro_mpt",
		"annotation", "noted", "querying", "pr\xc3\xa9prompt", "foo" };

	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
		if (!CHECK(content_key(slice_of(yes[i]))))
			printf("# %s\n", yes[i]);
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		if (!CHECK(!content_key(slice_of(no[i]))))
			printf("# %s\n", no[i]);
}

int
main(void)
{
	test_names();
	test_order();
	test_required();
	test_actions();
	test_content();
	return check_done();
}
