/*
 * ocsf: API Activity (class 6003) of OCSF 1.8.0, with the profile ai_operation where a model is
 * known and security_control where something was denied or found.
 */
#include "event/format.h"
#include "json/write.h"

/* The class is the same for all.  type_uid = class_uid * 100 + activity_id. */
#define ACTIVITY(id, name, caption)                                                            \
	"\"activity_id\": " id ", \"activity_name\": \"" name                                  \
	"\", \"category_name\": \"Application Activity\", \"category_uid\": 6, "               \
	"\"class_name\": \"API Activity\", \"class_uid\": 6003, "                              \
	"\"type_name\": \"API Activity: " caption "\", \"type_uid\": "

static const char *const activities[ACTIONS] = {
	[ACTION_READ] = ACTIVITY("2", "Read", "Read") "600302",
	[ACTION_WRITE] = ACTIVITY("3", "Update", "Update") "600303",
	[ACTION_INFER] = ACTIVITY("99", "Infer", "Other") "600399",
	[ACTION_DENY] = ACTIVITY("99", "Deny", "Other") "600399",
};

#define SEVERITY(id, name) ", \"severity\": \"" name "\", \"severity_id\": " id

static const char *const severities[EVENT_TYPES] = {
	[PHI_READ] = SEVERITY("1", "Informational"),
	[PHI_WRITE] = SEVERITY("1", "Informational"),
	[AI_INFERENCE_WITH_PHI] = SEVERITY("1", "Informational"),
	[PHI_ACCESS_DENIED] = SEVERITY("3", "Medium"),
	[AI_INJECTION_ATTEMPT] = SEVERITY("4", "High"),
	[AI_PHI_OUTPUT_DETECTED] = SEVERITY("5", "Critical"),
};

static const char *const statuses[OUTCOMES] = {
	[OUTCOME_SUCCESS] = ", \"status\": \"Success\", \"status_id\": 1",
	[OUTCOME_FAILURE] = ", \"status\": \"Failure\", \"status_id\": 2",
	[OUTCOME_DENIED] = ", \"status\": \"Failure\", \"status_id\": 2",
};

#define PRODUCT                                                                                \
	"{\"name\": \"audit-emit\", \"vendor_name\": \"audit-tools\", \"version\": \"" VERSION \
	"\"}"

/* The members in the order of the objects they are in. */
static const uint8_t order[] = { EVENT_ID, EVENT_TYPE, TIMESTAMP, TENANT };
static const uint8_t actor[] = { SERVICE_COMPONENT, AGENT_ID, ON_BEHALF_OF, SESSION_ID };
static const uint8_t rest[] = { USE_CASE, PHI_FIELDS_ACCESSED, OUTCOME, PURPOSE, BREAK_GLASS,
	REASON_CODE, RECIPIENT };

static void
fields_put(struct shape *s, const struct entry *e, const uint8_t *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		shape_field(s, e, (enum field)fields[i], &schema[fields[i]].ocsf);
}

/* Can the object ai_model be filled?  It must have a name. */
static bool
has_model(const struct entry *e)
{
	return entry_has(e, AI_MODEL_ID) || entry_has(e, AI_MODEL_VERSION);
}

static bool
is_controlled(const struct entry *e)
{
	return entry_alarms(e) || entry_outcome(e) == OUTCOME_DENIED;
}

static void
metadata_put(struct shape *s, const struct entry *e)
{
	bool model = has_model(e), control = is_controlled(e);

	shape_json(s, "metadata", "version", SLICE("\"1.8.0\""));
	shape_json(s, "metadata", "product", SLICE(PRODUCT));
	if (model || control)
		shape_json(s, "metadata", "profiles",
		    !control     ? SLICE("[\"ai_operation\"]")
			: !model ? SLICE("[\"security_control\"]")
				 : SLICE("[\"ai_operation\", \"security_control\"]"));
	fields_put(s, e, order, sizeof order);
	shape_at(s, "metadata", "correlation_uid");
	entry_put_value(e, REQUEST_ID, s->b);
}

