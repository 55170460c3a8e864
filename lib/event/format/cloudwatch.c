/*
 * cloudwatch: the record the reference design sends to CloudWatch Logs, and what it lacks: eventID,
 * resourceId, additionalEventData.  json.dumps(record) in the order given here, integrityHash last.
 */
#include "base/codec.h"
#include "base/digest.h"
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

static void
native_hash(struct slice native, struct buf *hex)
{
	struct hash hash;

	sha256(native, &hash);
	hex_put(hex, hash.b, sizeof hash.b);
}

static int
check(const struct entry *e, struct slice native, struct refusal *why)
{
	const struct value *claim = &e->v[FIELD_HASH];
	struct buf hex = { 0 };
	bool same;

	if (claim->type == VALUE_ABSENT)
		return refuse(why, "missing", HASH_KEY);
	native_hash(native, &hex);
	same = claim->type == VALUE_STRING && slice_eq(claim->text, buf_view(&hex));
	buf_free(&hex);
	return same ? 0 : refuse(why, "hash-mismatch", HASH_KEY);
}

static bool
same_object(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
key_put(struct buf *b, const char *key)
{
	buf_byte(b, '"');
	buf_str(b, key);
	buf_slice(b, SLICE("\": "));
}

/* Append one member, behind one of the object in, in its own object; that of the last is left open. */
static const char *
member_put(const struct entry *e, enum field f, const char *in, struct buf *b)
{
	const struct place *place = &schema[f].cloudwatch;

	if (!same_object(in, place->in)) {
		if (in != NULL)
			buf_byte(b, '}');
		buf_str(b, ", ");
		if (place->in != NULL) {
			key_put(b, place->in);
			buf_byte(b, '{');
		}
	} else {
		buf_str(b, f == order[0] ? "{" : ", ");
	}
	key_put(b, place->key);
	entry_put_value(e, f, b);
	return place->in;
}

static void
put(const struct entry *e, struct slice native, struct buf *b)
{
	const char *in = NULL;

	for (size_t i = 0; i < FIELD_ALWAYS; i++)
		in = member_put(e, (enum field)order[i], in, b);
	for (unsigned f = FIELD_ALWAYS; f < FIELD_COUNT; f++)
		if (e->v[f].type != VALUE_ABSENT)
			in = member_put(e, (enum field)f, in, b);
	if (in != NULL)
		buf_byte(b, '}');
	buf_str(b, ", \"" HASH_KEY "\": \"");
	native_hash(native, b);
	buf_str(b, "\"}");
}

const struct format format_cloudwatch = {
	.name = "cloudwatch",
	.names = names,
	.check = check,
	.put = put,
	.whole = true,
};
