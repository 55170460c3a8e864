/*
 * phi - detectors of what looks like health information in a value (audit-entry(5), THE GUARD).
 *
 * Each looks at one value, UTF-8 as the token and label grammars allow it (event/kind.h), in time
 * linear in its length and without backtracking.  A match is bounded: on neither side does it go on
 * in a letter, a digit, or one of the separators - . / and a digit, so that what is part of a longer
 * identifier is left alone.
 *
 * phi-ssn    20 CFR 422.103: NNN-NN-NNNN, the area not 000, 666 or 9xx, nor a part all zero;
 *            nine digits after "ssn"
 * phi-phone  3-3-4 digits with separators (NANP), "+" and 8 to 15 digits (ITU-T E.164), seven
 *            digits or more after tel, phone, fax, mobile, cell
 * phi-email  RFC 5321 mailbox whose domain begins with a letter and ends in two letters or more
 * phi-date   a day from 1900 to today; eight digits after dob, born, birth
 * phi-mbi    the Medicare Beneficiary Identifier (CMS, "Understanding the MBI": format)
 * phi-card   ISO/IEC 7812: an issuer's prefix and length, and the check digit
 * phi-mrn    digits after "mrn"
 * phi-blob   "data:", or base64 (RFC 4648, either alphabet) of text or of a PDF, JPEG, PNG, gzip or
 *            zip file
 */
#ifndef EVENT_PHI_H
#define EVENT_PHI_H

#include "event/schema.h"

enum phi {
	PHI_SSN,
	PHI_PHONE,
	PHI_EMAIL,
	PHI_DATE,
	PHI_MBI,
	PHI_CARD,
	PHI_MRN,
	PHI_BLOB,
	PHI_RULES,
};

enum { PHI_TEXT_MAX = 512 }; /* bytes that are looked at: the longest token */

struct phi_row {
	const char *rule, *text; /* its stable id; what to tell a person */
	uint32_t passes;         /* the members in which it never looks, a bit each */
};

extern const struct phi_row phi_table[PHI_RULES];

/* The rule with this id, or PHI_RULES. */
enum phi phi_rule(struct slice id);

/* phi_find(text): the rules that find something in text, a bit each. */
unsigned phi_find(struct slice text);

#endif
