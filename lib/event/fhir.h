/*
 * fhir - what FHIR R4 says of ids, types and purposes (hl7.org/fhir/R4).
 */
#ifndef EVENT_FHIR_H
#define EVENT_FHIR_H

#include "base/slice.h"

/* fhir_id(text): is it a legal id, [A-Za-z0-9\-.]{1,64} (datatypes.html#id)? */
bool fhir_id(struct slice text);

/* fhir_type(text): is it the name of a resource type of R4 (resourcelist.html)? */
bool fhir_type(struct slice text);

/* fhir_purpose(text): is it a code of HL7 PurposeOfUse, in v3-ActReason? */
bool fhir_purpose(struct slice text);

/*
 * fhir_reference(type, id, whole):
 * May id, of a resource of this type, which is one, stand in a reference?  It may if it is a legal id, or
 * one behind the type and a slash; *whole says that it is the latter.
 */
bool fhir_reference(struct slice type, struct slice id, bool *whole);

#endif
