/*
 * cloudwatch: the record the reference design sends to CloudWatch Logs, and what it lacks: eventID,
 * resourceId, additionalEventData.  json.dumps(record) in the order given here, integrityHash last.
 */
#include "event/format.h"

#define HASH_KEY "integrityHash"

/* The members that are always there; the optional ones follow, then the hash. */
static const uint8_t order[FIELD_ALWAYS] = { EVENT_TYPE, TIMESTAMP, USER_ID, USER_ROLE,
	PATIENT_ID, RESOURCE_TYPE, RESOURCE_ID, ACTION, USE_CASE, SOURCE_IP, SERVICE_COMPONENT,
	REQUEST_ID, AI_MODEL_VERSION, PHI_FIELDS_ACCESSED, EVENT_ID };

static void
names(struct reader *r)
{
	for (unsigned f = 0; f < FIELD_COUNT; f++)
		reader_name(
		    r, schema[f].cloudwatch.in, schema[f].cloudwatch.key, (enum field)f);
	reader_name(r, NULL, HASH_KEY, FIELD_HASH);
}

static int
check(const struct entry *e, const struct native *n, struct refusal *why)
{
	const struct value *claim = &e->v[FIELD_HASH];

	if (claim->type == VALUE_ABSENT)
		return refuse(why, "missing", HASH_KEY);
	if (claim->type == VALUE_STRING && slice_eq(claim->text, native_hash(n)))
		return 0;
	return refuse(why, "hash-mismatch", HASH_KEY);
}

static void
put(const struct entry *e, const struct native *n, struct shape *s)
{
	shape_begin(s);
	for (size_t i = 0; i < FIELD_ALWAYS; i++) {
		shape_at(s, schema[order[i]].cloudwatch.in, schema[order[i]].cloudwatch.key);
		entry_put_value(e, (enum field)order[i], s->b);
	}
	for (unsigned f = FIELD_ALWAYS; f < FIELD_COUNT; f++)
		shape_field(s, e, (enum field)f, &schema[f].cloudwatch);
	shape_text(s, NULL, HASH_KEY, native_hash(n));
	shape_end(s);
}

const struct format format_cloudwatch = {
	.name = "cloudwatch",
	.names = names,
	.check = check,
	.put = put,
	.whole = true,
};
