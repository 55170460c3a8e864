/* jsonl: the native line itself.  Its names are read in snake_case and in camelCase. */
#include "event/format.h"

static void
names(struct reader *r)
{
	for (unsigned f = 0; f < FIELD_COUNT; f++)
		reader_name(r, NULL, schema[f].name, (enum field)f);
	for (unsigned f = 0; f < FIELD_COUNT; f++)
		if (strcmp(schema[f].camel, schema[f].name) != 0)
			reader_name(r, NULL, schema[f].camel, (enum field)f);
}

const struct format format_jsonl = { .name = "jsonl", .names = names };
