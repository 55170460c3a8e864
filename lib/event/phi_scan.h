/*
 * phi_scan - what the detectors share: a value, and where its digits stand.  For phi*.c only.
 */
#ifndef EVENT_PHI_SCAN_H
#define EVENT_PHI_SCAN_H

#include "event/phi.h"

#define BIT(n) (UINT32_C(1) << (n))

enum { PHI_DIGITS = 24 }; /* of a number that are kept: more than any has */

/* A run of digits: text[at .. at + len). */
struct digits {
	uint16_t at, len;
};

struct phi_scan {
	const unsigned char *text;
	size_t len;
	struct digits run[PHI_TEXT_MAX];
	size_t runs;
};

static inline bool
is_digit(unsigned char c)
{
	return (unsigned char)(c - '0') < 10;
}

/* A byte outside ASCII is of a letter: a token has no other. */
static inline bool
is_letter(unsigned char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26 || c >= 0x80;
}

static inline size_t
digits_end(struct digits r)
{
	return (size_t)r.at + r.len;
}

/* Does the text go on before at, or from end on, in a letter, a digit, or a separator and a digit? */
bool phi_open_before(const struct phi_scan *s, size_t at);
bool phi_open_behind(const struct phi_scan *s, size_t end);

/* The one character between run i and the next, if it is one of seps; else 0. */
char phi_separator(const struct phi_scan *s, size_t i, const char *seps);

/*
 * phi_joined(s, i, seps, fits):
 * The runs from i on as one number, one of seps between any two: does fits say yes for the digits
 * (values, of which the first PHI_DIGITS are given) up to the end of one behind which the text
 * does not go on?
 */
bool phi_joined(const struct phi_scan *s, size_t i, const char *seps,
    bool (*fits)(const unsigned char *digit, size_t n));

/* The rules that find a number at run i (phi_number.c), or a label before it (phi_label.c), a bit each. */
unsigned phi_number_at(const struct phi_scan *s, size_t i);
unsigned phi_label_at(const struct phi_scan *s, size_t i);

/* phi_blob.c: a text without ":" and shorter than that has none. */
enum { PHI_BLOB_LEAST = 28 }; /* characters of base64 */
bool phi_blob(struct slice text);

#endif