/* The profile security_control: what was done about it. */
static void
control_put(struct shape *s, const struct entry *e)
{
	bool denied = entry_outcome(e) == OUTCOME_DENIED;

	if (!is_controlled(e))
		return;
	shape_json(s, NULL, "action", denied ? SLICE("\"Denied\"") : SLICE("\"Observed\""));
	shape_json(s, NULL, "action_id", denied ? SLICE("2") : SLICE("3"));
	shape_json(
	    s, NULL, "disposition", denied ? SLICE("\"Blocked\"") : SLICE("\"Detected\""));
	shape_json(s, NULL, "disposition_id", denied ? SLICE("2") : SLICE("15"));
	if (entry_alarms(e))
		shape_json(s, NULL, "is_alert", SLICE("true"));
}

/* The profile ai_operation.  Name and provider are required of a model. */
static void
model_put(struct shape *s, const struct entry *e)
{
	enum field name = entry_has(e, AI_MODEL_ID) ? AI_MODEL_ID : AI_MODEL_VERSION;

	if (!has_model(e))
		return;
	shape_at(s, schema[AI_MODEL_ID].ocsf.in, schema[AI_MODEL_ID].ocsf.key);
	entry_put_value(e, name, s->b);
	shape_at(s, schema[AI_PROVIDER].ocsf.in, schema[AI_PROVIDER].ocsf.key);
	if (entry_has(e, AI_PROVIDER))
		entry_put_value(e, AI_PROVIDER, s->b);
	else
		buf_slice(s->b, SLICE("\"Unknown\""));
	shape_field(s, e, AI_MODEL_VERSION, &schema[AI_MODEL_VERSION].ocsf);
}

static void
resources_put(struct shape *s, const struct entry *e)
{
	if (entry_has(e, PATIENT_ID)) {
		shape_json(s, "resources#patient", "type", SLICE("\"Patient\""));
		shape_field(s, e, PATIENT_ID, &schema[PATIENT_ID].ocsf);
	}
	shape_field(s, e, RESOURCE_TYPE, &schema[RESOURCE_TYPE].ocsf);
	if (entry_has(e, RESOURCE_ID)) {
		shape_field(s, e, RESOURCE_ID, &schema[RESOURCE_ID].ocsf);
	} else { /* a uid or a name is required */
		shape_at(s, "resources#data", "name");
		entry_put_value(e, RESOURCE_TYPE, s->b);
	}
}

static void
raw_put(struct shape *s, const struct native *n)
{
	shape_at(s, NULL, "raw_data");
	json_put_string(s->b, n->line, JSON_ASCII);
	shape_json(s, "raw_data_hash", "algorithm", SLICE("\"SHA-256\""));
	shape_json(s, "raw_data_hash", "algorithm_id", SLICE("3"));
	shape_text(s, "raw_data_hash", "value", native_hash(n));
}

static void
unmapped_put(struct shape *s, const struct entry *e)
{
	fields_put(s, e, rest, sizeof rest);
	if (!has_model(e) && entry_has(e, AI_PROVIDER)) {
		shape_at(s, "unmapped", schema[AI_PROVIDER].name);
		entry_put_value(e, AI_PROVIDER, s->b);
	}
}

static void
put(const struct entry *e, const struct native *n, struct shape *s)
{
	struct buf *b = s->b;

	shape_begin(s);
	buf_str(b, activities[entry_action(e)]);
	buf_str(b, severities[e->type]);
	buf_str(b, statuses[entry_outcome(e)]);
	buf_slice(b, SLICE(", \"time\": "));
	milliseconds_put(b, entry_ms(e));
	s->empty = false;
	control_put(s, e);
	metadata_put(s, e);
	shape_field(s, e, USER_ID, &schema[USER_ID].ocsf);
	shape_field(s, e, USER_ROLE, &schema[USER_ROLE].ocsf);
	shape_json(s, schema[USER_ROLE].ocsf.in, "type_id", SLICE("99"));
	fields_put(s, e, actor, sizeof actor);
	shape_field(s, e, ACTION, &schema[ACTION].ocsf);
	shape_field(s, e, REQUEST_ID, &schema[REQUEST_ID].ocsf);
	shape_at(s, "api.service", "name");
	entry_put_value(e, SERVICE_COMPONENT, b);
	shape_field(s, e, SOURCE_IP, &schema[SOURCE_IP].ocsf);
	model_put(s, e);
	resources_put(s, e);
	raw_put(s, n);
	unmapped_put(s, e);
	shape_end(s);
}

const struct format format_ocsf = { .name = "ocsf", .put = put };
