#include "base/instant.h"
#include "event/phi_scan.h"

/* Are the runs from i on of these lengths, with one of seps between each? */
static bool
shape(const struct phi_scan *s, size_t i, const uint8_t len[3], const char *seps)
{
	for (size_t k = 0; k < 3; k++)
		if (i + k >= s->runs || s->run[i + k].len != len[k] ||
		    (k < 2 && phi_separator(s, i + k, seps) == 0))
			return false;
	return true;
}

static unsigned
number(const struct phi_scan *s, struct digits r)
{
	unsigned n = 0;

	for (size_t i = 0; i < r.len && i < 9; i++)
		n = n * 10 + (s->text[r.at + i] - '0');
	return n;
}

static bool
ssn_at(const struct phi_scan *s, size_t i)
{
	static const uint8_t lengths[3] = { 3, 2, 4 };
	unsigned area;

	if (!shape(s, i, lengths, "- ") || phi_open_behind(s, digits_end(s->run[i + 2])))
		return false;
	area = number(s, s->run[i]);
	return area != 0 && area != 666 && area < 900 && number(s, s->run[i + 1]) != 0 &&
	    number(s, s->run[i + 2]) != 0;
}

/* 3-3-4, perhaps behind the country code 1. */
static bool
nanp_at(const struct phi_scan *s, size_t i)
{
	static const uint8_t lengths[3] = { 3, 3, 4 };
	size_t first = i;

	if (s->run[i].len == 1 && s->text[s->run[i].at] == '1' &&
	    phi_separator(s, i, "-. /") != 0)
		first++;
	return shape(s, first, lengths, "-. /") &&
	    !phi_open_behind(s, digits_end(s->run[first + 2]));
}

static bool
fits_e164(const unsigned char *digit, size_t n)
{
	(void)digit;
	return n >= 8 && n <= 15;
}

static bool
plus_at(const struct phi_scan *s, size_t i)
{
	size_t at = s->run[i].at;

	return at > 0 && s->text[at - 1] == '+' && !phi_open_before(s, at - 1) &&
	    phi_joined(s, i, "-. /", fits_e164);
}

/* Is it a day from 1900 to today (UTC)? */
static bool
past_day(unsigned year, unsigned month, unsigned day)
{
	static const unsigned char days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	if (year < 1900 || year > 9999 || month < 1 || month > 12 || day < 1 ||
	    day > days[month - 1] || (month == 2 && day == 29 && !leap))
		return false;
	return civil_days(year, (int)month, (int)day) <= instant_now().s / 86400;
}

static bool
date_at(const struct phi_scan *s, size_t i)
{
	char sep = phi_separator(s, i, "-./");
	unsigned a, b, c;

	if (sep == 0 || phi_separator(s, i + 1, "-./") != sep || s->run[i + 1].len > 2 ||
	    phi_open_behind(s, digits_end(s->run[i + 2])))
		return false;
	a = number(s, s->run[i]);
	b = number(s, s->run[i + 1]);
	c = number(s, s->run[i + 2]);
	if (s->run[i].len == 4 && s->run[i + 2].len <= 2)
		return past_day(a, b, c);
	return s->run[i].len <= 2 && s->run[i + 2].len == 4 &&
	    (past_day(c, a, b) || past_day(c, b, a));
}

/* Luhn's check digit (ISO/IEC 7812-1, annex B). */
static bool
luhn(const unsigned char *digit, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned d = digit[n - 1 - i];

		if (i % 2 == 1)
			d = d > 4 ? 2 * d - 9 : 2 * d;
		sum += d;
	}
	return sum % 10 == 0;
}

#define LONG (BIT(16) | BIT(17) | BIT(18) | BIT(19))
#define MAESTRO (BIT(12) | BIT(13) | BIT(14) | BIT(15) | LONG)

