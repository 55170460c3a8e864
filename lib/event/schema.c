#include "event/schema.h"

static const char *const event_types[] = {
	[PHI_READ] = "phi_read",
	[PHI_WRITE] = "phi_write",
	[AI_INFERENCE_WITH_PHI] = "ai_inference_with_phi",
	[PHI_ACCESS_DENIED] = "phi_access_denied",
	[AI_INJECTION_ATTEMPT] = "ai_injection_attempt",
	[AI_PHI_OUTPUT_DETECTED] = "ai_phi_output_detected",
	[EVENT_TYPES] = NULL,
};

static const char *const actions[] = {
	[ACTION_READ] = "read",
	[ACTION_WRITE] = "write",
	[ACTION_INFER] = "infer",
	[ACTION_DENY] = "deny",
	[ACTIONS] = NULL,
};

static const char *const outcomes[] = {
	[OUTCOME_SUCCESS] = "success",
	[OUTCOME_FAILURE] = "failure",
	[OUTCOME_DENIED] = "denied",
	[OUTCOMES] = NULL,
};

enum {
	NEVER = 0,
	OF_PATIENT = TYPE(PHI_READ) | TYPE(PHI_WRITE) | TYPE(AI_INFERENCE_WITH_PHI),
	OF_MODEL = TYPE(AI_INFERENCE_WITH_PHI) | TYPE(AI_PHI_OUTPUT_DETECTED),
};

#define NAMES(snake, other, dashed)                                                            \
	.name = snake, .camel = other, .option = dashed,                                       \
	.json = { ", \"" snake "\": ", sizeof ", \"" snake "\": " - 1 }
#define EXTRA(snake) .cloudwatch = { "additionalEventData", snake }

