#include "column.h"

#include <stdlib.h>

const char *const column_names[COLUMNS] = {
	[COLUMN_LATENCY] = "latency_ms",
	[COLUMN_PROMPT_TOKENS] = "prompt_tokens",
	[COLUMN_COMPLETION_TOKENS] = "completion_tokens",
	[COLUMN_TOTAL_TOKENS] = "total_tokens",
	[COLUMN_CITATIONS] = "citation_count",
	[COLUMN_SCORE] = "top_retrieval_score",
	[COLUMN_DOCUMENTS] = "retrieved_documents",
	[COLUMN_CACHE_HIT] = "cache_hit",
	[COLUMN_CONTENT_FILTERED] = "content_filtered",
	[COLUMN_DISCLAIMER] = "disclaimer_present",
	[COLUMN_THUMBS_UP] = "clinician_thumbs_up",
	[COLUMN_FLAGGED] = "clinician_flagged",
};

const char *const finish_names[FINISHES] = {
	[FINISH_CONTENT_FILTER] = "content_filter",
	[FINISH_ERROR] = "error",
	[FINISH_LENGTH] = "length",
	[FINISH_OTHER] = "other",
	[FINISH_STOP] = "stop",
	[FINISH_TOOL_CALLS] = "tool_calls",
};

/* What vendors call them, without separators. */
static const struct synonym {
	const char *name;
	enum finish finish;
} synonyms[] = {
	{ "stop", FINISH_STOP },
	{ "endturn", FINISH_STOP },
	{ "stopsequence", FINISH_STOP },
	{ "length", FINISH_LENGTH },
	{ "maxtokens", FINISH_LENGTH },
	{ "contentfilter", FINISH_CONTENT_FILTER },
	{ "safety", FINISH_CONTENT_FILTER },
	{ "refusal", FINISH_CONTENT_FILTER },
	{ "toolcalls", FINISH_TOOL_CALLS },
	{ "toolcall", FINISH_TOOL_CALLS },
	{ "tooluse", FINISH_TOOL_CALLS },
	{ "functioncall", FINISH_TOOL_CALLS },
	{ "error", FINISH_ERROR },
};

/* Most are written just so. */
static const struct usual {
	struct slice name;
	enum finish finish;
} usual[] = {
	{ { "length", 6 }, FINISH_LENGTH },
	{ { "content_filter", 14 }, FINISH_CONTENT_FILTER },
	{ { "tool_calls", 10 }, FINISH_TOOL_CALLS },
};

enum { SYNONYM_MAX = 13 };

enum finish
finish_get(struct slice text)
{
	char plain[SYNONYM_MAX + 1];
	size_t n = 0;

	if (text.len == 4 && memcmp(text.p, "stop", 4) == 0)
		return FINISH_STOP;
	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
		if (slice_eq(text, usual[i].name))
			return usual[i].finish;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (c == '_' || c == '-' || c == ' ' || c == '.')
			continue;
		if (n == SYNONYM_MAX)
			return FINISH_OTHER;
		plain[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	for (size_t i = 0; i < sizeof synonyms / sizeof synonyms[0]; i++)
		if (slice_is((struct slice){ plain, n }, synonyms[i].name))
			return synonyms[i].finish;
	return FINISH_OTHER;
}
