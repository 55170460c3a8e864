#include "event/phi_scan.h"

enum {
	LABEL_GAP = 3,   /* characters between a label and its digits */
	PHONE_LEAST = 7, /* digits after a label */
};

/* No word of a language ends in one that may be a suffix. */
static const struct {
	enum phi rule;
	bool suffix;
	struct slice word;
} labels[] = {
	{ PHI_SSN, true, { "ssn", 3 } },
	{ PHI_PHONE, false, { "tel", 3 } },
	{ PHI_PHONE, false, { "telephone", 9 } },
	{ PHI_PHONE, false, { "phone", 5 } },
	{ PHI_PHONE, false, { "cellphone", 9 } },
	{ PHI_PHONE, false, { "fax", 3 } },
	{ PHI_PHONE, false, { "mobile", 6 } },
	{ PHI_PHONE, false, { "cell", 4 } },
	{ PHI_DATE, true, { "dob", 3 } },
	{ PHI_DATE, false, { "born", 4 } },
	{ PHI_DATE, false, { "birth", 5 } },
	{ PHI_DATE, false, { "birthdate", 9 } },
	{ PHI_DATE, false, { "birthday", 8 } },
	{ PHI_DATE, false, { "dateofbirth", 11 } },
	{ PHI_MRN, true, { "mrn", 3 } },
};

/* Words that stand between a label and its digits: "mrn no 123". */
static const struct slice fillers[] = {
	{ "no", 2 },
	{ "nr", 2 },
	{ "num", 3 },
	{ "number", 6 },
};

/* Is word the lower-case text want, in any case? */
static bool
is_word(struct slice word, struct slice want)
{
	if (word.len != want.len)
		return false;
	for (size_t i = 0; i < word.len; i++)
		if ((word.p[i] | 0x20) != want.p[i])
			return false;
	return true;
}

/* The run of letters that ends at most gap characters before end, those neither letters nor digits. */
static struct slice
word_before(const struct phi_scan *s, size_t end, size_t gap)
{
	const unsigned char *t = s->text;
	size_t from;

	for (; end > 0 && gap > 0 && !is_letter(t[end - 1]) && !is_digit(t[end - 1]); gap--)
		end--;
	from = end;
	while (from > 0 && is_letter(t[from - 1]))
		from--;
	return (struct slice){ (const char *)t + from, end - from };
}

/* The last part of a word in camel case: "Mrn" of "patientMrn". */
static struct slice
last_part(struct slice word)
{
	size_t from = word.len;

	while (from > 0) {
		char c = word.p[--from], before = from > 0 ? word.p[from - 1] : '\0';

		if (c >= 'A' && c <= 'Z' && before >= 'a' && before <= 'z')
			break;
	}
	return (struct slice){ word.p + from, word.len - from };
}

static bool
fits_ssn(const unsigned char *digit, size_t n)
{
	(void)digit;
	return n == 9;
}

static bool
fits_phone(const unsigned char *digit, size_t n)
{
	(void)digit;
	return n >= PHONE_LEAST;
}

static bool
fits_birth(const unsigned char *digit, size_t n)
{
	(void)digit;
	return n == 8;
}

static bool
fits_any(const unsigned char *digit, size_t n)
{
	(void)digit;
	(void)n;
	return true;
}

static bool
labelled_at(const struct phi_scan *s, size_t i, enum phi rule)
{
	switch (rule) {
	case PHI_SSN: return phi_joined(s, i, "-. ", fits_ssn);
	case PHI_PHONE: return phi_joined(s, i, "-. /", fits_phone);
	case PHI_DATE: return phi_joined(s, i, "-. /", fits_birth);
	default: return phi_joined(s, i, "-. ", fits_any);
	}
}

static bool
is_label(struct slice word, struct slice label, bool suffix)
{
	if (word.len < label.len || (word.p[word.len - 1] | 0x20) != label.p[label.len - 1])
		return false;
	if (is_word(last_part(word), label))
		return true;
	if (suffix)
		word = (struct slice){ word.p + word.len - label.len, label.len };
	return is_word(word, label);
}

/* The word before run i, not counting one that only leads to a number. */
static struct slice
leading_word(const struct phi_scan *s, size_t i)
{
	struct slice word = word_before(s, s->run[i].at, LABEL_GAP);

	for (size_t k = 0; k < sizeof fillers / sizeof fillers[0]; k++)
		if (is_word(word, fillers[k]))
			return word_before(
			    s, (size_t)(word.p - (const char *)s->text), LABEL_GAP);
	return word;
}

unsigned
phi_label_at(const struct phi_scan *s, size_t i)
{
	struct slice word = leading_word(s, i);

	for (size_t k = 0; k < sizeof labels / sizeof labels[0]; k++)
		if (is_label(word, labels[k].word, labels[k].suffix))
			return labelled_at(s, i, labels[k].rule) ? BIT(labels[k].rule) : 0;
	return 0;
}
