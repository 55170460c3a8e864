#include "base/diag.h"

#include <string.h>

static const struct {
	const char *rule, *text;
} texts[] = {
	{ "line-length", "line is longer than the limit" },
	{ "json-syntax", "not valid JSON" },
	{ "json-utf8", "not valid UTF-8" },
	{ "json-surrogate", "escaped surrogate without its partner" },
	{ "json-nul", "NUL character" },
	{ "json-duplicate", "a member is given twice" },
	{ "json-depth", "nested deeper than 64" },
	{ "json-object", "not a JSON object" },
};

int
diag_set(struct diag *d, const char *rule, size_t offset)
{
	if (d != NULL) {
		d->rule = rule;
		d->offset = offset;
	}
	return -1;
}

const char *
diag_text(const char *rule)
{
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (strcmp(texts[i].rule, rule) == 0)
			return texts[i].text;
	return NULL;
}
