/* Regular expressions are PCRE2's, as Splunk's are: one flavour in both worlds. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "sigma/value.h"

enum { REGEX_MAX = 64 * 1024 }; /* bytes of pattern */

int
regex_check(struct slice text, const char *flags, const char **why)
{
	uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
	pcre2_code *code;
	int error;
	size_t offset;

	for (; *flags != '\0'; flags++)
		options |= *flags == 'i' ? PCRE2_CASELESS
		    : *flags == 'm'      ? PCRE2_MULTILINE
					 : PCRE2_DOTALL;
	if (text.len > REGEX_MAX) {
		*why = "a regular expression of more than 64 KiB";
		return -1;
	}
	code = pcre2_compile((PCRE2_SPTR)text.p, text.len, options, &error, &offset, NULL);
	if (code == NULL) {
		*why = "not a regular expression of PCRE2";
		return -1;
	}
	pcre2_code_free(code);
	return 0;
}
