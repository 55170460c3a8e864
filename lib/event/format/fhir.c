/*
 * fhir: an AuditEvent of FHIR R4, in the shape of IHE BALP 1.1.4 where that has one (audit-entry(5)).
 *
 * The members come in the order of the resource's definition.  What is in the schema's column for
 * it has a place of its own; all else, and the hash, is in the details of the entity that was used.
 */
#include "event/fhir.h"
#include "event/format.h"

#define CODE(system, code, display)                                                            \
	"{\"system\": \"" system "\", \"code\": \"" code "\", \"display\": \"" display "\"}"
#define DCM "http://dicom.nema.org/resources/ontology/DCM"
#define REST "http://hl7.org/fhir/restful-interaction"
#define TERMS "http://terminology.hl7.org/CodeSystem/"
#define OF_TYPE(coding) "{\"coding\": [" coding "]}"

/* What an action looks like from outside: who sends, who receives, what it is called. */
struct deed {
	struct slice subtype, action, user, client, server;
};

#define SENDS OF_TYPE(CODE(DCM, "110153", "Source Role ID"))
#define RECEIVES OF_TYPE(CODE(DCM, "110152", "Destination Role ID"))
#define READER OF_TYPE(CODE(TERMS "v3-ParticipationType", "IRCP", "information recipient"))
#define AUTHOR OF_TYPE(CODE(TERMS "v3-ParticipationType", "AUT", "author (originator)"))
#define ROW(subtype, action, user, client, server)                                             \
	{                                                                                      \
		{ subtype, sizeof(subtype) - 1 }, { "\"" action "\"", sizeof(action) + 1 },    \
		    { user, sizeof(user) - 1 }, { client, sizeof(client) - 1 },                \
		{                                                                              \
			server, sizeof(server) - 1                                             \
		}                                                                              \
	}

static const struct deed deeds[ACTIONS] = {
	[ACTION_READ] = ROW("[" CODE(REST, "read", "read") "]", "R", READER, RECEIVES, SENDS),
	[ACTION_WRITE] =
	    ROW("[" CODE(REST, "update", "update") "]", "U", AUTHOR, SENDS, RECEIVES),
	[ACTION_INFER] =
	    ROW("[" CODE(REST, "operation", "operation") "]", "E", READER, SENDS, RECEIVES),
	[ACTION_DENY] = ROW("", "E", READER, SENDS, RECEIVES),
};

static const struct slice outcomes[OUTCOMES] = {
	[OUTCOME_SUCCESS] = { "\"0\"", 3 },
	[OUTCOME_FAILURE] = { "\"4\"", 3 },
	[OUTCOME_DENIED] = { "\"8\"", 3 },
};

static struct slice
text_of(const struct entry *e, enum field f)
{
	return e->v[f].text;
}

/* What has a column with a place and may yet not stand in it. */
struct legal {
	bool id;   /* event_id is an id */
	bool type; /* resource_type is one */
};

/* Has f found its place? */
static bool
in_place(enum field f, struct legal legal)
{
	if (f == EVENT_ID)
		return legal.id;
	if (f == RESOURCE_TYPE)
		return legal.type;
	return schema[f].fhir.key != NULL;
}

static void
kind_put(struct shape *s, const struct entry *e, const struct deed *deed)
{
	bool alarm = entry_alarms(e);

	if (e->type == AI_INFERENCE_WITH_PHI)
		shape_json(s, "meta", "security",
		    SLICE("[" CODE(TERMS "v3-ObservationValue", "AIAST",
			"Artificial Intelligence asserted") "]"));
	shape_json(s, NULL, "type",
	    alarm ? SLICE(CODE(DCM, "110113", "Security Alert"))
		  : SLICE(CODE(TERMS "audit-event-type", "rest", "Restful Operation")));
	if (!alarm && deed->subtype.len > 0)
		shape_json(s, NULL, "subtype", deed->subtype);
	shape_json(s, NULL, "action", alarm ? SLICE("\"E\"") : deed->action);
	shape_field(s, e, TIMESTAMP, &schema[TIMESTAMP].fhir);
	/* An alarm is told as serious, unless the entry says how it ended. */
	shape_json(s, NULL, "outcome",
	    alarm && !entry_has(e, OUTCOME) ? outcomes[OUTCOME_DENIED]
					    : outcomes[entry_outcome(e)]);
}

