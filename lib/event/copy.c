#include "event/copy.h"

#include "base/codec.h"

#define OF(f) (UINT32_C(1) << (f))

bool
copy_field(enum field f)
{
	return (OF(f) &
		   (OF(USER_ID) | OF(PATIENT_ID) | OF(RESOURCE_ID) | OF(REQUEST_ID) |
		       OF(AGENT_ID) | OF(ON_BEHALF_OF) | OF(RECIPIENT) | OF(SESSION_ID))) != 0;
}

bool
copy_key_fits(struct buf *key)
{
	key->secret = true;
	if (key->len > 0 && key->p[key->len - 1] == '\n')
		key->len--;
	return key->len >= COPY_KEY_LEAST;
}

/* Put the pseudonym of v's text but for its first keep bytes in place of it. */
static void
pseudonymize(struct slice key, struct value *v, size_t keep, char *room)
{
	struct slice id = { v->text.p + keep, v->text.len - keep };
	struct buf hex = { 0 };
	struct hash mac;

	hmac_sha256(key, id, &mac);
	hex_put(&hex, mac.b, sizeof mac.b);
	memcpy(room, v->text.p, keep);
	memcpy(room + keep, hex.p, hex.len);
	v->text = (struct slice){ room, keep + hex.len };
	v->plain = true;
	buf_free(&hex);
}

/* Is resource_id the id of a patient, and how many bytes of it are the type's name? */
static bool
names_patient(const struct entry *e, size_t *prefix)
{
	const struct slice lead = SLICE("Patient/");

	*prefix = 0;
	if (!slice_is(e->v[RESOURCE_TYPE].text, "Patient"))
		return false;
	if (slice_starts(e->v[RESOURCE_ID].text, lead))
		*prefix = lead.len;
	return true;
}

void
copy_make(const struct copy *c, struct entry *e, struct pseudonyms *room)
{
	size_t prefix = 0;
	bool patient = names_patient(e, &prefix);
	uint32_t drop = c->drop;

	/* Whoever is not to see the patient's id is not to find it in the resource's. */
	if (patient && c->key[RESOURCE_ID].len == 0 && (drop & OF(PATIENT_ID)) != 0)
		drop |= OF(RESOURCE_ID);

	for (unsigned f = 0; f < FIELD_COUNT; f++) {
		struct value *v = &e->v[f];
		const struct buf *key = &c->key[f];

		if (f == RESOURCE_ID && patient && key->len == 0)
			key = &c->key[PATIENT_ID];
		if ((drop & OF(f)) != 0)
			*v = (struct value){ .type =
						 f < FIELD_ALWAYS ? VALUE_NULL : VALUE_ABSENT };
		else if (key->len > 0 && v->type == VALUE_STRING)
			pseudonymize(buf_view(key), v, f == RESOURCE_ID && patient ? prefix : 0,
			    room->hex[f]);
	}
}

void
copy_free(struct copy *c)
{
	for (unsigned f = 0; f < FIELD_COUNT; f++)
		buf_free(&c->key[f]);
}
