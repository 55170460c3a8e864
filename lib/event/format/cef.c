/*
 * cef: ArcSight Common Event Format, version 0 (Implementing ArcSight CEF, revision 25).
 *
 * In the schema's column a place's object is what the label of its key says.  Key and label stand
 * together; msg, the native line, is last, since it has blanks in it.
 */
#include "event/escape.h"
#include "event/format.h"

/* Severity 0 to 10: low, medium, high, very high. */
static const char *const heads[EVENT_TYPES] = {
#define HEAD(id, name, severity)                                                               \
	"CEF:0|audit-tools|audit-emit|" VERSION "|" id "|" name "|" severity "|rt="
	[PHI_READ] = HEAD("phi_read", "PHI read", "3"),
	[PHI_WRITE] = HEAD("phi_write", "PHI written", "3"),
	[AI_INFERENCE_WITH_PHI] = HEAD("ai_inference_with_phi", "AI inference with PHI", "3"),
	[PHI_ACCESS_DENIED] = HEAD("phi_access_denied", "PHI access denied", "6"),
	[AI_INJECTION_ATTEMPT] = HEAD("ai_injection_attempt", "AI injection attempt", "8"),
	[AI_PHI_OUTPUT_DETECTED] =
	    HEAD("ai_phi_output_detected", "PHI detected in AI output", "10"),
};

static const uint8_t order[] = { EVENT_ID, USER_ID, USER_ROLE, ACTION, OUTCOME,
	SERVICE_COMPONENT, SOURCE_IP, PATIENT_ID, AI_MODEL_VERSION, USE_CASE, RESOURCE_TYPE,
	RESOURCE_ID, REQUEST_ID, AGENT_ID, ON_BEHALF_OF };

/* " KEY=VALUE", and " KEYLabel=LABEL" before it if there is a label. */
static void
pair_put(const char *key, const char *label, struct slice value, struct buf *b)
{
	buf_byte(b, ' ');
	if (label != NULL) {
		buf_str(b, key);
		buf_slice(b, SLICE("Label="));
		buf_str(b, label);
		buf_byte(b, ' ');
	}
	buf_str(b, key);
	buf_byte(b, '=');
	escape_put(b, value, "==");
}

static void
field_put(const struct entry *e, enum field f, struct buf *b)
{
	struct slice text = e->v[f].text;

	if (!entry_has(e, f))
		return;
	if (f == SOURCE_IP && memchr(text.p, ':', text.len) != NULL)
		pair_put("c6a2", "Source IPv6 Address", text, b); /* src is for IPv4 alone */
	else
		pair_put(schema[f].cef.key, schema[f].cef.in, text, b);
}

static void
put(const struct entry *e, const struct native *n, struct shape *s)
{
	struct buf *b = s->b;

	buf_str(b, heads[e->type]);
	milliseconds_put(b, entry_ms(e));
	for (size_t i = 0; i < sizeof order; i++)
		field_put(e, (enum field)order[i], b);
	pair_put("fileHash", NULL, native_hash(n), b);
	pair_put("msg", NULL, n->line, b);
}

const struct format format_cef = { .name = "cef", .put = put };
