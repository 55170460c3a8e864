/*
 * ecs: a document of the Elastic Common Schema 9.4, nested.
 *
 * What ECS has no field for is in labels, whose values are keywords: a bool is "true" or "false", a
 * list is joined by commas.
 */
#include "event/format.h"
#include "json/write.h"

/* event.category and event.type, as the schema's table of expected types allows them together. */
static const struct {
	const char *seen, *denied;
} kinds[EVENT_TYPES] = {
#define KIND(category, type)                                                                   \
	"\"kind\": \"event\", \"category\": [\"" category "\"], \"type\": [" type "]"
#define ROW(category, type, denied)                                                            \
	{                                                                                      \
		KIND(category, type), denied                                                   \
	}
	[PHI_READ] = ROW("database", "\"access\"", KIND("api", "\"access\", \"denied\"")),
	[PHI_WRITE] = ROW("database", "\"change\"", KIND("api", "\"change\", \"denied\"")),
	[AI_INFERENCE_WITH_PHI] =
	    ROW("api", "\"access\"", KIND("api", "\"access\", \"denied\"")),
	[PHI_ACCESS_DENIED] =
	    ROW("api", "\"access\", \"denied\"", KIND("api", "\"access\", \"denied\"")),
	[AI_INJECTION_ATTEMPT] = ROW("intrusion_detection", "\"info\"",
	    KIND("intrusion_detection", "\"info\", \"denied\"")),
	[AI_PHI_OUTPUT_DETECTED] = ROW("intrusion_detection", "\"info\"",
	    KIND("intrusion_detection", "\"info\", \"denied\"")),
#undef ROW
};

static const struct slice outcomes[OUTCOMES] = {
	[OUTCOME_SUCCESS] = { "\"success\"", 9 },
	[OUTCOME_FAILURE] = { "\"failure\"", 9 },
	[OUTCOME_DENIED] = { "\"failure\"", 9 },
};

/* The members in the order of the objects they are in, those of event and user before and labels after. */
static const uint8_t order[] = { ON_BEHALF_OF, SOURCE_IP, SERVICE_COMPONENT, REQUEST_ID, TENANT,
	AGENT_ID, AI_PROVIDER, AI_MODEL_ID, AI_MODEL_VERSION };
static const uint8_t labels[] = { PATIENT_ID, RESOURCE_TYPE, RESOURCE_ID, ACTION, USE_CASE,
	OUTCOME, PURPOSE, RECIPIENT, SESSION_ID };

static void
fields_put(struct shape *s, const struct entry *e, const uint8_t *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		shape_field(s, e, (enum field)fields[i], &schema[fields[i]].ecs);
}

static void
event_put(struct shape *s, const struct entry *e, const struct native *n)
{
	enum outcome outcome = entry_outcome(e);

	shape_field(s, e, EVENT_ID, &schema[EVENT_ID].ecs);
	buf_slice(s->b, SLICE(", "));
	buf_str(s->b, outcome == OUTCOME_DENIED ? kinds[e->type].denied : kinds[e->type].seen);
	shape_field(s, e, EVENT_TYPE, &schema[EVENT_TYPE].ecs);
	shape_json(s, "event", "outcome", outcomes[outcome]);
	shape_field(s, e, REASON_CODE, &schema[REASON_CODE].ecs);
	shape_json(s, "event", "provider", SLICE("\"audit-emit\""));
	shape_json(s, "event", "dataset", SLICE("\"audit-tools.entry\""));
	shape_text(s, "event", "hash", native_hash(n));
	shape_at(s, "event", "original");
	json_put_string(s->b, n->line, JSON_ASCII);
}

/* A role is one of several, as ECS has it. */
static void
user_put(struct shape *s, const struct entry *e)
{
	shape_field(s, e, USER_ID, &schema[USER_ID].ecs);
	shape_at(s, schema[USER_ROLE].ecs.in, schema[USER_ROLE].ecs.key);
	buf_byte(s->b, '[');
	entry_put_value(e, USER_ROLE, s->b);
	buf_byte(s->b, ']');
}

/* All who took part and all addresses, for searches that do not ask in which role. */
static void
related_put(struct shape *s, const struct entry *e)
{
	shape_at(s, "related", "user");
	buf_byte(s->b, '[');
	entry_put_value(e, USER_ID, s->b);
	if (entry_has(e, ON_BEHALF_OF) &&
	    !slice_eq(e->v[ON_BEHALF_OF].text, e->v[USER_ID].text)) {
		buf_slice(s->b, SLICE(", "));
		entry_put_value(e, ON_BEHALF_OF, s->b);
	}
	buf_byte(s->b, ']');
	shape_at(s, "related", "ip");
	buf_byte(s->b, '[');
	entry_put_value(e, SOURCE_IP, s->b);
	buf_byte(s->b, ']');
}

static void
paths_put(const struct entry *e, struct buf *b)
{
	buf_byte(b, '"');
	for (size_t i = 0; i < e->paths; i++) {
		if (i > 0)
			buf_byte(b, ',');
		buf_slice(b, e->path[i].text); /* plain: letters, digits and . _ [ ] */
	}
	buf_byte(b, '"');
}

static void
labels_put(struct shape *s, const struct entry *e)
{
	const struct value *glass = &e->v[BREAK_GLASS];

	fields_put(s, e, labels, sizeof labels);
	if (e->v[PHI_FIELDS_ACCESSED].type == VALUE_LIST) {
		shape_at(
		    s, schema[PHI_FIELDS_ACCESSED].ecs.in, schema[PHI_FIELDS_ACCESSED].ecs.key);
		paths_put(e, s->b);
	}
	if (glass->type == VALUE_BOOL)
		shape_json(s, schema[BREAK_GLASS].ecs.in, schema[BREAK_GLASS].ecs.key,
		    glass->truth ? SLICE("\"true\"") : SLICE("\"false\""));
}

static void
put(const struct entry *e, const struct native *n, struct shape *s)
{
	shape_begin(s);
	shape_field(s, e, TIMESTAMP, &schema[TIMESTAMP].ecs);
	shape_json(s, "ecs", "version", SLICE("\"9.4.0\""));
	event_put(s, e, n);
	user_put(s, e);
	fields_put(s, e, order, sizeof order);
	related_put(s, e);
	labels_put(s, e);
	shape_end(s);
}

const struct format format_ecs = { .name = "ecs", .put = put };
