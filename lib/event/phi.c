#include "event/phi_scan.h"

const struct phi_row phi_table[PHI_RULES] = {
	[PHI_SSN] = { "phi-ssn", "looks like a social security number", 0 },
	[PHI_PHONE] = { "phi-phone", "looks like a telephone number", 0 },
	[PHI_EMAIL] = { "phi-email", "looks like an e-mail address",
	    BIT(USER_ID) | BIT(AGENT_ID) | BIT(ON_BEHALF_OF) | BIT(RECIPIENT) },
	[PHI_DATE] = { "phi-date", "looks like a date",
	    BIT(TIMESTAMP) | BIT(EVENT_ID) | BIT(REQUEST_ID) | BIT(SESSION_ID) |
		BIT(AI_MODEL_ID) | BIT(AI_MODEL_VERSION) | BIT(SERVICE_COMPONENT) },
	[PHI_MBI] = { "phi-mbi", "looks like a Medicare number", 0 },
	[PHI_CARD] = { "phi-card", "looks like a payment card number", 0 },
	[PHI_MRN] = { "phi-mrn", "looks like a medical record number", BIT(PATIENT_ID) },
	[PHI_BLOB] = { "phi-blob", "looks like encoded text or a file", 0 },
};

bool
phi_open_before(const struct phi_scan *s, size_t at)
{
	unsigned char c;

	if (at == 0)
		return false;
	c = s->text[at - 1];
	return is_letter(c) || is_digit(c) ||
	    ((c == '-' || c == '.' || c == '/') && at > 1 && is_digit(s->text[at - 2]));
}

bool
phi_open_behind(const struct phi_scan *s, size_t end)
{
	unsigned char c;

	if (end == s->len)
		return false;
	c = s->text[end];
	return is_letter(c) || is_digit(c) ||
	    ((c == '-' || c == '.' || c == '/') && end + 1 < s->len &&
		is_digit(s->text[end + 1]));
}

char
phi_separator(const struct phi_scan *s, size_t i, const char *seps)
{
	size_t end = digits_end(s->run[i]);

	if (i + 1 >= s->runs || s->run[i + 1].at != end + 1 ||
	    strchr(seps, s->text[end]) == NULL)
		return 0;
	return (char)s->text[end];
}

bool
phi_joined(const struct phi_scan *s, size_t i, const char *seps,
    bool (*fits)(const unsigned char *digit, size_t n))
{
	unsigned char digit[PHI_DIGITS];
	size_t n = 0;

	for (;; i++) {
		struct digits r = s->run[i];

		for (size_t k = 0; k < r.len; k++, n++)
			if (n < PHI_DIGITS)
				digit[n] = (unsigned char)(s->text[r.at + k] - '0');
		if (!phi_open_behind(s, digits_end(r)) && fits(digit, n))
			return true;
		if (n > PHI_DIGITS || phi_separator(s, i, seps) == 0)
			return false;
	}
}

static void
find_runs(struct phi_scan *s, size_t end)
{
	size_t at = 0, from;

	for (;;) {
		while (at < end && !is_digit(s->text[at]))
			at++;
		if (at == end)
			return;
		from = at;
		while (at < end && is_digit(s->text[at]))
			at++;
		s->run[s->runs++] = (struct digits){ (uint16_t)from, (uint16_t)(at - from) };
	}
}

static bool
domain_byte(unsigned char c)
{
	return is_letter(c) || is_digit(c) || c == '-' || c == '.';
}

/* A character of a mailbox's local part (RFC 5321 atext) that a token may have. */
static bool
local_byte(unsigned char c)
{
	return is_letter(c) || is_digit(c) || (c != 0 && strchr("._+-~=#$'/|", c) != NULL);
}

/* Is text[at .. end) a name's last part, two letters or more, and the name ends there? */
static bool
ends_name(const struct phi_scan *s, size_t at, size_t end)
{
	size_t from = at;

	while (at < end && is_letter(s->text[at]))
		at++;
	return at - from >= 2 && (at == end || !is_digit(s->text[at]));
}

/* A mailbox around the '@' at at: something before it, behind it names with dots, one of letters only. */
static bool
email_at(const struct phi_scan *s, size_t at)
{
	size_t from = at + 1, end = from;

	if (at == 0 || !local_byte(s->text[at - 1]) || end == s->len ||
	    !is_letter(s->text[end]))
		return false;
	while (end < s->len && domain_byte(s->text[end]))
		end++;
	for (; from < end; from++)
		if (s->text[from] == '.' && ends_name(s, from + 1, end))
			return true;
	return false;
}

static bool
find_email(const struct phi_scan *s)
{
	const unsigned char *p = s->text, *end = s->text + s->len;

	for (; (p = memchr(p, '@', (size_t)(end - p))) != NULL; p++)
		if (email_at(s, (size_t)(p - s->text)))
			return true;
	return false;
}

enum { UUID_LEN = 36 };

/* 8-4-4-4-12 hexadecimal digits: the id that most systems make (RFC 9562). */
static bool
is_uuid(const char *p)
{
	static const char form[] = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
	static const char kind[256] = {
		['0' ... '9'] = 'h', ['A' ... 'F'] = 'h', ['a' ... 'f'] = 'h', ['-'] = '-'
	};
	char differ = 0;

	if (p[8] != '-' || p[13] != '-')
		return false;
	for (size_t i = 0; i < UUID_LEN; i++)
		differ |= (char)(kind[(unsigned char)p[i]] ^ form[i]);
	return differ == 0;
}

/* What a value must have for some detector to find anything in it. */
enum { HAS_DIGIT = 1, HAS_AT = 2, HAS_COLON = 4 };

static unsigned
look(struct slice text)
{
	static const unsigned char has[256] = {
		['0' ... '9'] = HAS_DIGIT, ['@'] = HAS_AT, [':'] = HAS_COLON
	};
	const unsigned char *p = (const unsigned char *)text.p;
	unsigned found = 0;

	for (size_t i = 0; i < text.len; i++)
		found |= has[p[i]];
	return found;
}

/* The text without a UUID at its end, which is no part of anything before it. */
static struct slice
without_uuid(struct slice text)
{
	size_t rest = text.len - UUID_LEN;

	if (text.len < UUID_LEN || !is_uuid(text.p + rest))
		return text;
	if (rest > 0 &&
	    (is_letter((unsigned char)text.p[rest - 1]) ||
		is_digit((unsigned char)text.p[rest - 1])))
		return text;
	return (struct slice){ text.p, rest };
}

unsigned
phi_find(struct slice text)
{
	struct slice rest = without_uuid(text);
	unsigned has = look(rest), found = 0;
	struct phi_scan s;

	if (text.len > PHI_TEXT_MAX)
		return 0;
	s.text = (const unsigned char *)text.p;
	s.len = text.len;
	s.runs = 0;
	if ((has & HAS_DIGIT) != 0)
		find_runs(&s, rest.len);
	for (size_t i = 0; i < s.runs; i++)
		found |= phi_number_at(&s, i) | phi_label_at(&s, i);
	if ((has & HAS_AT) != 0 && find_email(&s))
		found |= BIT(PHI_EMAIL);
	if (((has & HAS_COLON) != 0 || rest.len >= PHI_BLOB_LEAST) && phi_blob(rest))
		found |= BIT(PHI_BLOB);
	return found;
}

enum phi
phi_rule(struct slice id)
{
	unsigned rule = 0;

	while (rule < PHI_RULES && !slice_is(id, phi_table[rule].rule))
		rule++;
	return (enum phi)rule;
}