const struct schema_row schema[FIELD_COUNT] = {
	[EVENT_ID] = { NAMES("event_id", "eventId", "event-id"), .kind = KIND_TOKEN,
	    .required = EVERY_TYPE, .cloudwatch = { NULL, "eventID" }, .fhir = { NULL, "id" },
	    .ocsf = { "metadata", "uid" }, .ecs = { "event", "id" },
	    .cef = { NULL, "externalId" }, .help = "its own id (default: a random UUID)" },
	[EVENT_TYPE] = { NAMES("event_type", "eventType", "event-type"), .kind = KIND_ENUM,
	    .required = EVERY_TYPE, .values = event_types, .cloudwatch = { NULL, "eventType" },
	    .ocsf = { "metadata", "event_code" }, .ecs = { "event", "action" },
	    .help = "what happened: phi_read phi_write ..." },
	[TIMESTAMP] = { NAMES("timestamp", "timestamp", "timestamp"), .kind = KIND_TIME,
	    .required = EVERY_TYPE, .cloudwatch = { NULL, "eventTime" },
	    .fhir = { NULL, "recorded" }, .ocsf = { "metadata", "original_time" },
	    .ecs = { NULL, "@timestamp" }, .cef = { NULL, "rt" },
	    .help = "when, RFC 3339 (default: now)" },
	[USER_ID] = { NAMES("user_id", "userId", "user-id"), .kind = KIND_TOKEN,
	    .required = EVERY_TYPE, .cloudwatch = { "userIdentity", "userId" },
	    .fhir = { "agent#user.who.identifier", "value" }, .ocsf = { "actor.user", "uid" },
	    .ecs = { "user", "id" }, .cef = { NULL, "suser" },
	    .help = "clinician or service account" },
	[USER_ROLE] = { NAMES("user_role", "userRole", "user-role"), .kind = KIND_LABEL,
	    .required = EVERY_TYPE, .cloudwatch = { "userIdentity", "role" },
	    .fhir = { "agent#user.role#", "text" }, .ocsf = { "actor.user", "type" },
	    .ecs = { "user", "roles" }, .cef = { NULL, "spriv" },
	    .help = "clinical role at the time" },
	[PATIENT_ID] = { NAMES("patient_id", "patientId", "patient-id"), .kind = KIND_TOKEN,
	    .required = OF_PATIENT, .cloudwatch = { "requestParameters", "patientId" },
	    .fhir = { "entity#patient.what", "reference" },
	    .ocsf = { "resources#patient", "uid" }, .ecs = { "labels", "patient_id" },
	    .cef = { "patient_id", "cs1" }, .help = "whose data" },
	[RESOURCE_TYPE] = { NAMES("resource_type", "resourceType", "resource-type"),
	    .kind = KIND_WORD, .required = EVERY_TYPE,
	    .cloudwatch = { "requestParameters", "resourceType" },
	    .fhir = { "entity#data.what", "type" }, .ocsf = { "resources#data", "type" },
	    .ecs = { "labels", "resource_type" }, .cef = { "resource_type", "cs4" },
	    .help = "FHIR resource type, or ai_prompt" },
	[RESOURCE_ID] = { NAMES("resource_id", "resourceId", "resource-id"), .kind = KIND_TOKEN,
	    .required = NEVER, .cloudwatch = { "requestParameters", "resourceId" },
	    .fhir = { "entity#data.what", "reference" }, .ocsf = { "resources#data", "uid" },
	    .ecs = { "labels", "resource_id" }, .cef = { "resource_id", "cs5" },
	    .help = "which resource" },
	[ACTION] = { NAMES("action", "action", "action"), .kind = KIND_ENUM,
	    .required = EVERY_TYPE, .values = actions,
	    .cloudwatch = { "requestParameters", "action" }, .ocsf = { "api", "operation" },
	    .ecs = { "labels", "action" }, .cef = { NULL, "act" },
	    .help = "read write infer deny (default: of the type)" },
	[USE_CASE] = { NAMES("use_case", "useCase", "use-case"), .kind = KIND_LABEL,
	    .required = EVERY_TYPE, .cloudwatch = { "requestParameters", "useCase" },
	    .ocsf = { "unmapped", "use_case" }, .ecs = { "labels", "use_case" },
	    .cef = { "use_case", "cs3" }, .help = "clinical use case" },
	[SOURCE_IP] = { NAMES("source_ip", "sourceIp", "source-ip"), .kind = KIND_IP,
	    .required = EVERY_TYPE, .cloudwatch = { NULL, "sourceIPAddress" },
	    .fhir = { "agent#client.network", "address" }, .ocsf = { "src_endpoint", "ip" },
	    .ecs = { "source", "ip" }, .cef = { NULL, "src" },
	    .help = "where from, IPv4 or IPv6" },
	[SERVICE_COMPONENT] = { NAMES("service_component", "serviceComponent",
				    "service-component"),
	    .kind = KIND_LABEL, .required = EVERY_TYPE, .cloudwatch = { NULL, "userAgent" },
	    .fhir = { "source.observer.identifier", "value" }, .ocsf = { "actor", "app_name" },
	    .ecs = { "service", "name" }, .cef = { NULL, "deviceProcessName" },
	    .help = "which AI component did it" },
	[REQUEST_ID] = { NAMES("request_id", "requestId", "request-id"), .kind = KIND_TOKEN,
	    .required = EVERY_TYPE, .cloudwatch = { NULL, "requestID" },
	    .fhir = { "entity#request.what.identifier", "value" },
	    .ocsf = { "api.request", "uid" }, .ecs = { "http.request", "id" },
	    .cef = { "request_id", "cs6" }, .help = "what correlates the platform's logs" },
	[AI_MODEL_VERSION] = { NAMES("ai_model_version", "aiModelVersion", "ai-model-version"),
	    .kind = KIND_LABEL, .required = OF_MODEL,
	    .cloudwatch = { "aiContext", "modelVersion" }, .ocsf = { "ai_model", "version" },
	    .ecs = { "gen_ai.response", "model" }, .cef = { "ai_model_version", "cs2" },
	    .help = "model of an inference" },
	[PHI_FIELDS_ACCESSED] = { NAMES("phi_fields_accessed", "phiFieldsAccessed",
				      "phi-fields-accessed"),
	    .kind = KIND_PATHS, .required = NEVER,
	    .cloudwatch = { "aiContext", "phiFieldsAccessed" },
	    .ocsf = { "unmapped", "phi_fields_accessed" },
	    .ecs = { "labels", "phi_fields_accessed" },
	    .help = "names of fields, with commas between" },
	[AGENT_ID] = { NAMES("agent_id", "agentId", "agent-id"), .kind = KIND_TOKEN,
	    EXTRA("agent_id"), .fhir = { "agent#ai.who.identifier", "value" },
	    .ocsf = { "actor", "app_uid" }, .ecs = { "gen_ai.agent", "id" },
	    .cef = { "agent_id", "flexString1" }, .help = "the AI agent that acted" },
	[ON_BEHALF_OF] = { NAMES("on_behalf_of", "onBehalfOf", "on-behalf-of"),
	    .kind = KIND_TOKEN, EXTRA("on_behalf_of"),
	    .fhir = { "agent#person.who.identifier", "value" },
	    .ocsf = { "actor", "invoked_by" }, .ecs = { "user.effective", "id" },
	    .cef = { "on_behalf_of", "flexString2" }, .help = "the person it acted for" },
	[AI_MODEL_ID] = { NAMES("ai_model_id", "aiModelId", "ai-model-id"), .kind = KIND_TOKEN,
	    EXTRA("ai_model_id"), .ocsf = { "ai_model", "name" },
	    .ecs = { "gen_ai.request", "model" }, .help = "the model's name" },
	[AI_PROVIDER] = { NAMES("ai_provider", "aiProvider", "ai-provider"), .kind = KIND_TOKEN,
	    EXTRA("ai_provider"), .ocsf = { "ai_model", "ai_provider" },
	    .ecs = { "gen_ai", "system" }, .help = "who runs the model" },
	[OUTCOME] = { NAMES("outcome", "outcome", "outcome"), .kind = KIND_ENUM,
	    .values = outcomes, EXTRA("outcome"), .ocsf = { "unmapped", "outcome" },
	    .ecs = { "labels", "outcome" }, .cef = { NULL, "outcome" },
	    .help = "success failure denied" },
	[PURPOSE] = { NAMES("purpose", "purpose", "purpose"), .kind = KIND_TOKEN,
	    EXTRA("purpose"), .fhir = { "purposeOfEvent#", "coding" },
	    .ocsf = { "unmapped", "purpose" }, .ecs = { "labels", "purpose" },
	    .help = "HL7 PurposeOfUse: TREAT ETREAT ..." },
	[BREAK_GLASS] = { NAMES("break_glass", "breakGlass", "break-glass"), .kind = KIND_BOOL,
	    EXTRA("break_glass"), .ocsf = { "unmapped", "break_glass" },
	    .ecs = { "labels", "break_glass" }, .help = "emergency access (default: true)" },
	[REASON_CODE] = { NAMES("reason_code", "reasonCode", "reason-code"), .kind = KIND_TOKEN,
	    EXTRA("reason_code"), .ocsf = { "unmapped", "reason_code" },
	    .ecs = { "event", "reason" }, .help = "why the glass was broken" },
	[RECIPIENT] = { NAMES("recipient", "recipient", "recipient"), .kind = KIND_TOKEN,
	    EXTRA("recipient"), .ocsf = { "unmapped", "recipient" },
	    .ecs = { "labels", "recipient" }, .help = "to whom it was disclosed" },
	[SESSION_ID] = { NAMES("session_id", "sessionId", "session-id"), .kind = KIND_TOKEN,
	    EXTRA("session_id"), .ocsf = { "actor.session", "uid" },
	    .ecs = { "labels", "session_id" }, .help = "the session it belongs to" },
	[TENANT] = { NAMES("tenant", "tenant", "tenant"), .kind = KIND_TOKEN, EXTRA("tenant"),
	    .ocsf = { "metadata", "tenant_uid" }, .ecs = { "organization", "id" },
	    .help = "whose platform" },
};