/* Issuers: the first six digits from first to last, and the lengths, a bit each. */
static const struct {
	uint32_t first, last, lengths;
} issuers[] = {
	{ 222100, 272099, BIT(16) },                     /* Mastercard */
	{ 300000, 305999, BIT(14) | BIT(16) },           /* Diners Club */
	{ 309500, 309599, BIT(14) | BIT(16) },           /* Diners Club */
	{ 340000, 349999, BIT(15) },                     /* American Express */
	{ 352800, 358999, LONG },                        /* JCB */
	{ 360000, 369999, BIT(14) | BIT(16) | BIT(19) }, /* Diners Club */
	{ 370000, 379999, BIT(15) },                     /* American Express */
	{ 380000, 399999, BIT(14) | BIT(16) | BIT(19) }, /* Diners Club */
	{ 400000, 499999, BIT(13) | BIT(16) | BIT(19) }, /* Visa */
	{ 501800, 501899, MAESTRO },
	{ 502000, 502099, MAESTRO },
	{ 503800, 503899, MAESTRO },
	{ 510000, 559999, BIT(16) }, /* Mastercard */
	{ 589300, 589399, MAESTRO },
	{ 601100, 601199, LONG }, /* Discover */
	{ 620000, 629999, LONG }, /* UnionPay */
	{ 630400, 630499, MAESTRO },
	{ 644000, 659999, LONG }, /* Discover */
	{ 675900, 676399, MAESTRO },
};

static bool
fits_card(const unsigned char *digit, size_t n)
{
	uint32_t head = 0;

	if (n < 12 || n > 19)
		return false;
	for (size_t i = 0; i < 6; i++)
		head = head * 10 + digit[i];
	for (size_t i = 0; i < sizeof issuers / sizeof issuers[0]; i++)
		if (head >= issuers[i].first && head <= issuers[i].last)
			return (issuers[i].lengths >> n & 1) != 0 && luhn(digit, n);
	return false;
}

static bool
card_at(const struct phi_scan *s, size_t i)
{
	return phi_joined(s, i, "- ", fits_card);
}

/* A letter that an MBI may have: not S L O I B Z. */
static bool
mbi_letter(unsigned char c)
{
	return c < 0x80 && is_letter(c) && strchr("SLOIBZ", c & ~0x20) == NULL;
}

/*
 * Eleven characters C A X N A X N A A N N (C 1 to 9, N a digit, A a letter, X either), perhaps with
 * dashes or blanks behind the fourth and the seventh.
 */
static bool
mbi_at(const struct phi_scan *s, size_t i)
{
	static const char grammar[] = "CAXNAXNAANN";
	size_t at = s->run[i].at;
	unsigned char sep = 0;

	if (s->run[i].len != 1)
		return false;
	for (size_t k = 0; k < sizeof grammar - 1; k++, at++) {
		bool digit, letter;

		if (k == 4 && at < s->len && (s->text[at] == '-' || s->text[at] == ' '))
			sep = s->text[at++];
		else if (k == 7 && sep != 0 && (at >= s->len || s->text[at++] != sep))
			return false;
		if (at >= s->len)
			return false;
		digit = is_digit(s->text[at]) && (grammar[k] != 'C' || s->text[at] != '0');
		letter = mbi_letter(s->text[at]);

		if (grammar[k] == 'A'       ? !letter
			: grammar[k] == 'X' ? !digit && !letter
					    : !digit)
			return false;
	}
	return !phi_open_behind(s, at);
}

unsigned
phi_number_at(const struct phi_scan *s, size_t i)
{
	static const struct {
		enum phi rule;
		bool (*at)(const struct phi_scan *s, size_t i);
	} detectors[] = {
		{ PHI_SSN, ssn_at },
		{ PHI_PHONE, nanp_at },
		{ PHI_PHONE, plus_at },
		{ PHI_DATE, date_at },
		{ PHI_MBI, mbi_at },
		{ PHI_CARD, card_at },
	};
	unsigned found = 0;

	if (phi_open_before(s, s->run[i].at))
		return 0;
	for (size_t k = 0; k < sizeof detectors / sizeof detectors[0]; k++)
		if (detectors[k].at(s, i))
			found |= BIT(detectors[k].rule);
	return found;
}
