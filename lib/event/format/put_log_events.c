/*
 * put-log-events: cloudwatch records, that are gathered into requests (event/requests.h).
 */
#include "event/format.h"

static void
put(const struct entry *e, const struct native *n, struct shape *s)
{
	format_cloudwatch.put(e, n, s);
}

const struct format format_put_log_events = {
	.name = "put-log-events",
	.put = put,
	.gathered = true,
};
