/*
 * put-log-events: cloudwatch records, that are gathered into requests (event/requests.h).
 */
#include "event/format.h"

static void
put(const struct entry *e, struct slice native, struct buf *b)
{
	format_cloudwatch.put(e, native, b);
}

const struct format format_put_log_events = {
	.name = "put-log-events",
	.put = put,
	.gathered = true,
};