/* A code of the value set as one, anything else as the text it is; and that the glass was broken. */
static void
purpose_put(struct shape *s, const struct entry *e)
{
	const char *at = schema[PURPOSE].fhir.in;

	if (entry_has(e, PURPOSE) && fhir_purpose(text_of(e, PURPOSE))) {
		shape_at(s, at, schema[PURPOSE].fhir.key);
		buf_slice(s->b, SLICE("[{\"system\": \"" TERMS "v3-ActReason\", \"code\": "));
		entry_put_value(e, PURPOSE, s->b);
		buf_slice(s->b, SLICE("}]"));
	} else if (entry_has(e, PURPOSE)) {
		shape_at(s, at, "text");
		entry_put_value(e, PURPOSE, s->b);
	}
	if (e->v[BREAK_GLASS].type == VALUE_BOOL && e->v[BREAK_GLASS].truth &&
	    !slice_is(text_of(e, PURPOSE), "BTG"))
		shape_json(s, "purposeOfEvent#glass", "coding",
		    SLICE("[" CODE(TERMS "v3-ActReason", "BTG", "break the glass") "]"));
}

/*
 * The requestor is a person: whom an AI agent acted for, if that is told, else the user.  The user
 * besides such a person is what the agent was logged in as.
 */
static void
people_put(struct shape *s, const struct entry *e, const struct deed *deed)
{
	bool for_another = entry_has(e, ON_BEHALF_OF);

	if (for_another) {
		shape_json(s, "agent#person", "type", deed->user);
		shape_field(s, e, ON_BEHALF_OF, &schema[ON_BEHALF_OF].fhir);
		shape_json(s, "agent#person", "requestor", SLICE("true"));
	}
	shape_json(s, "agent#user", "type",
	    for_another ? SLICE(OF_TYPE(CODE(TERMS "v3-RoleClass", "AGNT", "agent")))
			: deed->user);
	shape_field(s, e, USER_ROLE, &schema[USER_ROLE].fhir);
	shape_field(s, e, USER_ID, &schema[USER_ID].fhir);
	shape_json(s, "agent#user", "requestor", for_another ? SLICE("false") : SLICE("true"));
}

static void
agents_put(struct shape *s, const struct entry *e, const struct deed *deed)
{
	people_put(s, e, deed);
	if (entry_has(e, AGENT_ID)) {
		shape_json(
		    s, "agent#ai", "type", SLICE(OF_TYPE(CODE(DCM, "110150", "Application"))));
		shape_json(s, "agent#ai", "role", SLICE("[{\"text\": \"AI agent\"}]"));
		shape_json(s, "agent#ai.who", "type", SLICE("\"Device\""));
		shape_field(s, e, AGENT_ID, &schema[AGENT_ID].fhir);
		shape_json(s, "agent#ai", "requestor", SLICE("false"));
	}
	shape_json(s, "agent#client", "type", deed->client);
	shape_at(s, "agent#client.who", "display");
	entry_put_value(e, SOURCE_IP, s->b);
	shape_json(s, "agent#client", "requestor", SLICE("false"));
	shape_field(s, e, SOURCE_IP, &schema[SOURCE_IP].fhir);
	shape_json(s, "agent#client.network", "type", SLICE("\"2\""));
	shape_json(s, "agent#server", "type", deed->server);
	shape_at(s, "agent#server.who.identifier", "value");
	entry_put_value(e, SERVICE_COMPONENT, s->b);
	shape_json(s, "agent#server", "requestor", SLICE("false"));
}

static void
source_put(struct shape *s, const struct entry *e)
{
	shape_field(s, e, SERVICE_COMPONENT, &schema[SERVICE_COMPONENT].fhir);
	shape_at(s, "source.observer", "display");
	entry_put_value(e, SERVICE_COMPONENT, s->b);
	shape_json(s, "source", "type",
	    SLICE("[" CODE(TERMS "security-source-type", "4", "Application Server") "]"));
}

/* A reference to id, which may be one, behind its type unless it has that already. */
static void
reference_put(struct shape *s, const char *what, struct slice type, struct slice id, bool whole)
{
	shape_at(s, what, "reference");
	buf_byte(s->b, '"');
	if (!whole) {
		buf_slice(s->b, type);
		buf_byte(s->b, '/');
	}
	buf_slice(s->b, id); /* plain: a type and an id */
	buf_byte(s->b, '"');
}

/* What was used: a reference, if f may be in one; else an identifier, and the type if there is one. */
static void
what_put(struct shape *s, const char *what, const char *identifier, struct slice type,
    bool known, const struct entry *e, enum field f)
{
	bool whole;

	if (known && fhir_reference(type, text_of(e, f), &whole)) {
		reference_put(s, what, type, text_of(e, f), whole);
		return;
	}
	if (known) {
		shape_text(s, what, "type", type);
	} else {
		shape_at(s, identifier, "type");
		buf_slice(s->b, SLICE("{\"text\": "));
		entry_put_value(e, RESOURCE_TYPE, s->b);
		buf_byte(s->b, '}');
	}
	if (entry_has(e, f)) {
		shape_at(s, identifier, "value");
		entry_put_value(e, f, s->b);
	} else if (known) {
		shape_text(s, what, "display", type);
	}
}

