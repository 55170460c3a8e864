#include "event/facts.h"

#include "base/digest.h"
#include "base/instant.h"

void
native_hash(struct slice native, struct native_hash *h)
{
	static const char digits[] = "0123456789abcdef";
	struct hash hash;

	sha256(native, &hash);
	for (size_t i = 0; i < HASH_LEN; i++) {
		h->hex[2 * i] = digits[hash.b[i] >> 4];
		h->hex[2 * i + 1] = digits[hash.b[i] & 15];
	}
}

int64_t
entry_ms(const struct entry *e)
{
	struct instant t = { 0 };

	instant_get(e->v[TIMESTAMP].text, &t, NULL); /* the guard has read it already */
	return t.s * 1000 + t.ns / 1000000;
}

enum action
entry_action(const struct entry *e)
{
	return (enum action)schema_value(ACTION, e->v[ACTION].text);
}

bool
entry_alarms(const struct entry *e)
{
	return e->type == AI_INJECTION_ATTEMPT || e->type == AI_PHI_OUTPUT_DETECTED;
}

enum outcome
entry_outcome(const struct entry *e)
{
	if (e->v[OUTCOME].type == VALUE_STRING)
		return (enum outcome)schema_value(OUTCOME, e->v[OUTCOME].text);
	if (e->type == PHI_ACCESS_DENIED || entry_action(e) == ACTION_DENY)
		return OUTCOME_DENIED;
	return entry_alarms(e) ? OUTCOME_FAILURE : OUTCOME_SUCCESS;
}