const uint8_t schema_sorted[FIELD_COUNT] = { ACTION, AGENT_ID, AI_MODEL_ID, AI_MODEL_VERSION,
	AI_PROVIDER, BREAK_GLASS, EVENT_ID, EVENT_TYPE, ON_BEHALF_OF, OUTCOME, PATIENT_ID,
	PHI_FIELDS_ACCESSED, PURPOSE, REASON_CODE, RECIPIENT, REQUEST_ID, RESOURCE_ID,
	RESOURCE_TYPE, SERVICE_COMPONENT, SESSION_ID, SOURCE_IP, TENANT, TIMESTAMP, USE_CASE,
	USER_ID, USER_ROLE };

/* Per event type: the action it means, and what else it may have. */
static const struct {
	enum action derived;
	unsigned allowed;
} type_actions[EVENT_TYPES] = {
#define DO(a) (1U << ACTION_##a)
	[PHI_READ] = { ACTION_READ, DO(READ) },
	[PHI_WRITE] = { ACTION_WRITE, DO(WRITE) },
	[AI_INFERENCE_WITH_PHI] = { ACTION_INFER, DO(INFER) },
	[PHI_ACCESS_DENIED] = { ACTION_DENY, DO(DENY) | DO(READ) | DO(WRITE) | DO(INFER) },
	[AI_INJECTION_ATTEMPT] = { ACTION_DENY, DO(DENY) | DO(READ) | DO(WRITE) | DO(INFER) },
	[AI_PHI_OUTPUT_DETECTED] = { ACTION_INFER, DO(INFER) | DO(DENY) },
#undef DO
};

bool
schema_nullable(enum field f)
{
	return f < FIELD_ALWAYS && schema[f].required != EVERY_TYPE;
}

enum field
schema_find(struct slice name)
{
	for (unsigned f = 0; f < FIELD_COUNT; f++)
		if (slice_is(name, schema[f].name))
			return (enum field)f;
	return FIELD_NONE;
}

int
schema_value(enum field f, struct slice text)
{
	for (int i = 0; schema[f].values[i] != NULL; i++)
		if (slice_is(text, schema[f].values[i]))
			return i;
	return -1;
}

enum action
schema_action(enum event_type type)
{
	return type_actions[type].derived;
}

bool
schema_allows(enum event_type type, enum action action)
{
	return (type_actions[type].allowed >> action & 1) != 0;
}