/* A detail whose value is to follow; the first opens the list. */
static void
detail_begin(struct shape *s, const char *name, bool first)
{
	buf_slice(s->b, first ? SLICE("[{\"type\": \"") : SLICE(", {\"type\": \""));
	buf_str(s->b, name);
	buf_slice(s->b, SLICE("\", \"valueString\": "));
}

/* Each path is a detail of its own; that there was none is one as well: no path looks like that. */
static void
paths_put(struct shape *s, const struct entry *e)
{
	for (size_t i = 0; i < e->paths; i++) {
		detail_begin(s, schema[PHI_FIELDS_ACCESSED].name, false);
		buf_byte(s->b, '"');
		buf_slice(s->b, e->path[i].text); /* plain: letters, digits and . _ [ ] */
		buf_slice(s->b, SLICE("\"}"));
	}
	if (e->paths == 0) {
		detail_begin(s, schema[PHI_FIELDS_ACCESSED].name, false);
		buf_slice(s->b, SLICE("\"[]\"}"));
	}
}

static void
details_put(struct shape *s, const struct entry *e, const struct native *n, struct legal legal)
{
	shape_at(s, "entity#data", "detail");
	detail_begin(s, "integrity_hash", true);
	buf_byte(s->b, '"');
	buf_slice(s->b, native_hash(n));
	buf_slice(s->b, SLICE("\"}"));
	for (unsigned f = 0; f < FIELD_COUNT; f++) {
		const struct value *v = &e->v[f];

		if (!entry_has(e, (enum field)f) || in_place((enum field)f, legal))
			continue;
		if (v->type == VALUE_LIST) {
			paths_put(s, e);
			continue;
		}
		detail_begin(s, schema[f].name, false);
		if (v->type == VALUE_BOOL)
			buf_slice(s->b, v->truth ? SLICE("\"true\"") : SLICE("\"false\""));
		else
			entry_put_value(e, (enum field)f, s->b);
		buf_byte(s->b, '}');
	}
	buf_byte(s->b, ']');
}

static void
entities_put(struct shape *s, const struct entry *e, const struct native *n, struct legal legal)
{
	if (entry_has(e, PATIENT_ID)) {
		what_put(s, schema[PATIENT_ID].fhir.in, "entity#patient.what.identifier",
		    SLICE("Patient"), true, e, PATIENT_ID);
		shape_json(s, "entity#patient", "type",
		    SLICE(CODE(TERMS "audit-entity-type", "1", "Person")));
		shape_json(s, "entity#patient", "role",
		    SLICE(CODE(TERMS "object-role", "1", "Patient")));
	}
	what_put(s, schema[RESOURCE_ID].fhir.in, "entity#data.what.identifier",
	    text_of(e, RESOURCE_TYPE), legal.type, e, RESOURCE_ID);
	shape_json(s, "entity#data", "type",
	    SLICE(CODE(TERMS "audit-entity-type", "2", "System Object")));
	shape_json(
	    s, "entity#data", "role", SLICE(CODE(TERMS "object-role", "4", "Domain Resource")));
	details_put(s, e, n, legal);
	shape_field(s, e, REQUEST_ID, &schema[REQUEST_ID].fhir);
	shape_json(s, "entity#request", "type",
	    SLICE("{\"system\": \"https://profiles.ihe.net/ITI/BALP/CodeSystem/"
		  "BasicAuditEntityType\", \"code\": \"XrequestId\"}"));
}

static void
put(const struct entry *e, const struct native *n, struct shape *s)
{
	const struct deed *deed = &deeds[entry_action(e)];
	struct legal legal = { fhir_id(text_of(e, EVENT_ID)),
		fhir_type(text_of(e, RESOURCE_TYPE)) };

	shape_begin(s);
	shape_text(s, NULL, "resourceType", SLICE("AuditEvent"));
	if (legal.id)
		shape_field(s, e, EVENT_ID, &schema[EVENT_ID].fhir);
	kind_put(s, e, deed);
	purpose_put(s, e);
	agents_put(s, e, deed);
	source_put(s, e);
	entities_put(s, e, n, legal);
	shape_end(s);
}

const struct format format_fhir = { .name = "fhir", .put = put };
