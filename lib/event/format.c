#include "event/format.h"

static const struct format *const rows[] = { &format_jsonl, &format_cloudwatch,
	&format_put_log_events, &format_fhir, &format_ocsf, &format_ecs, &format_syslog,
	&format_cef, NULL };

const struct format *
format_at(size_t i)
{
	return rows[i];
}

const struct format *
format_find(const char *name)
{
	for (size_t i = 0; rows[i] != NULL; i++)
		if (strcmp(rows[i]->name, name) == 0)
			return rows[i];
	return NULL;
}
