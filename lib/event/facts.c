#include "event/facts.h"

#include "base/instant.h"

void
native_make(struct native *n, struct slice line, struct sha256 *c)
{
	static const char digits[] = "0123456789abcdef";
	struct hash hash;

	n->line = line;
	sha256_begin(c);
	sha256_add(c, line.p, line.len);
	sha256_end(c, &hash);
	for (size_t i = 0; i < HASH_LEN; i++) {
		n->hash[2 * i] = digits[hash.b[i] >> 4];
		n->hash[2 * i + 1] = digits[hash.b[i] & 15];
	}
}

void
milliseconds_put(struct buf *b, int64_t ms)
{
	char digits[20], *p = digits + sizeof digits;
	uint64_t rest = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;

	do
		*--p = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (ms < 0)
		*--p = '-';
	buf_add(b, p, (size_t)(digits + sizeof digits - p));
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
