/*
 * schema - what an audit entry is made of: the one table.
 *
 * An entry is fifteen members that are always there and eleven optional ones (audit-entry(5)).  A
 * row says a member's names, what fits it, when it is required, and its place in each output
 * format; the command's options, its help, the reader, the guard and the formats all read these
 * rows.  Members are judged, and reported, in the order of the table.
 */
#ifndef EVENT_SCHEMA_H
#define EVENT_SCHEMA_H

#include <stdint.h>

#include "base/slice.h"

enum field {
	EVENT_ID,
	EVENT_TYPE,
	TIMESTAMP,
	USER_ID,
	USER_ROLE,
	PATIENT_ID,
	RESOURCE_TYPE,
	RESOURCE_ID,
	ACTION,
	USE_CASE,
	SOURCE_IP,
	SERVICE_COMPONENT,
	REQUEST_ID,
	AI_MODEL_VERSION,
	PHI_FIELDS_ACCESSED,
	FIELD_ALWAYS, /* the members before this one are in every entry */
	AGENT_ID = FIELD_ALWAYS,
	ON_BEHALF_OF,
	AI_MODEL_ID,
	AI_PROVIDER,
	OUTCOME,
	PURPOSE,
	BREAK_GLASS,
	REASON_CODE,
	RECIPIENT,
	SESSION_ID,
	TENANT,
	FIELD_COUNT,
	FIELD_HASH = FIELD_COUNT, /* no member: the integrity hash a record came with */
	FIELD_NONE,
};

enum event_type {
	PHI_READ,
	PHI_WRITE,
	AI_INFERENCE_WITH_PHI,
	PHI_ACCESS_DENIED,
	AI_INJECTION_ATTEMPT,
	AI_PHI_OUTPUT_DETECTED,
	EVENT_TYPES,
};

enum action { ACTION_READ, ACTION_WRITE, ACTION_INFER, ACTION_DENY, ACTIONS };

enum outcome { OUTCOME_SUCCESS, OUTCOME_FAILURE, OUTCOME_DENIED, OUTCOMES };

/* What fits a member (event/kind.h). */
enum kind {
	KIND_TOKEN,
	KIND_LABEL,
	KIND_WORD, /* a label without spaces */
	KIND_ENUM,
	KIND_TIME,
	KIND_IP,
	KIND_BOOL,
	KIND_PATHS,
};

/* Sets of event types, for schema_row.required. */
#define TYPE(t) (1U << (t))
#define EVERY_TYPE (TYPE(EVENT_TYPES) - 1)

/*
 * Where a format keeps a member: under key, in the object in (event/shape.h says how it is
 * written; NULL: the record itself).  Without a key the format has no place for it alone.
 */
struct place {
	const char *in, *key;
};

struct schema_row {
	const char *name;   /* user_id */
	const char *camel;  /* userId: the other spelling accepted in input */
	const char *option; /* user-id, of the option that fills it */
	struct slice json;  /* what precedes its value in the native line: `, "user_id": ` */
	enum kind kind;
	unsigned required; /* the event types for which it may be neither absent nor null */
	const char *const *values; /* of a KIND_ENUM; ends in NULL */
	struct place cloudwatch, fhir, ocsf, ecs, cef;
	const char *help; /* of the option */
};

extern const struct schema_row schema[FIELD_COUNT];

/* The members in the order of their names' code points: that of the native line. */
extern const uint8_t schema_sorted[FIELD_COUNT];

/* Is null a value of this member?  (Of the optional ones none has it: they are left out.) */
bool schema_nullable(enum field f);

/* The member with this native name, or FIELD_NONE. */
enum field schema_find(struct slice name);

/* The place of text in the values of an enum, or -1. */
int schema_value(enum field f, struct slice text);

/* schema_action(type): the action an event type means when none is given. */
enum action schema_action(enum event_type type);

/* schema_allows(type, action): may an event of this type have this action? */
bool schema_allows(enum event_type type, enum action action);

#endif
